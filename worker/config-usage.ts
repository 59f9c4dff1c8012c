import * as z from 'zod/mini';

/** Settings that say who runs a deployment, and so may see what all of it has used. */
export const usageSettings = {
  /** It goes into a header: signs and letters of ASCII, no space. Sixteen random ones are not guessed. */
  OPERATOR_TOKEN: z._default(
    z
      .string()
      .check(
        z.regex(
          /^[!-~]{16,512}$/,
          'must have at least 16 characters, without spaces or letters beyond ASCII',
        ),
      ),
    '',
  ),
  /** With `ACCESS_MODE=cloudflare-access`. */
  OPERATOR_EMAILS: z._default(z.string(), ''),
};

type UsageValues = z.infer<z.ZodMiniObject<typeof usageSettings>> & { ACCESS_MODE: string };

export type OperatorSettings = {
  /** Empty: none. */
  token: string;
  /** In small letters. */
  emails: readonly string[];
};

/** @param warnings gets what is wrong with single entries, by their place: an address is somebody's name */
export function readOperator(values: UsageValues, warnings: string[]): OperatorSettings {
  const emails: string[] = [];
  const entries = values.OPERATOR_EMAILS.split(/[\s,]+/).filter((entry) => entry !== '');
  for (const [index, entry] of entries.entries()) {
    if (/^[^@]+@[^@]+$/.test(entry)) emails.push(entry.toLowerCase());
    else warnings.push(`OPERATOR_EMAILS: entry ${index + 1} is no e-mail address: it is left out.`);
  }
  if (entries.length > 0 && values.ACCESS_MODE !== 'cloudflare-access') {
    warnings.push(
      'OPERATOR_EMAILS has no effect without ACCESS_MODE=cloudflare-access, which alone knows addresses: set OPERATOR_TOKEN instead.',
    );
  }
  return { token: values.OPERATOR_TOKEN, emails };
}
