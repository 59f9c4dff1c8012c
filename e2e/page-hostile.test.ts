import type { Browser, BrowserContext, Locator } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { http } from './harness/http.ts';
import { ChatPage, launch, newProfile } from './harness/page.ts';
import { type Program, startProgram } from './harness/program.ts';
import { settingsFor, startUpstream, type Upstream } from './harness/upstream.ts';
import { ATTACKS, BAD_ADDRESSES, BOMBS } from './hostile-texts.ts';

/** What models write is hostile: the real page and Worker, with an upstream that answers what a test says. */
let browser: Browser;
let upstream: Upstream;
let program: Program;
let context: BrowserContext;
let chat: ChatPage;
/** Origins that the page has asked for anything. */
let asked: Set<string>;

/** Names that change the order of what follows them, and look like HTML. */
const NAME = 'Ev\u202eil <img src=x onerror=window.harmed=1> **[x](javascript:1)**';

beforeAll(async () => {
  [browser, upstream] = await Promise.all([launch(), startUpstream()]);
  program = await startProgram({
    env: {
      ...settingsFor(upstream),
      DEFAULT_MODEL: 'claude-haiku-5-5',
      MODELS: JSON.stringify([{ id: 'claude-haiku-5-5', name: NAME, description: NAME }]),
    },
  });
});
beforeEachPage();
afterAll(async () => {
  await browser?.close();
  await program?.stop();
  await upstream?.close();
});

const violationsSchema = z.array(z.string());

function beforeEachPage(): void {
  beforeAll(async () => {
    context = await newProfile(browser);
    await context.addInitScript(`
      window.violations = [];
      document.addEventListener('securitypolicyviolation', (event) => violations.push(event.violatedDirective + ' ' + event.blockedURI));
    `);
    asked = new Set();
    context.on('request', (request) => asked.add(new URL(request.url()).origin));
    chat = await ChatPage.open(context, program.url);
  });
  afterEach(async () => {
    expect(await chat.page.evaluate("'harmed' in window")).toBe(false);
    expect([...asked].filter((origin) => origin !== program.url)).toEqual([]);
    const violations = z.parse(violationsSchema, await chat.page.evaluate('violations'));
    expect(violations, 'nothing even tried what the policy forbids').toEqual([]);
    expect(context.pages().length, 'no window was opened').toBe(1);
    expect(new URL(chat.page.url()).origin).toBe(program.url);
    expect(chat.complaints).toEqual([]);
  });
  afterAll(() => context?.close());
}

let turn = 0;
/** The page's rendering of a text that a model writes. */
async function written(text: string): Promise<Locator> {
  turn += 1;
  const word = `write ${turn} please`;
  upstream.on(word, (stream) => {
    stream.start();
    for (let at = 0; at < text.length; at += 8_000) stream.text(text.slice(at, at + 8_000));
    stream.end();
  });
  return chat.ask(word);
}

async function newChat(): Promise<void> {
  await chat.page.getByRole('button', { name: 'New chat' }).click();
  await chat.page.getByRole('main').getByRole('article').first().waitFor({ state: 'detached' });
}

/** Everything about the elements of answers that could do something. */
const INSPECT = `(() => {
  const found = [];
  const allowed = new Set('P BR HR H2 H3 STRONG EM DEL CODE PRE BLOCKQUOTE UL OL LI A TABLE THEAD TBODY TR TH TD DIV SPAN BUTTON'.split(' '));
  const attributes = new Set(['href', 'target', 'rel', 'class', 'start', 'type', 'tabindex']);
  for (const element of document.querySelectorAll('.markdown *')) {
    if (!allowed.has(element.tagName)) found.push(element.tagName);
    for (const { name, value } of element.attributes) {
      if (!attributes.has(name)) found.push(element.tagName + ' ' + name + '=' + value);
    }
    if (element.tagName === 'A') {
      if (!['http:', 'https:', 'mailto:'].includes(element.protocol)) found.push('address ' + element.href);
      if (element.rel !== 'noopener noreferrer' || element.target !== '_blank') found.push('rel ' + element.outerHTML);
    }
  }
  return found;
})()`;
const inspect = async (): Promise<string[]> => z.parse(violationsSchema, await chat.page.evaluate(INSPECT));

describe('attacks in an answer', () => {
  test('run nothing, fetch nothing and become no element that could, one by one', async () => {
    for (let at = 0; at < ATTACKS.length; at += 12) {
      await written(ATTACKS.slice(at, at + 12).join('\n\n'));
      expect(await inspect()).toEqual([]);
    }
    expect(await chat.page.getByRole('link', { name: 'bad link' }).count()).toBe(0);
    expect(await chat.page.getByText('bad link').count()).toBeGreaterThanOrEqual(BAD_ADDRESSES.length);
  });

  test('in one answer together, and cut at any place while they come', async () => {
    const text = ATTACKS.join('\n\n');
    turn += 1;
    const word = `write ${turn} please`;
    upstream.on(word, async (stream) => {
      stream.start();
      for (let at = 0; at < text.length; at += 97) {
        stream.text(text.slice(at, at + 97));
        await new Promise((resolve) => setTimeout(resolve, 4));
      }
      stream.end();
    });
    await chat.ask(word);
    expect(await inspect()).toEqual([]);
  });

  test('in thoughts', async () => {
    upstream.on('think it', (stream) => {
      stream.start();
      stream.thinking(ATTACKS.join('\n'));
      stream.text('Done.');
      stream.end();
    });
    const answer = await chat.ask('think it');
    await answer.locator('details summary').first().click();
    expect(await answer.locator('details p').first().textContent()).toContain('<script>');
    expect(await answer.locator('img, svg[onload], iframe, form, style, base').count()).toBe(0);
  });
});

describe('links', () => {
  const words = async (text: string) =>
    (await (await written(text)).locator('.markdown').textContent())?.trim();

  test('whose words name another host show where they lead', async () => {
    expect(await words('[netbox.dev](https://evil.example/a)')).toBe('netbox.dev (evil.example)');
    expect(await words('[https://net\u200bbox.dev/login](https://evil.example/a)')).toContain(
      '(evil.example)',
    );
    expect(await words('[n\u0435tbox.dev](https://netbox.dev/)')).toContain('(netbox.dev)');
    expect(await words('[NetBox](https://n\u0435tbox.dev/)')).toMatch(/\(xn--[a-z0-9-]+\.dev\)$/);
    expect(await words('[NetBox](https://netbox.dev@evil.example/)')).toBe('NetBox (evil.example)');
    expect(await words('[noc@netbox.dev](mailto:thief@evil.example)')).toBe('noc@netbox.dev (evil.example)');
  });

  test('that are what they say are left alone', async () => {
    expect(await words('[NetBox](https://netbox.dev/a)')).toBe('NetBox');
    expect(await words('https://netbox.dev/a.b/c')).toBe('https://netbox.dev/a.b/c');
    expect(await words('[netbox.dev](https://www.netbox.dev/)')).toBe('netbox.dev');
    expect(await words('[config.yaml](https://netbox.dev/x)')).toBe('config.yaml');
  });
});

describe('characters that deceive', () => {
  test('in code they are marked, stay in their place, and are copied as they are', async () => {
    const code = 'if admin\u202e { \u2066// check\u2069 \u2066 begin';
    const answer = await written(`\`\`\`js\n${code}\n\`\`\`\n\nand \`a\u202eb\``);
    const block = answer.locator('pre code');
    await expect.poll(() => block.locator('.hidden-char').count()).toBe(4);
    expect((await block.textContent())?.trim()).toBe(code);
    const mark = `getComputedStyle(document.querySelector('.hidden-char'), '::before').content`;
    expect(await chat.page.evaluate(mark)).toBe('"◆"');
    expect(await answer.locator('p code .hidden-char').count()).toBe(1);
  });

  test('in an answer they change the order of nothing outside it, and names have none', async () => {
    const answer = await written('First \u202e olleh\n\nSecond');
    expect(await answer.locator('.markdown p').count()).toBe(2);
    expect(await chat.chip.textContent()).toContain('Evil <img src=x');
    expect(await chat.page.locator('header img, footer img').count()).toBe(0);
    expect(await chat.page.locator('body').innerText()).not.toMatch(/Ev\u202e/);
  });
});

describe('bombs', () => {
  test.each(BOMBS)('%s: the page goes on, and the answer is there', async (_, text) => {
    const answer = await written(text);
    expect(await inspect()).toEqual([]);
    expect((await answer.locator('.markdown').textContent())?.length).toBeGreaterThan(0);
    const nodes = await answer.locator('.markdown *').count();
    expect(nodes).toBeLessThan(30_000);
    // It still does what a person wants, at once as far as a person can tell.
    await newChat();
    expect(await (await chat.ask('Still there?')).textContent()).toContain('You said: Still there?');
  });

  test('a long word and a wide table scroll in themselves, not the page', async () => {
    await chat.page.setViewportSize({ width: 390, height: 844 });
    const answer = await written(`${'x'.repeat(3_000)}\n\n\`${'y'.repeat(3_000)}\`\n\n${BOMBS[17]?.[1]}`);
    const widths = await chat.page.evaluate(
      `[document.querySelector('main section'), document.documentElement].map((e) => e.scrollWidth - e.clientWidth)`,
    );
    expect(widths).toEqual([0, 0]);
    expect(await answer.getByText(/^Shown are 5 of 5 rows/).count()).toBe(1);
    await chat.page.setViewportSize({ width: 1280, height: 860 });
  });
});

describe('where else the same text stands', () => {
  test('a question, its title, the history and a conversation that is read again', async () => {
    const question = `${ATTACKS[0]} \u202e ${ATTACKS[3]}`;
    upstream.on(ATTACKS[3] ?? '', (stream) => {
      stream.start();
      stream.text(ATTACKS.join('\n\n'));
      stream.end();
    });
    await newChat();
    await chat.ask(question);
    expect(await chat.page.title()).not.toContain('\u202e');
    await newChat();
    await chat.history();
    await chat.dialog
      .getByRole('button', { name: /^<script>/ })
      .first()
      .click();
    const answer = chat.answers.first();
    await answer.locator('.markdown h2').first().waitFor();
    expect(await inspect()).toEqual([]);
    expect(await chat.page.locator('main img, main iframe, main svg[onload]').count()).toBe(0);
  });

  test('H5: an export is a file, never a page', async () => {
    const session = z.parse(z.string(), await chat.page.evaluate("localStorage.getItem('chatbox.session')"));
    const headers = { Authorization: `Bearer ${session}` };
    const list = await http(program, '/conversations', { headers });
    const { conversations } = z.parse(
      z.object({ conversations: z.array(z.object({ id: z.string() })) }),
      list.json,
    );
    for (const format of ['markdown', 'json']) {
      const reply = await http(program, `/conversations/${conversations[0]?.id}?format=${format}`, {
        headers,
      });
      expect(reply.status).toBe(200);
      expect(reply.headers['content-disposition']).toMatch(/^attachment; filename="[\w. -]+"$/);
      expect(reply.headers['content-type']).toMatch(/^(text\/markdown|application\/json)/);
      expect(reply.headers['x-content-type-options']).toBe('nosniff');
      expect(reply.headers['content-security-policy']).toContain("default-src 'none'");
    }
  });

  test('H6: the policy of the page allows no inline script and no other origin', async () => {
    const policy = (await http(program, '/')).headers['content-security-policy'] ?? '';
    expect(policy).toMatch(/script-src 'self'(;|$)/);
    expect(policy).not.toMatch(/unsafe-|https?:|\*/);
  });
});
