import type { Model, ToolServer } from '#lib/wire.ts';

/** The tool servers of this deployment; they stand on every model that can use them. */
export function serversOf(models: readonly Model[]): readonly ToolServer[] {
  return models.find((model) => model.tool_servers !== undefined)?.tool_servers ?? [];
}

/** Whether a model can use tools, in a word; null where there are no tools to use, so that nobody wonders. */
export function toolWords(model: Model, servers: readonly ToolServer[]): string | null {
  if (servers.length === 0) return null;
  if (!model.capabilities.tools || model.tool_state === 'unsupported') return 'No tools';
  switch (model.tool_state) {
    case 'failed':
      return 'Tools failed';
    case 'untested':
      return 'Tools not tried';
    default:
      return 'Tools';
  }
}
