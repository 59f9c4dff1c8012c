type Parts = typeof import('#lib/components/talk-parts.ts');

/** What shows messages: a newcomer's page begins without it, and has it before the first message is sent. */
export class Talk {
  #parts = $state.raw<Parts | null>(null);
  #failed = $state(false);
  #loading: Promise<void> | null = null;

  /** Null while it is on its way, or nobody needs it. */
  get parts(): Parts | null {
    return this.#parts;
  }

  /** It is not to be had: the server has a newer version, or the line is down. */
  get failed(): boolean {
    return this.#failed;
  }

  /** Safe to call often. After a failure another call tries again. */
  load(): void {
    this.#loading ??= this.#load();
  }

  async #load(): Promise<void> {
    try {
      this.#failed = false;
      this.#parts = await import('#lib/components/talk-parts.ts');
    } catch {
      this.#failed = true;
      this.#loading = null;
    }
  }
}
