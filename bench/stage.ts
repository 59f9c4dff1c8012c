import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Arm, ArmName } from './arms/arm.ts';
import { bareArm } from './arms/bare.ts';
import { directArm } from './arms/direct.ts';
import { peerArm } from './arms/peer.ts';
import { sessionArm } from './arms/session.ts';
import { type Host, startHost } from './host.ts';
import { preparePeer } from './peer-packages.ts';
import { makeFolder } from './scratch.ts';
import { startUpstream, type Upstream } from './upstream-process.ts';
import { bareWorker, peerWorker, sessionWorker, type WorkerFiles, withDoor } from './workers.ts';
import { sessionSettings } from './world.ts';

/** Those that run in workerd. */
export type HostedName = Exclude<ArmName, 'direct'>;

/** Where the objects' disk is: in memory, or on the machine's own. */
export type Disk = 'memory' | 'disk';

const MEMORY = '/dev/shm';
export const hasMemoryDisk = existsSync(MEMORY);

const CLASSES: Record<HostedName, string> = { session: 'ChatSession', bare: 'Relay', peer: 'ChatAgent' };

/**
 * The upstream, and whoever is compared on it; each in a process of its own, started when it is needed and kept, all
 * on the same kind of disk.
 */
export class Stage {
  readonly signal: AbortSignal;
  readonly disk: Disk;
  readonly #shop: Workshop;
  readonly #arms = new Map<ArmName, Promise<Arm>>();
  readonly #opened: (() => Promise<void>)[] = [];

  constructor(shop: Workshop, disk: Disk) {
    this.#shop = shop;
    this.disk = disk;
    this.signal = shop.signal;
  }

  upstreamUrl(): Promise<string> {
    return this.#shop.upstreamUrl();
  }

  /** Those of the names that can be had here, in this order. */
  async arms(...names: ArmName[]): Promise<Arm[]> {
    const arms: Arm[] = [];
    for (const name of names) {
      this.signal.throwIfAborted();
      if (name === 'peer' && (await this.#shop.peerMissing()) !== null) continue;
      const known = this.#arms.get(name) ?? this.#start(name);
      this.#arms.set(name, known);
      arms.push(await known);
    }
    return arms;
  }

  /** All that run in workerd and can be had here. */
  async hosted(): Promise<HostedName[]> {
    return (await this.#shop.peerMissing()) === null ? ['bare', 'session', 'peer'] : ['bare', 'session'];
  }

  async #start(name: ArmName): Promise<Arm> {
    if (name === 'direct') return directArm(await this.upstreamUrl());
    const { arm, close } = await this.fresh(name);
    this.#opened.push(close);
    return arm;
  }

  /**
   * One in a new process of its own.
   * @param options.door behind a door, see door.ts
   * @param options.folder of its disk, which then stays; without it a new one that goes with it
   * @param options.settings of the session's Worker, above those for the upstream
   */
  async fresh(
    name: HostedName,
    options: { door?: boolean; folder?: string; settings?: Record<string, string> } = {},
  ): Promise<{ arm: Arm; host: Host; close(): Promise<void> }> {
    const upstreamUrl = await this.upstreamUrl();
    const files = await this.#shop.files(name, options.door ?? false);
    const folder = options.folder === undefined ? this.folder() : { path: options.folder, remove: () => {} };
    const bindings =
      name === 'session'
        ? { ...sessionSettings(upstreamUrl), ...options.settings }
        : { UPSTREAM: upstreamUrl };
    const host = await startHost(files, folder.path, bindings);
    const arm = { session: sessionArm, bare: bareArm, peer: peerArm }[name](host);
    return {
      arm,
      host,
      async close() {
        await host.close();
        folder.remove();
      },
    };
  }

  /** A new folder for objects' disks. */
  folder(): { path: string; remove(): void } {
    return makeFolder(parentOf(this.disk));
  }

  async close(): Promise<void> {
    for (const close of this.#opened.splice(0)) await close();
    this.#arms.clear();
  }
}

function parentOf(disk: Disk): string {
  return disk === 'memory' && hasMemoryDisk ? MEMORY : tmpdir();
}

/** What all stages share: the upstream, and the Workers' bundles, each made once. */
export class Workshop {
  readonly signal: AbortSignal;
  readonly #say: (line: string) => void;
  readonly #scratch = makeFolder(tmpdir());
  readonly #files = new Map<string, Promise<WorkerFiles>>();
  #upstream: Promise<Upstream> | null = null;
  #peerMissing: Promise<string | null> | null = null;

  constructor(signal: AbortSignal, say: (line: string) => void) {
    this.signal = signal;
    this.#say = say;
  }

  async upstreamUrl(): Promise<string> {
    this.#upstream ??= startUpstream();
    return (await this.#upstream).url;
  }

  /** Why the peer cannot be had; null when it can. */
  peerMissing(): Promise<string | null> {
    this.#peerMissing ??= preparePeer(this.signal, this.#say);
    return this.#peerMissing;
  }

  /** The same, once somebody has wanted to have it; null until then. */
  async peerSkipped(): Promise<string | null> {
    return this.#peerMissing;
  }

  files(name: HostedName, door: boolean): Promise<WorkerFiles> {
    const key = door ? `${name}-door` : name;
    const known = this.#files.get(key) ?? this.#make(name, door, join(this.#scratch.path, key));
    this.#files.set(key, known);
    return known;
  }

  async #make(name: HostedName, door: boolean, into: string): Promise<WorkerFiles> {
    if (door) return withDoor(await this.files(name, false), CLASSES[name], into);
    if (name === 'bare') return bareWorker(await this.files('session', false));
    return name === 'session' ? sessionWorker(into, this.signal) : peerWorker(into, this.signal);
  }

  async close(): Promise<void> {
    (await this.#upstream)?.close();
    this.#scratch.remove();
  }
}
