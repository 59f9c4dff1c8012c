import { calmName } from '#lib/text/hidden-chars.ts';
import { isChoosable, type Model } from '#lib/wire.ts';
import { ApiError, fetchModels } from './api.ts';

/** A second request within this time would hear the same: the server's health is fresh for 30 s. */
const FRESH_MS = 10_000;

/** The list of models with their state. */
export class Models {
  #all = $state.raw<Model[]>([]);
  #error = $state.raw<ApiError | null>(null);
  #loaded = $state(false);
  #askedAt = Number.NEGATIVE_INFINITY;
  #pending: Promise<void> | null = null;
  readonly #fetch: () => Promise<Model[]>;
  readonly #byId = $derived(new Map(this.#all.map((model) => [model.id, model])));

  constructor(fetch: () => Promise<Model[]> = fetchModels) {
    this.#fetch = fetch;
  }

  /** Automatic first, then as the server orders them. */
  get all(): Model[] {
    return this.#all;
  }

  get loaded(): boolean {
    return this.#loaded;
  }

  get error(): ApiError | null {
    return this.#error;
  }

  get choosable(): boolean {
    return this.#all.some(isChoosable);
  }

  get simulated(): boolean {
    return this.#all.some((model) => model.simulated);
  }

  find(id: string | null | undefined): Model | undefined {
    return id ? this.#byId.get(id) : undefined;
  }

  /** The name that people know; an id that is no longer registered stands for itself. */
  nameOf(id: string | null | undefined): string {
    return this.find(id)?.name ?? id ?? 'an unknown model';
  }

  set(models: Model[]): void {
    this.#all = models
      .map((model) => ({ ...model, name: calmName(model.name) }))
      .toSorted((a, b) => Number(b.is_automatic) - Number(a.is_automatic));
    this.#loaded = true;
    this.#error = null;
  }

  /** Reads the list anew, unless it was read a moment ago. Resolves when the list is the newest one to be had. */
  async refresh(now: number): Promise<void> {
    if (this.#pending) return this.#pending;
    if (now - this.#askedAt < FRESH_MS) return;
    this.#askedAt = now;
    this.#pending = this.#read();
    await this.#pending;
    this.#pending = null;
  }

  async #read(): Promise<void> {
    try {
      this.set(await this.#fetch());
    } catch (error) {
      this.#askedAt = Number.NEGATIVE_INFINITY;
      this.#error =
        error instanceof ApiError ? error : new ApiError('internal', 'The models could not be read.');
      this.#loaded = true;
    }
  }
}
