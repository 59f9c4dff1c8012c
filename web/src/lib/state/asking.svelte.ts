import type { Answer, Conversation, UserMessage } from '#lib/wire.ts';
import type { BranchView } from './branch-view.svelte.ts';
import type { Delivery } from './delivery.svelte.ts';
import { ANEW } from './outbox-item.ts';
import type { Tier } from './tiers.ts';

export type AskingWorld = {
  delivery: Delivery;
  branches: BranchView;
  /** The conversation that the person writes in; null while it is not certain which that will be. */
  conversation: () => Conversation | null;
  running: () => boolean;
};

/** How a person asks for an answer: a message, another answer to the same question, another question in its place. */
export class Asking {
  #edited = $state<{ id: string; text: string } | null>(null);
  readonly #world: AskingWorld;

  constructor(world: AskingWorld) {
    this.#world = world;
  }

  /** The question that is being edited, with the words as they are now. */
  get edited(): { id: string; text: string } | null {
    return this.#edited;
  }

  /** Whether an answer can be asked for anew, or a question edited: not while another one is on its way. */
  get mayGoBack(): boolean {
    return !this.#world.running() && this.#world.delivery.isIdle;
  }

  /** Puts a message in line, after what is shown; it goes out when the connection and the running answer allow it. */
  send(text: string, trim = false): void {
    const { delivery, branches, conversation } = this.#world;
    delivery.add({
      text,
      trim,
      conversation_id: conversation()?.id ?? null,
      asking: { type: 'chat', after: branches.parentId },
    });
  }

  /** Like `send`, for a message that follows a command already given: it goes wherever that command leads. */
  sendToWhateverIsCurrent(text: string): void {
    this.#world.delivery.add({ text, trim: false, conversation_id: null, asking: ANEW });
  }

  /** C8. `tier` only in a conversation of Automatic. */
  again({ id, parent_id: after }: Answer, question: string, tier: Tier | null = null, trim = false): void {
    const conversation_id = this.#world.conversation()?.id;
    if (!this.mayGoBack || after === null || conversation_id === undefined) return;
    this.#world.delivery.add({
      text: question,
      trim,
      conversation_id,
      asking: { type: 'redo', message_id: id, tier, after },
    });
  }

  /** Opens a question for editing, with its own words or with those that were already tried. */
  edit({ id, text }: Pick<UserMessage, 'id' | 'text'>): void {
    this.#edited = { id, text };
  }

  leaveEdit(): void {
    this.#edited = null;
  }

  /** C9: the old question and what followed it stay, as another version. */
  sendEdit({ id, parent_id: after }: UserMessage, text: string): void {
    const conversation_id = this.#world.conversation()?.id;
    if (!this.mayGoBack || conversation_id === undefined) return;
    this.#edited = null;
    const asking = { type: 'edit' as const, message_id: id, after };
    this.#world.delivery.add({ text, trim: false, conversation_id, asking });
  }
}
