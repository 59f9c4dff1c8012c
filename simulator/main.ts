import { parseArgs } from 'node:util';
import { startSimulator } from './server.ts';

/** `node simulator/main.ts [--port 8788] [--host 127.0.0.1] [--seed 1] [--pace 1]`: prints the base URLs and runs until it is ended. */
const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '8788' },
    host: { type: 'string', default: '127.0.0.1' },
    seed: { type: 'string', default: '1' },
    pace: { type: 'string', default: '1' },
  },
});

const simulator = await startSimulator({
  port: Number(values.port),
  host: values.host,
  seed: Number(values.seed),
  pace: Number(values.pace),
});
console.log(`ANTHROPIC_BASE_URL=${simulator.anthropicUrl}`);
console.log(`LITELLM_PROXY_URL=${simulator.litellmUrl}`);
console.log(`OLLAMA_BASE_URL=${simulator.ollamaUrl}`);
console.log(`NETBOX_MCP_URL=${simulator.netboxMcpUrl}`);

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void simulator.close().then(() => process.exit(0)));
}
