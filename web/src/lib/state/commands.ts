import type { ClientFrame, Conversation } from '#lib/wire.ts';
import type { ArchiveReader } from './archive.svelte.ts';
import type { Notices } from './notices.svelte.ts';
import type { Preferences } from './preferences.ts';

export type CommandsWorld = {
  preferences: Preferences;
  notices: Notices;
  archive: ArchiveReader;
  conversation: () => Conversation | null;
  /** False when there is no open connection. */
  send: (frame: ClientFrame) => boolean;
  refreshModels: () => Promise<void>;
};

/** What a person tells the server to do, beside sending messages. */
export class Commands {
  readonly #world: CommandsWorld;

  constructor(world: CommandsWorld) {
    this.#world = world;
  }

  /** C4 */
  stop(): void {
    this.#world.send({ type: 'stop' });
  }

  /** C3; an empty conversation is new enough. */
  newChat(): void {
    if (this.#world.conversation()?.message_count !== 0) this.#give({ type: 'reset' });
    this.#world.archive.close();
  }

  /** C2: what was current goes into the archive. */
  changeModel(model: string): void {
    this.#world.preferences.chooseModel(model);
    this.#give({ type: 'model_change', model });
  }

  /** C5 */
  openAgain(id: string): void {
    this.#give({ type: 'open', conversation_id: id });
  }

  /** C7: fresh states for the selector, and the home model starts to load. */
  askForModels(): void {
    if (!this.#world.send({ type: 'models' })) void this.#world.refreshModels();
  }

  notConnected(): void {
    this.#world.notices.info('Not connected', 'That works again when the connection is back.');
  }

  #give(frame: ClientFrame): void {
    if (!this.#world.send(frame)) this.notConnected();
  }
}
