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
  for (const message of messages) {
    lines.push(
      '',
      message.role === 'user' ? '## You' : `## ${message.actual_model ?? conversation.model}`,
      '',
    );
    lines.push(message.text);
    if (message.status !== 'complete') lines.push('', `*(${message.status})*`);
  }
  return { body: `${lines.join('\n')}\n`, contentType: 'text/markdown; charset=utf-8', fileName };
}
