import { expect } from 'vitest';
import type { SessionFrame } from '../../shared/index.ts';
import { Client } from '../harness/client.ts';
import { type Frame, frameAt, type Ids } from './frames.ts';

export type Login = { url: string; headers: Record<string, string> };

/** One person's session while frames of all kinds come in by its socket. */
export class Victim {
  readonly session: string;
  readonly archived: string;
  readonly message: string;
  /** Of the questions among the frames, what the upstream must have been asked. */
  readonly asked: string[] = [];
  readonly #login: Login;
  #client: Client;
  #marks = 0;

  private constructor(login: Login, client: Client, session: SessionFrame, message: string) {
    this.#login = login;
    this.#client = client;
    this.session = session.session_id;
    this.archived = session.conversation.id;
    this.message = message;
  }

  /** Has one conversation in the archive and one that is current, each with a question. */
  static async arrive(login: Login, name: string): Promise<Victim> {
    const { client, session } = await Client.connect(login.url, { headers: login.headers });
    const { accepted } = await client.ask(`${name} before`);
    client.send({ type: 'reset' });
    await client.next('conversation_reset');
    await client.ask(`${name} now`);
    return new Victim(login, client, session, accepted.message.id);
  }

  /** The session as a newcomer sees it, without what changes by itself. */
  async seen(): Promise<SessionFrame> {
    const { client, session } = await Client.connect(this.#login.url, {
      headers: this.#login.headers,
      session: this.session,
    });
    client.close();
    return { ...session, budget: null };
  }

  /**
   * Sends the frames with these numbers and judges what comes of them.
   * @returns what is wrong, each with the number of its frame
   */
  async take(seed: number, indices: readonly number[], ids: Ids): Promise<string[]> {
    const findings: string[] = [];
    let batch: [number, Frame][] = [];
    for (const index of indices) {
      const frame = frameAt(seed, index, ids);
      const { kind } = frame.expect;
      const isAlone = kind !== 'refused' && kind !== 'nothing';
      if (isAlone) {
        findings.push(...(await this.#together(batch)));
        batch = [];
        findings.push(...(await this.#alone(index, frame)));
      } else batch.push([index, frame]);
    }
    findings.push(...(await this.#together(batch)));
    return findings;
  }

  #send({ data }: Frame): void {
    this.#client.sendRaw(data);
  }

  /** Frames are answered in their order; behind them goes one whose answer can be told from the others'. */
  async #together(batch: readonly [number, Frame][]): Promise<string[]> {
    if (batch.length === 0) return [];
    const from = this.#client.frames.length;
    for (const [, frame] of batch) this.#send(frame);
    const client_id = `mark-${++this.#marks}`;
    this.#client.send({ type: 'mark', client_id });
    await this.#client.next('error', (frame) => frame.client_id === client_id);
    const replies = this.#client.frames.slice(from, -1);
    const findings: string[] = [];
    for (const [index, { data, expect: due }] of batch) {
      if (due.kind !== 'refused') continue;
      const reply = replies.shift();
      if (reply?.type === 'error' && reply.seq === undefined && due.codes.includes(reply.code)) continue;
      findings.push(`frame ${index}, ${shown(data)}: ${due.codes} was due, ${JSON.stringify(reply)} came`);
    }
    if (replies.length > 0)
      findings.push(`after frame ${batch[0]?.[0]}: too much: ${shown(JSON.stringify(replies))}`);
    return findings;
  }

  async #alone(index: number, frame: Frame): Promise<string[]> {
    const due = frame.expect;
    const from = this.#client.raw.length;
    this.#send(frame);
    switch (due.kind) {
      case 'answered': {
        const accepted = await this.#client.next('message_accepted');
        await this.#client.answerTo(accepted);
        this.asked.push(due.text);
        return accepted.message.text === due.text
          ? []
          : [`frame ${index}: ${shown(due.text)} was said, ${shown(accepted.message.text)} was kept`];
      }
      case 'models':
        await this.#client.next('models');
        return [];
      case 'pong':
        await this.#client.when('pong', () => this.#client.raw.slice(from).find((text) => text === 'pong'));
        return [];
      case 'closed': {
        const { code } = await this.#client.closed;
        await this.comeBack();
        return code === 1009 ? [] : [`frame ${index}: the socket was closed with ${code}`];
      }
      default:
        return [];
    }
  }

  /** By another socket. */
  async comeBack(): Promise<void> {
    const { headers } = this.#login;
    const { client } = await Client.connect(this.#login.url, { headers, session: this.session });
    this.#client.close();
    this.#client = client;
  }

  /** A question that must go as if nothing had been. */
  async lives(question: string): Promise<void> {
    const { text, end } = await this.#client.ask(question);
    this.asked.push(question);
    expect(text).toBe(`You said: ${question}`);
    expect(end.stop_reason).toBe('end_turn');
  }

  leave(): void {
    this.#client.close();
  }
}

/** What was sent, short enough to be read. */
export function shown(data: string | Uint8Array | null): string {
  const text = typeof data === 'string' ? JSON.stringify(data) : `${data?.length ?? 0} bytes`;
  return text.length > 400 ? `${text.slice(0, 400)}… (${text.length})` : text;
}
