import type { Conversation, Message } from '#lib/wire.ts';
import {
  alongLine,
  type Choice,
  choiceOf,
  type End,
  leafOf,
  lineTo,
  type Tree,
  treeOf,
  type Versions,
  versionsOf,
} from './branches.ts';

/** Fewer messages than this fill no screen: earlier ones are loaded without being asked for. */
const SHORT = 12;

type Source = {
  conversation: () => Conversation | null;
  /** Where the line ends because of a message that is on its way. */
  end?: () => End;
};

/** The one line of a conversation that is shown, and the choice of another. */
export class BranchView {
  #choice = $state.raw<Choice | null>(null);
  readonly #source: Source;
  #known: { messages: readonly Message[]; tree: Tree } | null = null;
  readonly #shown = $derived.by(() => this.#show());

  constructor(source: Source) {
    this.#source = source;
  }

  /** The conversation with the messages of the shown line only. */
  get conversation(): Conversation | null {
    return this.#shown?.conversation ?? null;
  }

  /** What the next message follows where a person has chosen another line than the newest; else null. */
  get parentId(): string | null {
    return this.#shown?.parentId ?? null;
  }

  /** Whether what is loaded of the line is too little to look at, although there is more. */
  get isShort(): boolean {
    const shown = this.#shown;
    if (!shown?.conversation.has_more || shown.tree.isLine) return false;
    return shown.conversation.messages.length < SHORT;
  }

  versionsOf(message: Message): Versions | null {
    const conversation = this.#source.conversation();
    return conversation && this.#shown ? versionsOf(conversation, this.#shown.tree, message) : null;
  }

  /** Shows the newest line through this message. */
  choose(id: string): void {
    const messages = this.#source.conversation()?.messages ?? [];
    if (this.#shown) this.#choice = choiceOf(messages, this.#shown.tree, id);
  }

  chooseNewest(): void {
    this.#choice = null;
  }

  #show(): { conversation: Conversation; tree: Tree; parentId: string | null } | null {
    const conversation = this.#source.conversation();
    if (!conversation) return null;
    const { messages } = conversation;
    const tree = this.#treeOf(messages);
    const end = this.#source.end?.();
    const leaf = leafOf(messages, tree, this.#choice, end);
    const isNewest = leaf === messages.length - 1;
    return {
      conversation: tree.isLine && isNewest ? conversation : alongLine(conversation, lineTo(tree, leaf)),
      tree,
      parentId: isNewest || end !== undefined ? null : (messages[leaf]?.id ?? null),
    };
  }

  /** At every delta the messages are new and hang together as before: loaded ones have no gaps, so their ends tell. */
  #treeOf(messages: readonly Message[]): Tree {
    const known = this.#known;
    const isSame =
      known !== null &&
      known.messages.length === messages.length &&
      known.messages[0]?.id === messages[0]?.id &&
      known.messages.at(-1)?.id === messages.at(-1)?.id;
    const tree = isSame ? known.tree : treeOf(messages);
    this.#known = { messages, tree };
    return tree;
  }
}
