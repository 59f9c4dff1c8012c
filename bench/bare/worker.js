/**
 * The least that does the same: an object a chat, a socket, one frame for each delta, a row with the frames of each
 * second, and those frames again for whoever comes back. No history, no models, no limits, no errors. What the shipped
 * Worker needs beyond it is the price of what it does beyond it.
 */
import { DurableObject } from 'cloudflare:workers';

const STORE_MS = 1_000;

export class Relay extends DurableObject {
  #seq;
  #unstored = [];
  #storedAt = 0;
  #sockets;

  constructor(ctx, env) {
    super(ctx, env);
    this.#sockets = ctx.getWebSockets();
    ctx.storage.sql.exec(
      'CREATE TABLE IF NOT EXISTS frames (last_seq INTEGER PRIMARY KEY, wire TEXT NOT NULL)',
    );
    this.#seq = ctx.storage.sql.exec('SELECT coalesce(max(last_seq), 0) AS seq FROM frames').one().seq;
  }

  fetch(request) {
    const after = Number(new URL(request.url).searchParams.get('after') ?? Number.POSITIVE_INFINITY);
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server);
    this.#sockets.push(server);
    server.send(JSON.stringify({ ready: true, id: this.ctx.id.toString(), seq: this.#seq }));
    for (const wire of this.#framesAfter(after)) server.send(wire);
    return new Response(null, { status: 101, webSocket: client });
  }

  #framesAfter(after) {
    if (after >= this.#seq) return [];
    const rows = this.ctx.storage.sql
      .exec('SELECT wire FROM frames WHERE last_seq > ? ORDER BY last_seq', after)
      .toArray();
    const frames = [...rows.flatMap(({ wire }) => wire.split('\n')), ...this.#unstored];
    return frames.slice(frames.length - (this.#seq - after));
  }

  async webSocketMessage(_socket, question) {
    const response = await fetch(`${this.env.UPSTREAM}/v1/messages`, {
      method: 'POST',
      body: JSON.stringify({ messages: [{ role: 'user', content: question }] }),
    });
    const reader = response.body.getReader();
    const decoder = new TextDecoder();
    let rest = '';
    this.#storedAt = Date.now();
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      const events = (rest + decoder.decode(read.value, { stream: true })).split('\n\n');
      rest = events.pop();
      for (const event of events) {
        const { delta } = JSON.parse(event.slice(event.indexOf('data: ') + 6));
        if (delta?.text !== undefined) this.#send({ text: delta.text });
      }
      if (Date.now() - this.#storedAt >= STORE_MS) this.#store();
    }
    this.#send({ end: true });
    this.#store();
  }

  #send(frame) {
    this.#seq += 1;
    const wire = JSON.stringify({ ...frame, seq: this.#seq });
    this.#unstored.push(wire);
    for (const socket of this.#sockets) socket.send(wire);
  }

  #store() {
    this.#storedAt = Date.now();
    if (this.#unstored.length === 0) return;
    this.ctx.storage.sql.exec('INSERT INTO frames VALUES (?, ?)', this.#seq, this.#unstored.join('\n'));
    this.#unstored = [];
  }

  webSocketClose(socket, code) {
    this.#sockets = this.#sockets.filter((one) => one !== socket);
    if (code !== 1005) socket.close(code);
  }
}

export default {
  fetch(request, env) {
    const id = new URL(request.url).pathname.slice(1);
    const { RELAYS } = env;
    return RELAYS.get(id === '' ? RELAYS.newUniqueId() : RELAYS.idFromString(id)).fetch(request);
  },
};
