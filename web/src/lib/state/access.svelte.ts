import type { Access, Budget } from '#lib/wire.ts';
import { fetchAccess, type Proof, postSignIn, postSignOut } from './access-api.ts';
import { ApiError, messageOf, signedOut } from './request.ts';

/** What came of an attempt to sign in; `until` is of the wall clock, ms. */
export type Attempt =
  | { kind: 'in' }
  /** The proof was not right. */
  | { kind: 'wrong'; message: string }
  | { kind: 'limited'; message: string; until: number }
  /** Nobody could look at it. */
  | { kind: 'failed'; message: string };

export type AccessWorld = {
  /** Where nobody signs in, what is left to spend is asked for this session. */
  sessionId: () => string | null;
  /** Somebody is in, by this name where the server knows one. */
  person: (name: string | null) => void;
  /** The way to the chat is free again. */
  entered: () => void;
  /** Somebody has signed out: the line is still theirs. */
  left: () => void;
  budget: (budget: Budget | null) => void;
  api?: Api;
};

type Api = {
  fetch: (sessionId: string | null) => Promise<Access>;
  signIn: (proof: Proof) => Promise<void>;
  signOut: () => Promise<void>;
};

const NO_COOKIE = 'The sign-in was right, but this browser did not keep its cookie.';
const CONTRADICTION = 'The server accepts the sign-in and refuses the chat all the same. Reload the page.';
/** Refused so soon after having come in is refused for another reason, and trying again would never end. */
const TOO_SOON_MS = 10_000;

const BY_HTTP: Api = { fetch: fetchAccess, signIn: postSignIn, signOut: postSignOut };

/** Who is at this page, as the server sees it, and how to come in. */
export class AccessDesk {
  #access = $state.raw<Access | null>(null);
  #isOut = $state(false);
  #problem = $state<string | null>(null);
  #pending: Promise<void> | null = null;
  #enteredAt = Number.NEGATIVE_INFINITY;
  #isStuck = false;
  readonly #world: AccessWorld;
  readonly #api: Api;

  constructor(world: AccessWorld) {
    this.#world = world;
    this.#api = world.api ?? BY_HTTP;
  }

  /** Null until the server has said it. */
  get current(): Access | null {
    return this.#access;
  }

  /** Nobody is signed in and somebody should be. */
  get isOut(): boolean {
    return this.#isOut;
  }

  /** Why nothing is known of how to come in; null while that is known, or asked. */
  get problem(): string | null {
    return this.#problem;
  }

  /** Minds what requests learn, until `signal`. */
  start(signal: AbortSignal): void {
    signedOut.addEventListener('out', () => this.refused(), { signal });
    void this.refresh();
  }

  /** The server lets in nobody who is not signed in. */
  refused(): void {
    this.#isOut = true;
    this.#isStuck = Date.now() - this.#enteredAt < TOO_SOON_MS;
    void this.refresh();
  }

  /** The session has spoken: whoever is here is in. */
  opened(): void {
    if (this.#isOut) void this.refresh();
    this.#isOut = false;
  }

  async refresh(): Promise<void> {
    this.#pending ??= this.#ask().finally(() => {
      this.#pending = null;
    });
    await this.#pending;
  }

  async signIn(proof: Proof): Promise<Attempt> {
    try {
      await this.#api.signIn(proof);
    } catch (error) {
      return failed(error);
    }
    this.#isStuck = false;
    // What is asked already may have been asked before the cookie was there.
    await this.#pending;
    await this.refresh();
    if (!this.#isOut) return { kind: 'in' };
    return { kind: 'failed', message: this.#problem ?? NO_COOKIE };
  }

  /** The words of a failure, or null. */
  async signOut(): Promise<string | null> {
    try {
      await this.#api.signOut();
    } catch (error) {
      return messageOf(error);
    }
    this.#enteredAt = Number.NEGATIVE_INFINITY;
    this.refused();
    this.#world.left();
    return null;
  }

  async #ask(): Promise<void> {
    this.#problem = null;
    try {
      const access = await this.#api.fetch(this.#world.sessionId());
      this.#access = access;
      const wasOut = this.#isOut;
      this.#isOut = !access.signed_in && access.mode !== 'closed';
      if (!access.signed_in) return;
      if (wasOut && this.#isStuck) {
        this.#isOut = true;
        this.#problem = CONTRADICTION;
        return;
      }
      this.#world.person(access.name);
      this.#world.budget(access.budget);
      if (!wasOut) return;
      this.#enteredAt = Date.now();
      this.#world.entered();
    } catch (error) {
      this.#problem = messageOf(error);
    }
  }
}

function failed(error: unknown): Attempt {
  const message = messageOf(error);
  if (!(error instanceof ApiError)) return { kind: 'failed', message };
  if (error.code === 'rate_limited') {
    return { kind: 'limited', message, until: Date.now() + (error.retryAfterMs ?? 60_000) };
  }
  return { kind: error.code === 'unauthorized' ? 'wrong' : 'failed', message };
}
