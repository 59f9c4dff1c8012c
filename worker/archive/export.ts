import type { Message } from '../../shared/index.ts';
import type { ConversationRow } from './rows.ts';
import { iso } from './rows.ts';

export type ExportFormat = 'markdown' | 'json';

/** A whole conversation as a file to keep. */
export function exportConversation(
  conversation: ConversationRow,
  messages: readonly Message[],
  format: ExportFormat,
): { body: string; contentType: string; fileName: string } {
  const fileName = `conversation-${conversation.id}.${format === 'json' ? 'json' : 'md'}`;
  if (format === 'json') {
    const { id, model, title, messageCount, startedAt } = conversation;
    const whole = { id, model, title, message_count: messageCount, started_at: iso(startedAt), messages };
    return { body: `${JSON.stringify(whole, null, 2)}\n`, contentType: 'application/json', fileName };
  }
  const lines = [
    `# ${conversation.title}`,
    '',
    `Model: ${conversation.model}, started ${iso(conversation.startedAt)}`,
  ];
  const versions = versionsOf(messages);
  for (const message of messages) {
    const who = message.role === 'user' ? 'You' : (message.actual_model ?? conversation.model);
    lines.push('', `## ${who}${versions.get(message.id) ?? ''}`, '');
    if (message.role === 'assistant') lines.push(...toolLines(message));
    lines.push(message.text);
    if (message.status !== 'complete') lines.push('', `*(${message.status})*`);
  }
  return { body: `${lines.join('\n')}\n`, contentType: 'text/markdown; charset=utf-8', fileName };
}

/** " (version 2 of 3)" for messages that stand in one place (C8, C9). */
function versionsOf(messages: readonly Message[]): Map<string, string> {
  const places = new Map<string | null, string[]>();
  for (const { id, parent_id } of messages) places.set(parent_id, [...(places.get(parent_id) ?? []), id]);
  const several = [...places.values()].filter((ids) => ids.length > 1);
  return new Map(
    several.flatMap((ids) => ids.map((id, i) => [id, ` (version ${i + 1} of ${ids.length})`] as const)),
  );
}

function toolLines({ tools = [] }: Extract<Message, { role: 'assistant' }>): string[] {
  if (tools.length === 0) return [];
  const outcome = (ok: boolean | null) => (ok === true ? '' : ' (failed)');
  const lines = tools.map(({ name, arguments: args, ok }) => {
    const json = JSON.stringify(args).replaceAll('`', "'");
    return `- Asked \`${name}\` with \`${json}\`${outcome(ok)}`;
  });
  return [...lines, ''];
}
