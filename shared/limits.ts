/**
 * Everything off the wire is hostile: each bound that both sides know stands here, once.
 * Characters are UTF-16 units (what `String.length` counts); bytes are UTF-8.
 */
export const LIMITS = {
  /** A larger WebSocket frame or POST body closes the socket with 1009 (CONTRACT R8). 1 MiB. */
  frameBytes: 1_048_576,
  /** One user message; exactly this many characters are fine (R8). */
  messageChars: 32_000,
  /** `client_id` of a chat frame (C1). */
  clientIdChars: 64,
  /** How many accepted `client_id`s a session is sure to remember (C1). */
  clientIdsRemembered: 1_000,
  /** Ids of models, conversations, messages and tool calls in client frames. */
  idChars: 128,
  /** Archived conversations in a `session` frame and in a page of `GET /conversations` (S1, H5). */
  archivesPage: 50,
  /** Newest messages of a conversation in a `session` frame; older ones come by `GET /conversations/:id`. */
  messagesPage: 50,
  /** The longest title made from a first message. */
  titleChars: 80,
  /** RFC 6455 5.5: a control frame carries 125 bytes, two of them are the close code. */
  closeReasonBytes: 123,
} as const;

export type Limits = { readonly [K in keyof typeof LIMITS]: number };
