import { createServer, type Server } from 'node:http';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { formatPassphrase, hashPassphrase } from '../worker/guard/passphrase.ts';
import { ChatPage, launch, newProfile } from './harness/page.ts';
import { type Program, startProgram } from './harness/program.ts';
import { settingsFor, startUpstream, type Upstream } from './harness/upstream.ts';

/** Signing in as a person does, and the chat around it: the real page, the real Worker, the upstreams at the edge. */
let browser: Browser;
let upstream: Upstream;
let program: Program;
let context: BrowserContext;

const entry = async (name: string, text: string) =>
  formatPassphrase(await hashPassphrase(name, text, crypto.getRandomValues(new Uint8Array(16))));

/** Another program with a storage of its own. */
async function restart(env: Record<string, string>): Promise<void> {
  await program?.stop();
  program = await startProgram({ env: { ...settingsFor(upstream), ...env } });
}

beforeAll(async () => {
  [browser, upstream] = await Promise.all([launch(), startUpstream()]);
});
afterEach(() => context?.close());
afterAll(async () => {
  await browser?.close();
  await program?.stop();
  await upstream?.close();
});

/** A page that is told to sign in; a refused sign-in is the test's own wish and no complaint. */
async function stranger(): Promise<ChatPage> {
  context = await newProfile(browser);
  const chat = new ChatPage(await context.newPage());
  await chat.page.goto(program.url);
  return chat;
}

const field = (page: Page) => page.getByLabel('Passphrase', { exact: true });
const heading = (page: Page, name: string) => page.getByRole('heading', { name });
const complaints = (chat: ChatPage) => chat.complaints.filter((text) => !/status of (401|429)/.test(text));

async function signIn(chat: ChatPage, passphrase: string): Promise<void> {
  await field(chat.page).fill(passphrase);
  await field(chat.page).press('Enter');
}

async function settings(chat: ChatPage): Promise<void> {
  await chat.dismissNotices();
  await chat.page.getByRole('button', { name: 'History' }).click();
  await chat.dialog.getByText('Signed in as').waitFor();
}

describe('password', () => {
  beforeAll(async () => {
    await restart({
      ACCESS_MODE: 'password',
      ACCESS_PASSPHRASES: [await entry('alice', 'open sesame'), await entry('bob', 'shut sesame')].join(','),
      DAILY_BUDGET_USD: '2',
    });
  });

  test('a wrong passphrase is said so, the right one leads to the chat, which Enter and focus know', async () => {
    const chat = await stranger();
    const { page } = chat;
    await heading(page, 'Please sign in').waitFor();
    await page.locator('#passphrase:focus').waitFor();
    expect(await field(page).getAttribute('type')).toBe('password');
    expect(await field(page).getAttribute('autocomplete')).toBe('current-password');
    expect(await page.locator('input[autocomplete=username]').inputValue()).not.toBe('');
    await signIn(chat, 'closed sesame');
    await page.getByText('This passphrase is not right.').first().waitFor();
    expect(await field(page).getAttribute('aria-invalid')).toBe('true');
    await page.getByRole('button', { name: 'Show the passphrase' }).click();
    expect(await field(page).getAttribute('type')).toBe('text');
    await signIn(chat, 'open sesame');
    await chat.ready();
    await page.locator('#composer:focus').waitFor();
    expect(await (await chat.ask('Let me in')).textContent()).toContain('You said: Let me in');
    await settings(chat);
    expect(await chat.dialog.textContent()).toMatch(/\$[12]\.\d\d of \$2\.00 left today, back at \d\d:\d\d/);
    expect(await chat.accessibilityFaults()).toEqual([]);
    expect(complaints(chat)).toEqual([]);
  });

  test('a sign-in that ends in the middle: the chat goes on where it was, and what is written stays', async () => {
    const chat = await stranger();
    await signIn(chat, 'open sesame');
    await chat.ready();
    await chat.ask('Before the end');
    await chat.composer.fill('Half a thought');
    await context.clearCookies();
    // The network comes back, and with it the question who this is.
    await chat.page.evaluate("window.dispatchEvent(new Event('online'))");
    await heading(chat.page, 'Please sign in').waitFor();
    expect(await chat.page.getByText('Before the end').count()).toBe(0);
    expect(await chat.page.title()).toBe('NetBox Chatbox');
    await signIn(chat, 'open sesame');
    await chat.ready();
    await expect.poll(() => chat.answers.count()).toBe(1);
    expect(await chat.composer.inputValue()).toBe('Half a thought');
    await chat.page.reload();
    await chat.ready();
    expect(await chat.composer.inputValue()).toBe('Half a thought');
    expect(await chat.answers.count()).toBe(1);
  });

  test('after signing out nothing is shown; somebody else does not see the chat, and its owner does', async () => {
    const chat = await stranger();
    await signIn(chat, 'open sesame');
    await chat.ready();
    await chat.ask('A secret of Alice');
    await chat.composer.fill('And another');
    await settings(chat);
    await chat.dialog.getByRole('button', { name: 'Sign out' }).click();
    await heading(chat.page, 'Please sign in').waitFor();
    expect(await chat.page.getByText('A secret of Alice').count()).toBe(0);
    await signIn(chat, 'shut sesame');
    await chat.ready();
    await settings(chat);
    expect(await chat.dialog.getByText('Signed in as').textContent()).toContain('bob');
    expect(await chat.page.getByText('A secret of Alice').count()).toBe(0);
    expect(await chat.composer.inputValue()).toBe('');
    await chat.dialog.getByRole('button', { name: 'Sign out' }).click();
    await signIn(chat, 'open sesame');
    await chat.ready();
    await chat.answers.filter({ hasText: 'A secret of Alice' }).waitFor();
  });

  test('another tab signs in: this one follows when it is looked at', async () => {
    const chat = await stranger();
    await field(chat.page).waitFor();
    const other = new ChatPage(await context.newPage());
    await other.page.goto(program.url);
    await signIn(other, 'open sesame');
    await other.ready();
    await chat.page.evaluate("window.dispatchEvent(new Event('focus'))");
    await chat.ready();
  });

  test('over plain HTTP it is the same', async () => {
    context = await newProfile(browser);
    await context.addInitScript('delete window.WebSocket');
    const chat = new ChatPage(await context.newPage());
    await chat.page.goto(program.url);
    await signIn(chat, 'open sesame');
    await chat.page.getByTitle(/^Connected over HTTP/).waitFor();
    expect(await (await chat.ask('Without a socket')).textContent()).toContain('You said: Without a socket');
  });

  test('too many attempts: it says when to try again, and counts', async () => {
    const chat = await stranger();
    await field(chat.page).waitFor();
    let status = 401;
    for (let n = 0; n < 11 && status === 401; n += 1) {
      const reply = chat.page.waitForResponse(/\/sign-in$/);
      await signIn(chat, `guess ${n}`);
      status = (await reply).status();
      await chat.page.getByRole('button', { name: 'Sign in', exact: true }).waitFor();
    }
    expect(status).toBe(429);
    const wait = chat.page.locator('#passphrase-problem');
    await expect.poll(() => wait.textContent()).toMatch(/Try again in 1[45]\smin/);
    const first = await wait.textContent();
    await expect.poll(() => wait.textContent(), { timeout: 5_000 }).not.toBe(first);
    const button = chat.page.getByRole('button', { name: 'Sign in', exact: true });
    expect(await button.getAttribute('aria-disabled')).toBe('true');
  });
});

describe('open', () => {
  const servers: Server[] = [];
  afterAll(() => {
    for (const server of servers) server.close();
  });

  test('H6: only here Turnstile may be loaded; its token opens the chat', async () => {
    await restart({});
    const closedPolicy = (await fetch(program.url)).headers.get('content-security-policy');
    expect(closedPolicy).not.toContain('challenges.cloudflare.com');
    const verify = createServer((_, response) =>
      response
        .setHeader('content-type', 'application/json')
        .end(JSON.stringify({ success: true, hostname: 'localhost', action: 'chat' })),
    );
    servers.push(verify);
    await new Promise<void>((done) => verify.listen(0, '127.0.0.1', done));
    const address = verify.address();
    await restart({
      ACCESS_MODE: 'open',
      TURNSTILE_SITE_KEY: '0x4AAAAAAAsite',
      TURNSTILE_SECRET_KEY: '0x4AAAAAAAsecret',
      TURNSTILE_VERIFY_URL: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`,
      DAILY_BUDGET_USD: '5',
    });
    const policy = (await fetch(program.url)).headers.get('content-security-policy') ?? '';
    expect(policy).toContain("script-src 'self' https://challenges.cloudflare.com;");
    expect(policy).not.toContain('unsafe');
    context = await newProfile(browser);
    await context.route('https://challenges.cloudflare.com/**', (route) =>
      route.fulfill({
        contentType: 'text/javascript',
        body: `window.turnstile = {
          render(box, options) {
            window.asked = { sitekey: options.sitekey, action: options.action };
            setTimeout(() => options.callback('a token'), 50);
            return 'w';
          },
          remove() {},
        };`,
      }),
    );
    const chat = new ChatPage(await context.newPage());
    await chat.page.goto(program.url);
    await chat.ready();
    expect(await chat.page.evaluate('window.asked')).toEqual({ sitekey: '0x4AAAAAAAsite', action: 'chat' });
    expect(await (await chat.ask('No robot')).textContent()).toContain('You said: No robot');
    expect(chat.complaints).toEqual([]);
  });

  test('a widget that does not load is said so, with a way to try again', async () => {
    context = await newProfile(browser);
    await context.route('https://challenges.cloudflare.com/**', (route) => route.abort());
    const chat = new ChatPage(await context.newPage());
    await chat.page.goto(program.url);
    await chat.page.getByText('The check could not be made.').first().waitFor();
    await chat.page.getByRole('button', { name: 'Try again' }).waitFor();
  });
});

test('closed: the page says what to set', async () => {
  await restart({ ACCESS_MODE: 'password' });
  const chat = await stranger();
  await heading(chat.page, 'This chat is not set up yet').waitFor();
  await chat.page.getByText('ACCESS_PASSPHRASES').waitFor();
});

describe('money and rates', () => {
  beforeAll(async () => {
    // With Opus the longest answer is held to cost $0.0175, and a short question at most half a cent.
    await restart({
      DEFAULT_MODEL: 'claude-opus-5-5',
      DAILY_BUDGET_USD: '0.021',
      MAX_OUTPUT_TOKENS: '700',
      TURNS_PER_MINUTE: '2',
    });
  });

  test('over a rate a message waits, and is offered again when its time has come', async () => {
    context = await newProfile(browser);
    const chat = await ChatPage.open(context, program.url);
    expect(await chat.page.getByText('left today').count()).toBe(0);
    await chat.ask('One');
    await chat.ask('Two');
    await chat.send('Three');
    await chat.page.getByText(/^It can be sent again in \d+/).waitFor();
    expect(await chat.page.locator('button', { hasText: 'Try again' }).isDisabled()).toBe(true);
  });

  test('what is left is shown when it gets little; when it is gone, when it comes back', async () => {
    upstream.on('hold', (stream) => {
      stream.start();
      stream.text('A beginning.');
    });
    context = await newProfile(browser);
    const first = await ChatPage.open(context, program.url);
    await first.send('hold');
    await first.answers.filter({ hasText: 'A beginning.' }).waitFor();
    const others = await newProfile(browser);
    const other = await ChatPage.open(others, program.url);
    await other.page.getByText(/^less than \$0\.01 of \$0\.02 left today, back at \d\d:\d\d$/).waitFor();
    await other.send(`hold ${'word '.repeat(3_000)}`);
    await other.page.getByText('Not sent: The spending limit is reached.').waitFor();
    await other.page.getByText(/^On your clock that is \d\d:\d\d\.$/).waitFor();
    await other.page.getByText(/^Today’s spending limit leaves too little .* anew at \d\d:\d\d\.$/).waitFor();
    expect(await other.accessibilityFaults()).toEqual([]);
    await others.close();
  });
});
