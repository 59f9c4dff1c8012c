import type { AutoMode } from '../../shared/index.ts';
import type { Agent } from '../agents/agent.ts';
import type { SystemPrompts } from '../agents/system-prompt.ts';
import type { Sql } from '../archive/sql.ts';
import type { SessionLimits } from '../config-limits.ts';
import type { Till } from '../guard/till.ts';
import type { Visitor } from '../guard/visitor.ts';
import type { ModelEntry } from '../models/types.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { Socket } from './audience.ts';
import type { Pricing, RecordAnswer } from './live-run.ts';
import type { Offer, OfferSource } from './offer.ts';
import type { SecondOpinion } from './second-opinion.ts';
import type { ToolSettings } from './session-tools.ts';
import type { Timers } from './ticker.ts';
import type { UnwatchedLimits } from './unwatched.ts';

/** Everything that a session needs from the outside: storage, clients, models, money, clock. */
export type SessionDeps = {
  /** The bearer secret that clients come back with. */
  id: string;
  sql: Sql;
  sockets: () => Iterable<Socket>;
  offer: OfferSource;
  /** A new round of probes after an upstream failed. */
  recheckHealth: () => Promise<Offer>;
  /** Makes the home model load; in the background, and not too often. */
  warmUp: (entry: ModelEntry, payer: Visitor) => Promise<unknown>;
  createAgent: (entry: ModelEntry) => Agent;
  till: Till;
  pricing: Pricing;
  recordAnswer: RecordAnswer;
  tools: ToolSettings;
  /** Null where Haiku is not asked for its opinion. */
  secondOpinion: SecondOpinion | null;
  telemetry: Telemetry;
  settings: {
    modelSelection: boolean;
    /** How Automatic weighs quality against price where a frame says nothing of it. */
    autoMode: AutoMode;
    prompts: SystemPrompts;
    localFallback: boolean;
    fallbackModel: string;
    retentionDays: number | null;
    unwatched: UnwatchedLimits;
    limits: SessionLimits;
  };
  /** The session is in use: a connection has come, a frame was received, a run has ended. */
  touch: () => void;
  now: () => number;
  newId: () => string;
  timers: Timers;
  /** Keeps the object alive until the promise settles. */
  keepAlive: (work: Promise<unknown>) => void;
};
