/**
 * `npm run test:home`: the program against the real LiteLLM and a real small model. Without a suitable Python it says
 * so and skips, unless `--required` is given. Other arguments go to Vitest: `npm run test:home -- home/chat.test.ts`.
 */
import { netboxMcpSource } from '../home/stack/netbox-mcp.ts';
import { prepareVenv } from '../home/stack/python.ts';
import { command } from './children.ts';
import { runVitest, say } from './vitest-run.ts';
import { buildWeb } from './web-build.ts';

await command(async (signal) => {
  const isRequired = process.argv.includes('--required');
  const missing = await prepareVenv(signal, say);
  if (missing !== null) {
    say(`The tests against the real LiteLLM ${isRequired ? 'cannot run' : 'are skipped'}: ${missing}`);
    if (isRequired) say('0 passed, 1 failed');
    return isRequired ? 1 : 0;
  }
  if (netboxMcpSource() === null) {
    say(
      'The tests against the real NetBox MCP server are skipped: NETBOX_MCP_SERVER names no folder with its source (github.com/netboxlabs/netbox-mcp-server).',
    );
  }
  await buildWeb(signal, say);
  const args = process.argv.slice(2).filter((argument) => argument !== '--required');
  return runVitest(['--config=vitest.home.config.ts', ...args], signal);
});
