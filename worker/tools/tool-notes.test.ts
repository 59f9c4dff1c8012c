import { expect, it } from 'vitest';
import type { ToolServer } from '../../shared/index.ts';
import { readConfig } from '../config.ts';
import { listModels } from '../models/catalogue.ts';
import { buildRegistry } from '../models/registry.ts';
import { BOTH_SIDES, TODAY } from '../testing/world.ts';
import { withToolNotes } from './tool-notes.ts';

const SERVER: ToolServer = {
  name: 'netbox',
  status: 'up',
  checked_at: null,
  latency_ms: 3,
  detail: 'It answers.',
  tools: 3,
  simulated: false,
};

it('H2: tool servers stand only on models that can use tools, and on none where no server is set', () => {
  const without = { id: 'ollama-qwen2.5', capabilities: { tools: false } };
  const config = readConfig({ ...BOTH_SIDES, MODELS: JSON.stringify([without]) });
  const registry = buildRegistry(config);
  const models = listModels(registry, config, null, TODAY);
  const stateOf = (entry: { capabilities: { tools: boolean } }) =>
    entry.capabilities.tools ? 'verified' : 'unsupported';
  const of = (servers: ToolServer[], id: string) =>
    withToolNotes(models, registry, { stateOf }, servers).find((model) => model.id === id);
  expect(of([SERVER], 'claude-haiku-5-5')).toMatchObject({ tool_state: 'verified', tool_servers: [SERVER] });
  expect(of([SERVER], 'ollama-qwen2.5')).toMatchObject({ tool_state: 'unsupported' });
  expect(of([SERVER], 'ollama-qwen2.5')).not.toHaveProperty('tool_servers');
  expect(of([], 'claude-haiku-5-5')).not.toHaveProperty('tool_state');
});
