import type { Conversation } from '#lib/wire.ts';

/** Puts an older page before what is shown (H5 with `before`). */
export function prependOlder(conversation: Conversation, older: Conversation): Conversation {
  const known = new Set(conversation.messages.map((message) => message.id));
  const fresh = older.messages.filter((message) => !known.has(message.id));
  return { ...conversation, messages: [...fresh, ...conversation.messages], has_more: older.has_more };
}

/**
 * The server's newest page of a conversation with the older pages that were loaded before: coming back must not take
 * away what a person has scrolled up to. Only where the pages touch; with a hole between them the newest stands alone.
 */
export function withLoadedPages(newest: Conversation, known: Conversation | null): Conversation {
  const first = newest.messages[0];
  if (!first || known?.id !== newest.id) return newest;
  const at = known.messages.findIndex((message) => message.id === first.id);
  if (at <= 0) return newest;
  return {
    ...newest,
    messages: [...known.messages.slice(0, at), ...newest.messages],
    has_more: known.has_more,
  };
}
