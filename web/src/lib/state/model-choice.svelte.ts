import type { Conversation, ErrorCode, ServerFrame } from '#lib/wire.ts';
import type { Models } from './models.svelte.ts';
import type { Notices } from './notices.svelte.ts';
import type { Preferences } from './preferences.ts';
import { preferenceFor } from './preferred-model.ts';

export type ChoiceWorld = {
  preferences: Preferences;
  models: Models;
  notices: Notices;
  conversation: () => Conversation | null;
  refreshModels: () => Promise<void>;
  /** C2; false when there is no open connection. */
  change: (model: string) => boolean;
  /** It is certain now which model the session has. */
  settled: () => void;
};

/** The remembered choice of a model, put to sessions that are new and empty. */
export class ModelChoice {
  #isSettled = false;
  #isAllowed = $state(true);
  readonly #world: ChoiceWorld;

  constructor(world: ChoiceWorld) {
    this.#world = world;
  }

  /** Whether the model of a new session is decided, so that messages may go out. */
  get isSettled(): boolean {
    return this.#isSettled;
  }

  /** R10 */
  get isAllowed(): boolean {
    return this.#isAllowed;
  }

  settle(): void {
    this.#isSettled = true;
  }

  /** A session has spoken; `fresh`: this page has not seen it before. */
  opened(fresh: boolean, isAllowed: boolean): void {
    this.#isAllowed = isAllowed;
    this.#isSettled = !fresh;
    if (fresh) void this.#apply();
  }

  changed({ replaced, new_model }: Extract<ServerFrame, { type: 'model_changed' }>): void {
    const { preferences } = this.#world;
    this.#isSettled = true;
    if (replaced && preferences.model === replaced.requested) preferences.chooseModel(new_model);
  }

  /** A command was. */
  refused(code: ErrorCode): void {
    if (code === 'model_selection_disabled') this.#isAllowed = false;
    if (code === 'unknown_model') this.#world.preferences.forgetModel();
  }

  async #apply(): Promise<void> {
    // The answer to a change, model_changed or an error, settles it.
    if (await this.#changes()) return;
    this.#isSettled = true;
    this.#world.settled();
  }

  /** Whether the server was asked for another model. */
  async #changes(): Promise<boolean> {
    const { preferences, models, notices } = this.#world;
    const conversation = this.#world.conversation();
    const wanted = preferences.model;
    if (wanted === null || wanted === conversation?.model) return false;
    if (conversation?.message_count !== 0 || !this.#isAllowed) return false;
    await this.#world.refreshModels();
    // The list may have taken seconds: a person who has chosen or begun meanwhile is not overruled.
    const current = this.#world.conversation();
    if (preferences.model !== wanted || current?.id !== conversation.id || current.message_count > 0) {
      return false;
    }
    const known = models.loaded && !models.error ? models.all : null;
    const preference = preferenceFor(wanted, conversation.model, known);
    if (preference.kind === 'forget') preferences.forgetModel();
    if (preference.kind === 'tell') {
      notices.info(`${preference.model.name} cannot be chosen now`, preference.model.reason ?? '');
    }
    return preference.kind === 'change' && this.#world.change(preference.model);
  }
}
