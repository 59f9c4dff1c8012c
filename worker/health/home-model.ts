import type { HomeState } from '../../shared/index.ts';
import type { Config } from '../config.ts';
import type { Fault } from './outcome.ts';
import type { LitellmProbe, OllamaProbe, Round } from './probes.ts';
import { isListed } from './proxy-list.ts';

/** `reason`: why the home model cannot answer; null when it can. */
export type HomeModel = { state: HomeState; reason: string | null };

/** A proxy that lives answers its probe in a few milliseconds; through a tunnel in a few hundred. */
const SLOW_MS = 2_000;

function stateOf(fault: Fault['kind'] | undefined, ifDown: HomeState): HomeState {
  return fault === undefined || fault === 'down' ? ifDown : fault;
}

function proxyFault(litellm: LitellmProbe, refused: string | null, config: Config): HomeModel | null {
  if (refused !== null) return { state: 'proxy_down', reason: refused };
  if (!litellm.isUp) return { state: stateOf(litellm.fault, 'proxy_down'), reason: litellm.detail };
  const wanted = config.litellm?.model;
  if (litellm.models === null || wanted === undefined || isListed(litellm.models, wanted)) return null;
  const reason = `LiteLLM does not list the model ${wanted}: add it to LiteLLM's model_list, or set LITELLM_MODEL to its model_name.`;
  return { state: 'model_missing', reason };
}

function ollamaFault(ollama: OllamaProbe): HomeModel | null {
  if (!ollama.isUp) return { state: stateOf(ollama.fault, 'ollama_down'), reason: ollama.detail };
  return ollama.hasModel === false ? { state: 'model_missing', reason: ollama.detail } : null;
}

/**
 * What the probes of both home services come to for the model. Without `OLLAMA_BASE_URL` it is judged through
 * LiteLLM alone, and whether it is loaded cannot be seen. Pure.
 * @param refused why LiteLLM's version is not used at all
 */
export function homeModel({ litellm, ollama }: Round, refused: string | null, config: Config): HomeModel {
  if (litellm === null) return { state: 'proxy_down', reason: config.litellmOffReason };
  const fault = proxyFault(litellm, refused, config) ?? (ollama === null ? null : ollamaFault(ollama));
  if (fault !== null) return fault;
  if (ollama?.isLoaded === false) return { state: 'cold', reason: null };
  const slowest = Math.max(litellm.latency_ms ?? 0, ollama?.latency_ms ?? 0);
  return { state: slowest > SLOW_MS ? 'slow' : 'ready', reason: null };
}
