import { plural } from '#lib/text/format.ts';
import { announcementOf } from '#lib/text/words.ts';
import { requestNews } from '#lib/tools/server-words.ts';
import type { ServerFrame } from '#lib/wire.ts';

/** What a frame is worth telling beside what it changes: to a screen reader, and as a short notice. */
export type News = { status: string } | { notice: { title: string; detail: string } } | null;

/** `nameOf` turns a model's id into the name that people know. */
export function newsOf(frame: ServerFrame, nameOf: (id: string) => string): News {
  switch (frame.type) {
    case 'message_start':
      return { status: 'Answer started.' };
    case 'fallback':
      return { status: `Another model answers: ${nameOf(frame.actual_model)}. ${frame.reason}` };
    case 'tool_request':
      return { status: requestNews(frame) };
    case 'message_end':
      return { status: announcementOf(frame.stop_reason) };
    case 'conversation_reset':
      return { status: 'New conversation.' };
    case 'conversation_opened':
      return { status: `Conversation opened again, with ${nameOf(frame.conversation.model)}.` };
    case 'model_changed': {
      const name = nameOf(frame.new_model);
      const kept = frame.archived_message_count
        ? `The earlier conversation (${plural(frame.archived_message_count, 'message')}) is in the history.`
        : '';
      if (frame.replaced) {
        return {
          notice: {
            title: `${name} takes over`,
            detail: `${frame.replaced.reason} ${kept}`.trim(),
          },
        };
      }
      // Nothing was put away, so nobody needs to be told where it is.
      return kept ? { notice: { title: `Now on ${name}`, detail: kept } } : { status: `Now on ${name}.` };
    }
    default:
      return null;
  }
}
