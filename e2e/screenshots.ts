/** Takes the pictures of the README anew: `node e2e/screenshots.ts`. The embedded upstreams answer. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../scripts/paths.ts';
import { ChatPage, launch, newProfile, type View } from './harness/page.ts';
import { startProgram } from './harness/program.ts';

const OUT = join(ROOT, 'docs', 'images');
mkdirSync(OUT, { recursive: true });
const program = await startProgram();
const browser = await launch();

async function take(name: string, view: View, act: (chat: ChatPage) => Promise<void>): Promise<void> {
  const context = await newProfile(browser, view);
  const chat = await ChatPage.open(context, program.url);
  await act(chat);
  await chat.dismissNotices();
  await chat.page.screenshot({ path: join(OUT, `${name}.png`) });
  await context.close();
}

const ask = (chat: ChatPage) => chat.ask('Which core routers are there, and where?');

await take('chat', { width: 1280, height: 860 }, async (chat) => {
  await ask(chat);
});
await take('selector', { width: 1280, height: 860 }, async (chat) => {
  await chat.chip.click();
  await chat.dialog.getByRole('radio', { name: /Claude Opus 5\.5/ }).check();
});
await take('phone', { width: 390, height: 844, dark: true }, async (chat) => {
  await ask(chat);
});
await take('usage', { width: 1280, height: 1000 }, async (chat) => {
  await ask(chat);
  await chat.ask('hello');
  await chat.ask('Design a migration of our campus from OSPF to IS-IS, with a way back at each step.');
  await chat.page.goto(`${program.url}/usage`);
  await chat.page.getByRole('heading', { name: /Cost by model/ }).waitFor();
  await chat.page.locator('canvas').first().waitFor();
});
await browser.close();
await program.stop();
process.exit(0);
