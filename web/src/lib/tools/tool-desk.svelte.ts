import type { ChatState } from '#lib/state/chat-state.ts';
import type { ClientFrame, ErrorFrame, ServerFrame, ToolCall } from '#lib/wire.ts';
import type { Decisions } from './decisions.svelte.ts';
import { waitingCalls } from './waiting.ts';

export type ToolDeskWorld = {
  chat: () => ChatState;
  /** False when there is no open connection. */
  send: (frame: ClientFrame) => boolean;
  notConnected: () => void;
};

type Parts = typeof import('./parts.ts');

/** What the page knows of tools beside the answers themselves. What shows calls is fetched with the first one. */
export class ToolDesk {
  readonly #world: ToolDeskWorld;
  readonly #waiting = $derived.by(() => waitingCalls(this.#world.chat()));
  #loaded = $state.raw<{ parts: Parts; decisions: Decisions } | null>(null);
  #failed = $state(false);
  #loading: Promise<void> | null = null;

  constructor(world: ToolDeskWorld) {
    this.#world = world;
  }

  /** The calls of the running answer that wait for a person. */
  get waiting(): readonly ToolCall[] {
    return this.#waiting;
  }

  /** Those about which nothing has been said here. */
  get open(): readonly ToolCall[] {
    return this.#loaded?.decisions.open ?? this.#waiting;
  }

  /** Null while the code for it is on its way. */
  get parts(): Parts | null {
    return this.#loaded?.parts ?? null;
  }

  get decisions(): Decisions | null {
    return this.#loaded?.decisions ?? null;
  }

  /** The code that shows calls is not to be had: what waits can only be answered after a reload. */
  get failed(): boolean {
    return this.#failed;
  }

  /** Safe to call often. */
  load(): void {
    this.#loading ??= import('./parts.ts').then(
      (parts) => {
        const { send, notConnected } = this.#world;
        const decisions = new parts.Decisions({ send, notConnected, waiting: () => this.#waiting });
        this.#failed = false;
        this.#loaded = { parts, decisions };
      },
      () => {
        this.#loading = null;
        this.#failed = true;
      },
    );
  }

  hear(frame: ServerFrame): void {
    this.#loaded?.decisions.hear(frame);
  }

  /** Whether an error only says that somebody else decided first: that is no news to anybody. */
  refused(frame: ErrorFrame): boolean {
    return this.#loaded?.decisions.refused(frame) ?? false;
  }
}
