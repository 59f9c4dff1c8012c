import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { type Access, parseClientFrame } from '../shared/index.ts';
import { withTurnstile } from '../worker/routes/page-policy.ts';
import { STATES, type State } from './states.ts';
import { MODELS } from './states-world.ts';

/**
 * Brings the built page into every state worth looking at and takes a picture of each:
 * `node e2e/gallery.ts [name ...]` after a build of the page. Pictures land in `.cache/gallery/`.
 * No server runs: every request of the page is answered here.
 */
const ROOT = join(import.meta.dirname, '..');
const BUILD = join(ROOT, 'web/build');
const OUT = join(ROOT, '.cache/gallery');
/** Nothing listens there: every request is answered by `serveState`. */
export const ORIGIN = 'http://localhost:23999';
const STILL = `(async () => {
  do await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  while (document.getAnimations().some((animation) => animation.playState === 'running'));
})()`;
const TURNSTILE = `window.turnstile = {
  render(box, options) {
    const sign = document.createElement('p');
    sign.textContent = 'Verifying…';
    sign.style.cssText = 'border: 1px solid gray; padding: 1rem; margin: 0';
    box.append(sign);
    return 'w1';
  },
  remove() {},
};`;
/** Nobody signs in. */
const LOCAL_ACCESS: Access = {
  mode: 'local',
  signed_in: true,
  name: null,
  turnstile_site_key: null,
  message: null,
  budget: null,
};
const POLICY = /Content-Security-Policy: (.+)/;
const TYPES: Record<string, string> = {
  js: 'text/javascript',
  css: 'text/css',
  svg: 'image/svg+xml',
  json: 'application/json',
};

/** Answers all requests of a page as the state wants it. */
export async function serveState(page: Page, state: State): Promise<void> {
  let sockets = 0;
  await page.routeWebSocket(/\/ws/, (socket) => {
    sockets += 1;
    // After a scripted loss nobody answers: the page stays in "reconnecting".
    if (sockets > 1 && state.close?.code === 1006) return void socket.close({ code: 1011, reason: 'down' });
    for (const frame of state.frames) {
      socket.send(JSON.stringify(frame.type === 'session' ? { ...frame, ...state.extra } : frame));
    }
    const { answers, close } = state;
    socket.onMessage((message) => {
      const parsed = parseClientFrame(String(message));
      if (!answers || !parsed.ok || !('client_id' in parsed.frame)) return;
      socket.send(JSON.stringify({ ...answers, client_id: parsed.frame.client_id }));
    });
    if (close)
      setTimeout(
        () => void socket.close({ code: close.code === 1006 ? 1011 : close.code, reason: close.reason }),
        50,
      );
  });
  // What stands in for Turnstile draws its box and waits.
  await page.route('https://challenges.cloudflare.com/**', (route) =>
    route.fulfill({ contentType: 'text/javascript', body: TURNSTILE }),
  );
  await page.route(`${ORIGIN}/**`, async (route) => {
    const { pathname } = new URL(route.request().url());
    if (pathname === '/models') {
      if (state.notConfigured) {
        const error = { code: 'not_configured', message: state.notConfigured, request_id: 'r' };
        return route.fulfill({ status: 503, json: { error } });
      }
      return route.fulfill({ json: state.models ?? MODELS });
    }
    if (pathname === '/access') return route.fulfill({ json: state.access ?? LOCAL_ACCESS });
    if (pathname === '/sign-in') {
      const { status, json, headers } = state.signIn ?? { status: 204 };
      return route.fulfill({ status, ...(json ? { json } : {}), ...(headers ? { headers } : {}) });
    }
    if (pathname === '/links') {
      const expires_at = new Date(Date.now() + 600_000).toISOString();
      return route.fulfill({ status: 201, json: { code: 'kJ3vN8xQ2mTzR5wB7yLc1g', expires_at } });
    }
    if (pathname.startsWith('/conversations/') && state.archived === undefined) {
      const error = { code: 'internal', message: 'The server answered 500.', request_id: 'r' };
      return route.fulfill({ status: 500, json: { error } });
    }
    if (pathname.startsWith('/conversations/'))
      return route.fulfill({ json: { conversation: state.archived } });
    if (pathname === '/conversations') return route.fulfill({ json: { conversations: [], next: null } });
    const file = pathname === '/' ? 'index.html' : pathname.slice(1);
    const contentType = TYPES[file.split('.').at(-1) ?? ''] ?? 'text/html';
    const policy = POLICY.exec(readFileSync(join(BUILD, '_headers'), 'utf8'))?.[1] ?? '';
    const isOpen = state.access?.mode === 'open';
    const headers = { 'content-security-policy': isOpen ? withTurnstile(policy) : policy };
    return route.fulfill({ body: readFileSync(join(BUILD, file)), contentType, headers });
  });
}

/** Waits until nothing moves any more; with reduced motion that is soon. */
export async function settle(page: Page): Promise<void> {
  await page.evaluate(STILL);
}

/** Opens the page in a state; what the console complains about comes back. */
export async function openState(
  browser: Browser,
  state: State,
  view: { width: number; height: number; dark: boolean },
): Promise<{ page: Page; complaints: string[] }> {
  const context = await browser.newContext({
    viewport: { width: view.width, height: view.height },
    colorScheme: view.dark ? 'dark' : 'light',
    reducedMotion: 'reduce',
    deviceScaleFactor: 1,
    isMobile: view.width < 600,
    hasTouch: view.width < 600,
    locale: 'en-GB',
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    // A status that the state itself asks for is no fault of the page.
    const expected = state.refused !== undefined && message.text().includes(String(state.refused));
    if ((message.type() === 'error' || message.type() === 'warning') && !expected)
      complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  await serveState(page, state);
  await page.goto(`${ORIGIN}/`);
  await page.locator('h1').waitFor({ state: 'attached' });
  // Rendered, not only answered: markdown comes after the first paint.
  await page.locator('main h2, main article').first().waitFor();
  await page.locator('.markdown > .plain').first().waitFor({ state: 'detached' });
  await state.act?.(page);
  await settle(page);
  return { page, complaints };
}

async function main(names: string[]): Promise<void> {
  mkdirSync(OUT, { recursive: true });
  const browser = await chromium.launch({
    executablePath: process.env.CHROME_PATH ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  });
  const views = [
    { name: '1280-light', width: 1280, height: 860, dark: false },
    { name: '390-dark', width: 390, height: 844, dark: true },
    { name: '1280-dark', width: 1280, height: 860, dark: true },
    { name: '390-light', width: 390, height: 844, dark: false },
  ].slice(0, process.env.GALLERY_VIEWS ? Number(process.env.GALLERY_VIEWS) : 4);
  try {
    for (const state of STATES.filter((entry) => names.length === 0 || names.includes(entry.name))) {
      for (const view of views) {
        const { page, complaints } = await openState(browser, state, view);
        // Colours of code arrive last.
        await page.waitForLoadState('networkidle');
        await page.screenshot({ path: join(OUT, `${state.name}-${view.name}.png`) });
        for (const complaint of new Set(complaints)) console.log(`${state.name} ${view.name}: ${complaint}`);
        await page.context().close();
      }
    }
  } finally {
    await browser.close();
  }
}

if (import.meta.main) await main(process.argv.slice(2));
