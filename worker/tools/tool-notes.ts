import type { Model, ToolServer } from '../../shared/index.ts';
import type { Registry } from '../models/registry.ts';
import type { ToolVerdicts } from './tool-verdicts.ts';

/** H2, S10: what each model does with tools, and whose there are. Where no server is set there is no such member. */
export function withToolNotes(
  models: Model[],
  registry: Registry,
  verdicts: Pick<ToolVerdicts, 'stateOf'>,
  servers: ToolServer[],
): Model[] {
  if (servers.length === 0) return models;
  return models.map((model) => {
    const entry = registry.entries.get(model.id);
    if (entry === undefined) return model;
    const tool_state = verdicts.stateOf(entry);
    return tool_state === 'unsupported'
      ? { ...model, tool_state }
      : { ...model, tool_state, tool_servers: servers };
  });
}
