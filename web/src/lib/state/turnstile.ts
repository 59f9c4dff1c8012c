import * as z from 'zod/mini';

const SCRIPT = 'https://challenges.cloudflare.com/turnstile/v0/api.js?render=explicit';
/** What the server expects a token to be for. */
const ACTION = 'chat';

/** What is used of Turnstile's own object (developers.cloudflare.com/turnstile/get-started/client-side-rendering). */
type Turnstile = {
  render(
    container: HTMLElement,
    options: {
      sitekey: string;
      action: string;
      theme: 'auto' | 'light' | 'dark';
      size: 'flexible';
      retry: 'auto';
      'refresh-expired': 'auto';
      'response-field': false;
      callback: (token: string) => void;
      'error-callback': () => true;
    },
  ): string | undefined;
  remove(id: string): void;
};

const turnstileSchema = z.object({
  turnstile: z.custom<Turnstile>(
    (value) => typeof value === 'object' && value !== null && 'render' in value && 'remove' in value,
  ),
});

function loadScript(): Promise<void> {
  return new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.src = SCRIPT;
    script.async = true;
    script.onload = () => resolve();
    script.onerror = () => {
      script.remove();
      reject(new Error('Turnstile did not load.'));
    };
    document.head.append(script);
  });
}

export type Widget = { remove: () => void };

/**
 * Puts Turnstile's widget into `container`. Its script is fetched here and nowhere else: only a deployment that is open
 * to everybody lets this page load anything from another origin.
 */
export async function loadTurnstile(
  container: HTMLElement,
  siteKey: string,
  on: { token: (token: string) => void; failed: () => void },
): Promise<Widget | null> {
  try {
    if (!('turnstile' in window)) await loadScript();
    const { turnstile } = z.parse(turnstileSchema, window);
    const chosen = document.documentElement.dataset.theme;
    const id = turnstile.render(container, {
      sitekey: siteKey,
      action: ACTION,
      theme: chosen === 'light' || chosen === 'dark' ? chosen : 'auto',
      size: 'flexible',
      retry: 'auto',
      'refresh-expired': 'auto',
      'response-field': false,
      callback: on.token,
      'error-callback': () => {
        on.failed();
        return true;
      },
    });
    return id === undefined ? null : { remove: () => turnstile.remove(id) };
  } catch {
    on.failed();
    return null;
  }
}
