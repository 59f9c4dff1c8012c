import * as z from 'zod/mini';

/** What the widget of the page is told to ask for; a token for another purpose is worth nothing here. */
export const TURNSTILE_ACTION = 'chat';

/** The longest that a token can be. (developers.cloudflare.com/turnstile/get-started/server-side-validation) */
export const TOKEN_CHARS = 2_048;

/** Siteverify answers in well under a second; a person waits for it. */
const PATIENCE_MS = 5_000;

const answerSchema = z.object({
  success: z.boolean(),
  hostname: z.optional(z.string()),
  action: z.optional(z.string()),
});

export type TurnstileQuestion = {
  token: string;
  secretKey: string;
  verifyUrl: string;
  /** Of the visitor; null where it is not known. */
  ip: string | null;
  /** Where the widget may have been shown. */
  hostnames: readonly string[];
  /** Turnstile's test keys answer with a host name of their own and no action; never so in a deployment. */
  isTestKey: boolean;
  fetch: typeof fetch;
};

/**
 * Asks Cloudflare about a token. Each is good once, for five minutes: Cloudflare counts that, a second use is `no`.
 * @returns `unknown` when no answer came that can be read; it counts as no
 */
export async function askTurnstile(question: TurnstileQuestion): Promise<'yes' | 'no' | 'unknown'> {
  const { token, secretKey, verifyUrl, ip, hostnames, isTestKey } = question;
  if (token === '' || token.length > TOKEN_CHARS) return 'no';
  const form = new URLSearchParams({ secret: secretKey, response: token });
  if (ip !== null) form.set('remoteip', ip);
  let answer: z.infer<typeof answerSchema>;
  try {
    const response = await question.fetch(verifyUrl, {
      method: 'POST',
      body: form,
      redirect: 'manual',
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    answer = z.parse(answerSchema, await response.json());
  } catch {
    return 'unknown';
  }
  if (!answer.success) return 'no';
  if (isTestKey) return 'yes';
  const isForUs = hostnames.includes(answer.hostname ?? '') && answer.action === TURNSTILE_ACTION;
  return isForUs ? 'yes' : 'no';
}
