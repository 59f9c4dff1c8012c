import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Network, startNetwork } from './harness/network.ts';
import { ChatPage, launch, newProfile } from './harness/page.ts';
import { type Program, startProgram } from './harness/program.ts';
import { type Stream, settingsFor, startUpstream, type Upstream } from './harness/upstream.ts';

/** The page behind networks that block, freeze and break what it opens; program and browser are real. */
let browser: Browser;
let upstream: Upstream;
let program: Program;
let network: Network;
const profiles: BrowserContext[] = [];

beforeAll(async () => {
  upstream = await startUpstream();
  [browser, program] = await Promise.all([launch(), startProgram({ env: settingsFor(upstream) })]);
});
beforeEach(async () => {
  network = await startNetwork(program.port);
});
afterEach(async () => {
  for (const profile of profiles.splice(0)) await profile.close();
  await network.close();
});
afterAll(async () => {
  await browser?.close();
  await program?.stop();
  await upstream?.close();
});

async function device(): Promise<BrowserContext> {
  const context = await newProfile(browser);
  profiles.push(context);
  return context;
}

async function open(): Promise<ChatPage> {
  return ChatPage.open(await device(), network.url);
}

/** An answer that a test writes piece by piece. */
function scripted(word: string): Promise<Stream> {
  return new Promise((resolve) => upstream.on(word, (stream) => resolve(stream)));
}

const mine = (chat: ChatPage) => chat.page.getByRole('article', { name: 'You' });
const overHttp = (chat: ChatPage) => chat.page.getByTitle('Connected over HTTP').waitFor();
const overSocket = (chat: ChatPage) => chat.page.getByTitle('Connected', { exact: true }).waitFor();
const streams = () => network.seen.filter((line) => line.includes(' /stream'));
const upgrades = () => network.seen.filter((line) => line.startsWith('UPGRADE'));

/** As if the person had looked at something else meanwhile. */
async function comeBack(page: Page): Promise<void> {
  await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))");
}

/** Notes every text that the answer's element had, as the person would see it. */
async function watchTexts(page: Page): Promise<() => Promise<string[]>> {
  await page.evaluate(`{
    window.texts = [];
    const look = () => {
      const text = [...document.querySelectorAll('article.answer .markdown')].map((one) => one.innerText).join('|');
      if (text !== window.texts.at(-1)) window.texts.push(text);
      requestAnimationFrame(look);
    };
    look();
  }`);
  return async () => {
    const texts: unknown = await page.evaluate('window.texts');
    return Array.isArray(texts) ? texts.map(String) : [];
  };
}

function isGrowing(texts: string[]): boolean {
  return texts.every((text, index) => index === 0 || text.startsWith(texts[index - 1]?.trimEnd() ?? ''));
}

describe('where WebSockets are blocked', () => {
  test.each(['refuse', 'swallow'] as const)(
    'H9: "%s": the chat goes on over HTTP, and says so',
    async (weather) => {
      network.weather = weather;
      const chat = await open();
      await overHttp(chat);
      await chat.page.getByText('WebSockets are blocked here').first().waitFor();
      const answer = await chat.ask('Hello over HTTP');
      expect(await answer.innerText()).toContain('You said: Hello over HTTP');
      expect(network.seen.filter((line) => line === 'POST /frames')).toHaveLength(1);
      expect(network.seen.filter((line) => line === 'POST /sessions')).toHaveLength(1);
    },
  );

  test('a reload does not try again what was blocked; when it is free, the page finds back by itself', async () => {
    network.weather = 'refuse';
    const chat = await open();
    await overHttp(chat);
    await chat.ask('Keep this');
    const tried = upgrades().length;
    await chat.page.reload();
    await overHttp(chat);
    expect(upgrades()).toHaveLength(tried);
    expect(await mine(chat).innerText()).toContain('Keep this');
    network.weather = 'open';
    await overSocket(chat);
    const answer = await chat.ask('Over a socket');
    expect(await answer.innerText()).toContain('You said: Over a socket');
    expect(await mine(chat).count()).toBe(2);
  });

  test('R2: a stream that breaks comes back with its cursor, and the text is whole', async () => {
    network.weather = 'refuse';
    const chat = await open();
    await overHttp(chat);
    const asked = scripted('Break the stream');
    await chat.send('Break the stream');
    const stream = await asked;
    stream.start();
    stream.text('One, two, ');
    await chat.answers.getByText('One, two,').waitFor();
    const texts = await watchTexts(chat.page);
    const before = streams().length;
    network.cut();
    stream.text('three, ');
    stream.text('four.');
    stream.end();
    await chat.finished(chat.answers.first());
    expect(await chat.answers.first().innerText()).toContain('One, two, three, four.');
    expect(isGrowing(await texts())).toBe(true);
    expect(streams().at(before)).toMatch(/\?conversation=.+&after=\d+$/);
  });

  test('a stream without its comments is replaced', async () => {
    network.weather = 'refuse';
    const context = await device();
    const chat = new ChatPage(await context.newPage());
    await chat.page.clock.install();
    await chat.page.goto(network.url);
    await overHttp(chat);
    const before = streams().length;
    network.freeze();
    await chat.page.clock.runFor(25_500);
    await expect.poll(() => streams().length, { timeout: 10_000 }).toBeGreaterThan(before);
    await overHttp(chat);
    const answer = await chat.ask('After the frost');
    expect(await answer.innerText()).toContain('You said: After the frost');
  });

  test('R4: a tab over HTTP and one over a socket are in step', async () => {
    const context = await device();
    const socket = await ChatPage.open(context, network.url);
    network.weather = 'refuse';
    const http = await ChatPage.open(context, network.url);
    await overHttp(http);
    await http.ask('From the one');
    await socket.answers.getByText('You said: From the one').waitFor();
    await socket.ask('From the other');
    await http.answers.getByText('You said: From the other').waitFor();
  });

  test('H5: a session that is gone is told in the same words as over a socket', async () => {
    network.weather = 'refuse';
    const chat = await open();
    await overHttp(chat);
    await chat.ask('To be lost');
    await chat.page.evaluate("localStorage.setItem('chatbox.session', 'f'.repeat(64))");
    await chat.page.reload();
    await chat.page.getByText('Your earlier session is gone').first().waitFor();
    await overHttp(chat);
    expect(await mine(chat).count()).toBe(0);
  });
});

describe('a dead connection', () => {
  test('a frozen socket is replaced when the person comes back, in the middle of an answer', async () => {
    const chat = await open();
    const asked = scripted('Freeze');
    await chat.send('Freeze');
    const stream = await asked;
    stream.start();
    stream.text('Before the frost, ');
    await chat.answers.getByText('Before the frost,').waitFor();
    const texts = await watchTexts(chat.page);
    network.freeze();
    stream.text('during it, ');
    const before = upgrades().length;
    await comeBack(chat.page);
    await expect.poll(() => upgrades().length, { timeout: 10_000 }).toBe(before + 1);
    stream.text('and after it.');
    stream.end();
    await chat.finished(chat.answers.first());
    expect(await chat.answers.first().innerText()).toContain('Before the frost, during it, and after it.');
    expect(isGrowing(await texts())).toBe(true);
  });

  test('a frozen socket is noticed without any person, by its pong', async () => {
    const context = await device();
    const chat = new ChatPage(await context.newPage());
    await chat.page.clock.install();
    await chat.page.goto(network.url);
    await overSocket(chat);
    network.freeze();
    const before = upgrades().length;
    await chat.page.clock.runFor(30_500);
    await expect.poll(() => upgrades().length, { timeout: 10_000 }).toBeGreaterThan(before);
    await overSocket(chat);
  });

  test('a socket that lives is not replaced when the person comes back', async () => {
    const chat = await open();
    const before = upgrades().length;
    await comeBack(chat.page);
    await chat.ask('Still the same');
    await comeBack(chat.page);
    await chat.ask('And still');
    expect(upgrades()).toHaveLength(before);
  });

  test('a server that is down is not stormed, is no proxy’s fault, and is found at once on "online"', async () => {
    const chat = await open();
    network.weather = 'down';
    network.cut();
    await chat.page.getByText('Connection lost. Reconnecting').waitFor();
    network.seen.length = 0;
    await new Promise((resolve) => setTimeout(resolve, 5_000));
    expect(upgrades().length).toBeLessThan(10);
    expect(streams()).toEqual([]);
    network.weather = 'open';
    await chat.page.evaluate("window.dispatchEvent(new Event('online'))");
    await overSocket(chat);
  });
});

describe('the outbox', () => {
  test('C1: what was written without a line, also before a reload, goes out once and in order', async () => {
    const chat = await open();
    network.weather = 'down';
    network.cut();
    await chat.page.getByTitle('Reconnecting').waitFor();
    await chat.send('First of two');
    await chat.page.getByText('Waits for the connection').waitFor();
    await chat.page.reload();
    await chat.page.getByText('No connection yet').waitFor();
    await mine(chat).getByText('First of two').waitFor();
    network.weather = 'open';
    await chat.page.getByRole('button', { name: 'Try now' }).click();
    await chat.answers.getByText('You said: First of two').waitFor();
    network.weather = 'down';
    network.cut();
    await chat.page.getByTitle('Reconnecting').waitFor();
    await chat.send('Second');
    await chat.send('Third');
    await chat.send('Fourth, or rather not');
    await mine(chat).filter({ hasText: 'Fourth' }).getByRole('button', { name: 'Take back' }).click();
    expect(await chat.composer.inputValue()).toBe('Fourth, or rather not');
    expect(await chat.page.getByText('Waits for the connection').count()).toBe(2);
    network.weather = 'open';
    await chat.page.getByRole('button', { name: 'Try now' }).click();
    await chat.answers.getByText('You said: Third').waitFor();
    await chat.finished(chat.answers.nth(2));
    expect(await mine(chat).allInnerTexts()).toEqual([
      expect.stringContaining('First of two'),
      expect.stringContaining('Second'),
      expect.stringContaining('Third'),
    ]);
    const questions = upstream.asked.map(({ question }) => question);
    for (const text of ['First of two', 'Second', 'Third']) {
      expect(questions.filter((question) => question === text)).toHaveLength(1);
    }
    await chat.page.reload();
    await chat.ready();
    expect(await mine(chat).count()).toBe(3);
    expect(await chat.answers.count()).toBe(3);
  });

  test('C1: an accepted message whose S2 was lost is not shown twice after a reload, and not asked twice', async () => {
    const chat = await open();
    const asked = scripted('Lost S2');
    network.freeze();
    await chat.send('Lost S2');
    const stream = await asked;
    // The repeated S2 takes its time, so that what is shown until then can be seen.
    const held: (() => void)[] = [];
    await chat.page.routeWebSocket(/\/ws/, (socket) => {
      const server = socket.connectToServer();
      server.onMessage((message) => {
        if (String(message).includes('"message_accepted"')) held.push(() => socket.send(message));
        else socket.send(message);
      });
    });
    await chat.page.reload();
    await chat.ready();
    await chat.page.getByRole('button', { name: 'Stop the answer' }).waitFor();
    await expect.poll(() => held.length).toBe(1);
    expect(await mine(chat).count()).toBe(1);
    held[0]?.();
    stream.start();
    stream.text('Asked once.');
    stream.end();
    await chat.answers.getByText('Asked once.').waitFor();
    await chat.finished(chat.answers.first());
    expect(await mine(chat).count()).toBe(1);
    expect(upstream.asked.filter(({ question }) => question === 'Lost S2')).toHaveLength(1);
    expect(await chat.page.evaluate("sessionStorage.getItem('chatbox.outbox')")).toBeNull();
  });

  /** While an answer runs, the other tab's included, Enter sends nothing and the text stays. */
  const enter = (chat: ChatPage) =>
    expect
      .poll(async () => {
        await chat.composer.press('Enter');
        return chat.composer.inputValue();
      })
      .toBe('');

  test('R7: of messages that two tabs send at once, one waits for its turn, and none fails', async () => {
    const context = await device();
    const one = await ChatPage.open(context, network.url);
    const other = await ChatPage.open(context, network.url);
    for (const round of ['first', 'second', 'third']) {
      await Promise.all([one.composer.fill(`${round} of one`), other.composer.fill(`${round} of other`)]);
      await Promise.all([enter(one), enter(other)]);
      for (const chat of [one, other]) {
        await chat.answers.getByText(`You said: ${round} of one`).waitFor();
        await chat.answers.getByText(`You said: ${round} of other`).waitFor();
        await chat.page.getByRole('button', { name: 'Send' }).waitFor();
      }
    }
    expect(await mine(one).count()).toBe(6);
  });

  test('takes a message also where the line was lost in the middle of an answer', async () => {
    const chat = await open();
    const asked = scripted('Lost on the way');
    await chat.send('Lost on the way');
    const stream = await asked;
    stream.start();
    stream.text('Half');
    await chat.answers.getByText('Half').waitFor();
    network.weather = 'down';
    network.cut();
    await chat.page.getByTitle('Reconnecting').waitFor();
    await chat.send('After it');
    await chat.page.getByText('Waits for the connection').waitFor();
    network.weather = 'open';
    await chat.page.getByRole('button', { name: 'Try now' }).click();
    await overSocket(chat);
    stream.text(' and half.');
    stream.end();
    await chat.answers.getByText('You said: After it').waitFor();
    expect(await chat.answers.first().innerText()).toContain('Half and half.');
  });
});

describe('a reload', () => {
  test('shows a message that is accepted and has no answer yet', async () => {
    const chat = await open();
    const asked = scripted('Nothing yet');
    await chat.send('Nothing yet');
    const stream = await asked;
    await chat.page.reload();
    await chat.ready();
    await chat.page.getByRole('button', { name: 'Stop the answer' }).waitFor();
    expect(await mine(chat).count()).toBe(1);
    expect(await chat.answers.first().getAttribute('aria-busy')).toBe('true');
    await chat.answers.getByText(/Sent|Waiting for/).waitFor();
    stream.start();
    stream.text('There it is.');
    stream.end();
    await chat.answers.getByText('There it is.').waitFor();
    expect(await chat.answers.count()).toBe(1);
  });

  test('shows a model that thinks, with its thoughts so far, and then its words', async () => {
    const chat = await open();
    const asked = scripted('Think first');
    await chat.send('Think first');
    const stream = await asked;
    stream.start();
    stream.thinking('A thought so far');
    await chat.answers.getByText('Thinking', { exact: true }).waitFor();
    await chat.page.reload();
    await chat.ready();
    await chat.answers.getByText('Thinking', { exact: true }).click();
    await chat.answers.getByText('A thought so far').waitFor();
    stream.thinking(', and more');
    await chat.answers.getByText('A thought so far, and more').waitFor();
    stream.text('The answer.');
    stream.end();
    await chat.finished(chat.answers.first());
    expect(await chat.answers.first().innerText()).toContain('The answer.');
    expect(await chat.answers.getByText('Thinking', { exact: true }).count()).toBe(0);
  });

  test.each(['open', 'refuse'] as const)(
    'in the middle of an answer doubles nothing and loses nothing ("%s")',
    async (weather) => {
      network.weather = weather;
      const word = `Reload me ${weather}`;
      const chat = await open();
      const asked = scripted(word);
      await chat.send(word);
      const stream = await asked;
      stream.start();
      const script = Array.from({ length: 60 }, (_, index) => `word${index} `);
      const writing = (async () => {
        for (const piece of script) {
          stream.text(piece);
          await new Promise((resolve) => setTimeout(resolve, 40));
        }
        stream.end();
      })();
      await chat.answers.getByText('word5 ').waitFor();
      for (let round = 0; round < 3; round += 1) {
        await chat.page.reload();
        await chat.answers.getByText('word5 ').waitFor();
        const texts = await watchTexts(chat.page);
        await new Promise((resolve) => setTimeout(resolve, 200));
        expect(isGrowing(await texts())).toBe(true);
      }
      await writing;
      await chat.finished(chat.answers.first());
      expect(await chat.answers.first().locator('.markdown').innerText()).toBe(script.join('').trim());
    },
  );
});

describe('a link from another device', () => {
  async function makeLink(chat: ChatPage): Promise<string> {
    const code = await chat.page.evaluate(`fetch('/links', {
      method: 'POST', headers: { authorization: 'Bearer ' + localStorage.getItem('chatbox.session') },
    }).then((response) => response.json()).then(({ code }) => code)`);
    return `${network.url}/#link=${String(code)}`;
  }

  async function arrive(context: BrowserContext, link: string): Promise<ChatPage> {
    const chat = new ChatPage(await context.newPage());
    await chat.page.goto(link);
    return chat;
  }

  test('opens the chat on a new device, is off the address at once, and works once', async () => {
    const laptop = await open();
    await laptop.ask('From the laptop');
    const link = await makeLink(laptop);
    const phone = await arrive(await device(), link);
    await phone.answers.getByText('You said: From the laptop').waitFor();
    expect(phone.page.url()).toBe(`${network.url}/`);
    expect(network.seen.filter((line) => line === 'POST /sessions' || line.includes('link='))).toEqual([]);
    await phone.ask('From the phone');
    await laptop.answers.getByText('You said: From the phone').waitFor();
    await phone.page.reload();
    await phone.answers.getByText('You said: From the phone').waitFor();

    const late = await arrive(await device(), link);
    await late.page.getByRole('heading', { name: 'This link does not work any more' }).waitFor();
    await late.page.getByRole('button', { name: 'Close' }).click();
    await late.ready();
    expect(await mine(late).count()).toBe(0);
  });

  test('asks where this device has a chat, keeps that one, and leads back to it', async () => {
    const laptop = await open();
    await laptop.ask('From the laptop');
    const context = await device();
    const own = await ChatPage.open(context, network.url);
    await own.ask('On the phone before');
    const phone = await arrive(context, await makeLink(laptop));
    await phone.warning.getByText('This device has a chat of its own').waitFor();
    expect(phone.page.url()).toBe(`${network.url}/`);
    expect(await phone.accessibilityFaults()).toEqual([]);
    await phone.warning.getByRole('button', { name: 'Open it' }).click();
    await phone.answers.getByText('You said: From the laptop').waitFor();
    await phone.history();
    await phone.page.getByRole('button', { name: 'Back to the chat that was here before' }).click();
    await phone.answers.getByText('You said: On the phone before').waitFor();
  });

  test('can be left for another time, or opened in one tab only', async () => {
    const laptop = await open();
    await laptop.ask('From the laptop');
    const link = await makeLink(laptop);
    const context = await device();
    const own = await ChatPage.open(context, network.url);
    await own.ask('On the phone before');
    const left = await arrive(context, link);
    await left.warning.getByRole('button', { name: 'Not now' }).click();
    await left.answers.getByText('You said: On the phone before').waitFor();
    const tab = await arrive(context, link);
    await tab.warning.getByRole('button', { name: 'Only in this tab' }).click();
    await tab.answers.getByText('You said: From the laptop').waitFor();
    await own.page.reload();
    await own.answers.getByText('You said: On the phone before').waitFor();
  });

  test('pasted into a page that is open already is opened too; the own chat’s link changes nothing', async () => {
    const laptop = await open();
    await laptop.ask('From the laptop');
    const phone = await open();
    await phone.page.goto(await makeLink(laptop));
    await phone.answers.getByText('You said: From the laptop').waitFor();
    await phone.page.goto(await makeLink(phone));
    await phone.warning.getByRole('button', { name: 'Open it' }).click();
    await phone.page.getByText('This chat is open here already', { exact: true }).waitFor();
  });
});
