/** `npm test`: every suite (CONTRACT CMD2). Arguments go to Vitest: `npm test -- --project pure worker/models`. */
import { findBrowser } from './browser.ts';
import { command } from './children.ts';
import { runVitest, say } from './vitest-run.ts';
import { buildWeb } from './web-build.ts';

await command(async (signal) => {
  await buildWeb(signal, say);
  const browser = await findBrowser(signal);
  say(`Browser: ${browser.executablePath}`);
  return runVitest(process.argv.slice(2), signal);
});
