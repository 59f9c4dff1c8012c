import { createExecutionContext, listDurableObjectIds } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { expect, vi } from 'vitest';
import { type Access, accessSchema, type ErrorBody, errorBodySchema } from '../../shared/index.ts';
import { app } from '../app.ts';
import type { Env } from '../env.ts';
import { formatPassphrase, hashPassphrase } from '../guard/passphrase.ts';
import { SocketClient } from './workerd-clients.ts';

export const HERE = 'https://chat.example.workers.dev';
/** The passphrases of alice and bob. */
export const ENTRIES = await Promise.all(
  [
    ['alice', 'open sesame'],
    ['bob', 'shut sesame'],
  ].map(([name = '', text = '']) => hashPassphrase(name, text, new Uint8Array(16).fill(1))),
);
export const PASSWORD = { ACCESS_MODE: 'password', ACCESS_PASSPHRASES: ENTRIES.map(formatPassphrase).join() };
let addresses = 0;

/** One deployment with settings of its own; every one has visitors from an address that nobody else has. */
export class Deployment {
  readonly #env: Env;
  address = `198.51.100.${addresses++}`;

  constructor(bindings: Record<string, unknown>) {
    this.#env = Object.assign({}, env, { LOCAL: '' }, bindings);
  }

  ask(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    headers.set('CF-Connecting-IP', this.address);
    return Promise.resolve(
      app.fetch(new Request(`${HERE}${path}`, { ...init, headers }), this.#env, createExecutionContext()),
    );
  }

  post(path: string, body: object | null, headers: Record<string, string> = {}): Promise<Response> {
    const init = { method: 'POST', headers: { Origin: HERE, ...headers } };
    return this.ask(path, body === null ? init : { ...init, body: JSON.stringify(body) });
  }

  async access(headers: Record<string, string> = {}): Promise<Access> {
    const response = await this.ask('/access', { headers });
    expect(response.status).toBe(200);
    expect(response.headers.get('Cache-Control')).toBe('no-store');
    return accessSchema.parse(await response.json());
  }

  /** @returns the headers of somebody who is signed in */
  async signIn(body: object): Promise<{ Cookie: string }> {
    const response = await this.post('/sign-in', body);
    expect(response.status).toBe(204);
    return { Cookie: (response.headers.get('Set-Cookie') ?? '').split(';')[0] ?? '' };
  }

  async open(headers: Record<string, string> = {}, session?: string): Promise<SocketClient> {
    const protocols = session === undefined ? 'chatbox.v1' : `chatbox.v1, session.${session}`;
    const response = await this.ask('/ws', {
      headers: { Upgrade: 'websocket', Origin: HERE, 'Sec-WebSocket-Protocol': protocols, ...headers },
    });
    expect(response.status).toBe(101);
    if (response.webSocket === null) throw new Error('no socket');
    return new SocketClient(response.webSocket);
  }
}

export const errorOf = async (response: Response): Promise<ErrorBody['error']> =>
  errorBodySchema.parse(await response.json()).error;

export async function closedWith(client: SocketClient, code: number): Promise<void> {
  await vi.waitFor(() => expect(client.closed).toMatchObject({ code }));
}

/** Ids of all session objects that there are. */
export const sessions = async () => (await listDurableObjectIds(env.SESSIONS)).map(String).sort();
