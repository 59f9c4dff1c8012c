import type { Conversation, Message } from '#lib/wire.ts';

/**
 * The messages of a conversation are a tree: a redo adds an answer beside another one, an edit adds a question beside
 * another one, with the same `parent_id` (C8, C9). They come in order of arrival, so a parent stands before its children,
 * and where the parent is loaded all its children are. People see one line of it: from the first message to one leaf.
 */
export type Tree = {
  at: ReadonlyMap<string, number>;
  /** Of each message the index of its parent; -1 where there is none, or it is not loaded. */
  parents: readonly number[];
  /** Of each message the index of the newest one among itself and what follows from it. */
  newest: readonly number[];
  /** Indexes with the same parent, oldest first; only where there is more than one. */
  siblings: ReadonlyMap<string | null, readonly number[]>;
  /** Nothing branches: the loaded messages are the line. */
  isLine: boolean;
};

/** Another line than the newest, until something new comes: what was `newest` then tells. Both are ids. */
export type Choice = { leaf: string; newest: string };

/** Where a line ends: `undefined`, nothing is said of it; null, before the first message. */
export type End = string | null | undefined;

export function treeOf(messages: readonly Message[]): Tree {
  const at = new Map(messages.map(({ id }, index) => [id, index]));
  const parents = messages.map(({ parent_id: id }) => (id === null ? -1 : (at.get(id) ?? -1)));
  const newest = messages.map((_, index) => index);
  for (let index = messages.length - 1; index > 0; index -= 1) {
    const parent = parents[index] ?? -1;
    if (parent >= 0) newest[parent] = Math.max(newest[parent] ?? 0, newest[index] ?? 0);
  }
  const families = new Map<string | null, number[]>();
  messages.forEach(({ parent_id }, index) => {
    const family = families.get(parent_id);
    if (family) family.push(index);
    else families.set(parent_id, [index]);
  });
  return {
    at,
    parents,
    newest,
    siblings: new Map([...families].filter(([, family]) => family.length > 1)),
    isLine: parents.every((parent, index) => parent === index - 1),
  };
}

/** Indexes of the messages from the first one that is loaded to the leaf. */
export function lineTo(tree: Tree, leaf: number): number[] {
  const line: number[] = [];
  for (let index = leaf; index >= 0; index = tree.parents[index] ?? -1) line.push(index);
  return line.reverse();
}

/**
 * The index at which the shown line ends; -1 where it ends before the first message.
 * @param end where a message that is on its way will stand; before any choice
 */
export function leafOf(messages: readonly Message[], tree: Tree, choice: Choice | null, end: End): number {
  if (end === null) return -1;
  const pinned = end === undefined ? undefined : tree.at.get(end);
  if (pinned !== undefined) return pinned;
  const last = messages.length - 1;
  return choice !== null && choice.newest === messages[last]?.id ? (tree.at.get(choice.leaf) ?? last) : last;
}

/** The versions of one message, oldest first, and which of them it is, from 0. */
export type Versions = { ids: readonly string[]; index: number };

/** Null where there is one only, or where older ones may not be loaded yet. */
export function versionsOf(conversation: Conversation, tree: Tree, message: Message): Versions | null {
  const { messages, has_more } = conversation;
  const isKnown = message.parent_id === null ? !has_more : tree.at.has(message.parent_id);
  const family = isKnown ? tree.siblings.get(message.parent_id) : undefined;
  if (!family) return null;
  const ids = family.flatMap((index) => messages[index]?.id ?? []);
  return { ids, index: ids.indexOf(message.id) };
}

/** The newest line that goes through a message. */
export function choiceOf(messages: readonly Message[], tree: Tree, id: string): Choice | null {
  const index = tree.at.get(id);
  const leaf = index === undefined ? undefined : messages[tree.newest[index] ?? index];
  const newest = messages.at(-1);
  return leaf && newest ? { leaf: leaf.id, newest: newest.id } : null;
}

/** A conversation as if it had only this line. What is not loaded yet is counted as a part of it. */
export function alongLine(conversation: Conversation, line: readonly number[]): Conversation {
  const messages = line.flatMap((index) => conversation.messages[index] ?? []);
  const isWhole = messages[0] === undefined || messages[0].parent_id === null;
  const hidden = conversation.messages.length - messages.length;
  return {
    ...conversation,
    messages,
    message_count: isWhole ? messages.length : Math.max(messages.length, conversation.message_count - hidden),
  };
}
