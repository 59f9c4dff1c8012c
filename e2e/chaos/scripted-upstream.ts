import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { chop } from '../harness/chop.ts';
import { type Lab, said, startLab } from '../harness/mcp-lab.ts';
import { servers } from '../harness/mcp-world.ts';
import { type Asked, type Stream, settingsFor, startUpstream, type Upstream } from '../harness/upstream.ts';
import { type Ending, MARK, type Menu, questionIn, type Refusal, type Script, scriptOf } from './script.ts';

/** Nobody may forget a stream that waits: after this long it goes on by itself, milliseconds. */
export const LONGEST_HOLD_MS = 5_000;

/** A call of a tool takes as long as its number says, so that it can be cut in the middle, milliseconds. */
const MOST_CALL_MS = 60;
/** What the tools have heard is only kept by the harness; here there are thousands of requests. */
const MOST_HEARD = 1_000;

type Known = {
  script: Script;
  requests: number;
  /** How often the stream itself was begun. */
  played: number;
  holding: boolean;
  isReleased: boolean;
  release: () => void;
  /** Requests whose connection is still there. */
  open: number;
  onChange: () => void;
};

/** The upstream that answers each question by its script, waits where that says so, and counts. */
export class ScriptedUpstream {
  readonly settings: Record<string, string>;
  readonly #upstream: Upstream;
  readonly #lab: Lab;
  readonly #known = new Map<string, Known>();

  private constructor(upstream: Upstream, lab: Lab) {
    this.#upstream = upstream;
    this.#lab = lab;
    this.settings = {
      ...settingsFor(upstream),
      MCP_SERVERS: servers({ name: 'lab', url: lab.url }),
    };
    upstream.on('', (stream, asked) => this.#answer(stream, asked));
    lab.set('look', async ({ ms }) => {
      if (lab.heard.length > MOST_HEARD) lab.heard.splice(0, MOST_HEARD / 2);
      await sleep(Number(ms));
      return said(`after ${ms} ms`);
    });
  }

  static async start(): Promise<ScriptedUpstream> {
    return new ScriptedUpstream(await startUpstream(), await startLab());
  }

  /**
   * Makes a question known; its script is played when it is asked.
   * @param onChange called whenever the upstream holds, is asked, or is left
   */
  expect(question: string, seed: number, menu: Menu, onChange: () => void): Script {
    const script = scriptOf(question, seed, menu);
    this.#known.set(question, {
      script,
      requests: 0,
      played: 0,
      holding: false,
      isReleased: false,
      release: () => {},
      open: 0,
      onChange,
    });
    return script;
  }

  isHolding(question: string): boolean {
    return this.#known.get(question)?.holding ?? false;
  }

  /** Lets a held stream go on, or pass where it would be held. */
  release(question: string): void {
    const known = this.#known.get(question);
    if (known === undefined) return;
    known.isReleased = true;
    known.release();
  }

  /** What reached the upstream for a question so far. */
  counts(question: string): { requests: number; played: number; open: number } {
    const known = this.#known.get(question);
    return { requests: known?.requests ?? 0, played: known?.played ?? 0, open: known?.open ?? 0 };
  }

  forget(question: string): void {
    this.#known.delete(question);
  }

  async close(): Promise<void> {
    await this.#upstream.close();
    await this.#lab.close();
  }

  async #answer(stream: Stream, asked: Asked): Promise<void> {
    // Kept by the harness for whoever looks at every request; here there are thousands.
    this.#upstream.asked.length = 0;
    const known = this.#known.get(questionIn(asked.question) ?? '');
    if (known === undefined) return stream.refuse(404);
    const refusal = known.script.refusals[known.requests];
    known.requests += 1;
    known.open += 1;
    void asked.closed.then(() => {
      known.open -= 1;
      known.onChange();
    });
    known.onChange();
    if (refusal !== undefined) return refuse(stream, refusal);
    const { calls } = known.script;
    if (calls > 0 && asked.rounds.length === 0 && asked.tools.includes('look')) {
      stream.start();
      stream.tools(
        Array.from({ length: calls }, (_, n) => ({
          name: 'look',
          args: { ms: Math.round((MOST_CALL_MS * (n + 1)) / calls) },
        })),
      );
      return stream.end();
    }
    known.played += 1;
    await this.#play(stream, known);
  }

  async #play(stream: Stream, known: Known): Promise<void> {
    const { script } = known;
    const { response } = stream;
    if (script.hold === 'start') await hold(known, response);
    if (response.destroyed) return;
    if (script.chopBytes !== null) chop(response, script.chopBytes);
    stream.start();
    for (const { kind, text, waitMs } of script.pieces) {
      if (waitMs > 0) await sleep(waitMs);
      if (response.destroyed) return;
      if (script.hold === 'character' && text.includes(MARK))
        await this.#insideCharacter(stream, kind, text, known);
      else stream[kind](text);
    }
    if (script.hold === 'end') await hold(known, response);
    if (!response.destroyed) finish(stream, script.ending);
  }

  /** Half of the mark's bytes go out, then the upstream waits, then the other half follows. */
  async #insideCharacter(
    stream: Stream,
    kind: 'text' | 'thinking',
    text: string,
    known: Known,
  ): Promise<void> {
    const { response } = stream;
    const written: string[] = [];
    const { write } = response;
    response.write = (chunk: unknown) => {
      written.push(String(chunk));
      return true;
    };
    stream[kind](text);
    response.write = write;
    const bytes = Buffer.from(written.join(''));
    const middle = bytes.indexOf(MARK) + 2;
    response.write(bytes.subarray(0, middle));
    await hold(known, response);
    if (!response.destroyed) response.write(bytes.subarray(middle));
  }
}

/** Waits until it is released, or left. */
async function hold(known: Known, response: ServerResponse): Promise<void> {
  if (known.isReleased || response.destroyed) return;
  known.holding = true;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, LONGEST_HOLD_MS);
    known.release = () => {
      clearTimeout(timer);
      resolve();
    };
    response.once('close', known.release);
    known.onChange();
  });
  known.holding = false;
}

function refuse(stream: Stream, refusal: Refusal): void {
  if (typeof refusal === 'number') stream.refuse(refusal);
  else if (refusal === 'cut') stream.cut();
  else if (refusal === 'error event') {
    stream.start();
    stream.fail();
  }
}

function finish(stream: Stream, ending: Ending): void {
  if (ending === 'end_turn' || ending === 'max_tokens' || ending === 'refusal') stream.end(ending);
  else if (ending === 'error event') stream.fail();
  else if (ending === 'cut') stream.cut();
  else if (ending === 'broken off') stream.response.end();
}
