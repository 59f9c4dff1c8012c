import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { WebSocket } from 'ws';

/** Where the misbehaving go. */
export type Target = { url: string; headers?: Record<string, string> };

/** One that misbehaves until it is stopped, or has done all that it may. */
export type Rogue = { stop(): void };

/** So long between two misdeeds of one of them: each is bounded by that, and by {@link MOST}. Milliseconds. */
const BEAT_MS = 100;
/** Misdeeds of one of them in all. */
const MOST = 600;
const FLOOD = 20;
const HUGE = 'x'.repeat(1_048_577);

function open({ url, headers = {} }: Target): WebSocket {
  const address = `${url.replace('http', 'ws')}/ws`;
  const socket = new WebSocket(address, ['chatbox.v1'], { origin: url, headers, perMessageDeflate: false });
  // To be thrown out is what it is there for.
  socket.on('error', () => {});
  return socket;
}

/** @param once does one misdeed */
function beat(everyMs: number, once: () => void, onStop: () => void): Rogue {
  let count = 0;
  const timer = setInterval(() => {
    count += 1;
    if (count > MOST) clearInterval(timer);
    else once();
  }, everyMs);
  return {
    stop() {
      clearInterval(timer);
      onStop();
    },
  };
}

/** Sends frames of more than 1 MiB, and comes back each time that it is thrown out. */
function huge(target: Target): Rogue {
  let socket = open(target);
  const once = () => {
    if (socket.readyState === WebSocket.OPEN && socket.bufferedAmount === 0) socket.send(HUGE);
    if (socket.readyState === WebSocket.CLOSED) socket = open(target);
  };
  return beat(10 * BEAT_MS, once, () => socket.terminate());
}

/** Two hundred frames a second that are none. */
function flood(target: Target): Rogue {
  const socket = open(target);
  let n = 0;
  const once = () => {
    if (socket.readyState !== WebSocket.OPEN) return;
    for (let i = 0; i < FLOOD; i += 1) {
      n += 1;
      socket.send(n % 2 === 0 ? '{"type":"destroy"}' : JSON.stringify({ message: 7, client_id: `f${n}` }));
    }
  };
  return beat(BEAT_MS, once, () => socket.terminate());
}

/** Has everything sent to it and reads nothing of it. */
function deaf(target: Target): Rogue {
  const socket = open(target);
  socket.once('open', () => socket.pause());
  const once = () => {
    if (socket.readyState !== WebSocket.OPEN) return;
    socket.send('{"type":"models"}');
    socket.send('{"type":"reset"}');
  };
  return beat(BEAT_MS, once, () => socket.terminate());
}

/** Comes and is gone at once, without a goodbye. */
function flighty(target: Target): Rogue {
  const opened: WebSocket[] = [];
  const once = () => {
    opened.shift()?.terminate();
    opened.push(open(target));
  };
  const leave = () => {
    for (const socket of opened) socket.terminate();
  };
  return beat(2 * BEAT_MS, once, leave);
}

/** @param say what goes after the upgrade, or instead of it */
function raw({ url, headers = {} }: Target, say: (upgrade: string) => string | Uint8Array): Rogue {
  const { port, host } = new URL(url);
  const lines = [
    'GET /ws HTTP/1.1',
    `Host: ${host}`,
    `Origin: ${url}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
    'Sec-WebSocket-Protocol: chatbox.v1',
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  ];
  const socket = connect(Number(port), '127.0.0.1', () => socket.write(say(lines.join('\r\n'))));
  socket.on('error', () => {});
  // Whatever comes is thrown away.
  socket.resume();
  return { stop: () => socket.destroy() };
}

/** Upgrades, begins a frame, and is silent for ever. */
const halfFrame = (target: Target): Rogue =>
  raw(target, (upgrade) =>
    Buffer.concat([Buffer.from(`${upgrade}\r\n\r\n`), Buffer.from([0x81, 0xfe, 0xff, 0xff, 1, 2, 3, 4, 5])]),
  );

/** Begins a request, and is silent for ever. */
const halfRequest = (target: Target): Rogue => raw(target, (upgrade) => upgrade);

/** Every way to misbehave that is tried. */
export const ROGUES: Readonly<Record<string, (target: Target) => Rogue>> = {
  huge,
  flood,
  deaf,
  flighty,
  halfFrame,
  halfRequest,
};

/** They come one after the other within this time, or all their misdeeds would be one. Milliseconds. */
const ARRIVAL_MS = 1_000;

/** So many of them, of every kind in turn. */
export function letLoose(count: number, target: Target): Rogue {
  const kinds = Object.values(ROGUES);
  const loose: Rogue[] = [];
  const arrivals = Array.from({ length: count }, (_, n) =>
    setTimeout(
      () => {
        const rogue = kinds[n % kinds.length]?.(target);
        if (rogue !== undefined) loose.push(rogue);
      },
      (n * ARRIVAL_MS) / count,
    ),
  );
  return {
    stop() {
      for (const arrival of arrivals) clearTimeout(arrival);
      for (const rogue of loose) rogue.stop();
    },
  };
}
