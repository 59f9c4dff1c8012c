import { type Health, isChoosable, type Model } from '../shared/index.ts';
import { completionLink, patiently, streamingLink } from './arrival.ts';
import { End, Talk, type TalkDeps } from './deployment-talk.ts';
import { type Link, probedLinks } from './home-links.ts';

export type DeploymentWalkDeps = TalkDeps & { pause: (ms: number) => Promise<unknown> };

/** Longer than LITELLM_TIMEOUT_S is by default: the deployment's own words about a silent home come first. */
const FIRST_ANSWER_MS = 150_000;
const SECOND_ANSWER_MS = 90_000;
/** So many tell whether they come one by one; what would follow is not needed. */
const ENOUGH_PIECES = 40;

/** The model at home that the deployment's probes look at; null where it has none. */
function homeModelOf(models: readonly Model[]): Model | null {
  const atHome = models.filter((model) => model.home_state !== undefined);
  return atHome.find(isChoosable) ?? atHome[0] ?? null;
}

/**
 * Walks through a deployment to its home model link by link, and ends at the first one that is broken. Up to Ollama
 * it believes what the deployment says of itself; then it asks two short questions as the page would: to the home
 * model alone, and should another one take over, it is stopped at once. Whatever happens, no answer is left running.
 */
export async function* walkDeployment(
  health: Health,
  models: readonly Model[],
  deps: DeploymentWalkDeps,
): AsyncGenerator<Link> {
  const { litellm, ollama } = health.services;
  const home = homeModelOf(models);
  if (litellm.status === 'unconfigured') {
    yield { name: 'settings', state: 'broken', told: litellm.detail };
    return;
  }
  if (home === null || (home.status === 'disabled' && litellm.status !== 'down')) {
    const why = home?.reason ?? litellm.detail;
    yield { name: 'settings', state: 'skipped', told: `this deployment has no home model: ${why}` };
    return;
  }
  const reason = isChoosable(home) ? null : home.reason;
  const probed = probedLinks({ litellm, ollama }, reason, home.home_state === 'cold');
  yield* probed;
  if (probed.some((link) => link.state === 'broken')) return;

  const talk = new Talk(deps);
  try {
    yield await talk.open(home);
    yield completionLink(yield* patiently(talk.ask('Hello', 1, FIRST_ANSWER_MS), deps.pause));
    const question = 'Count from one to twenty in words.';
    yield streamingLink(yield* patiently(talk.ask(question, ENOUGH_PIECES, SECOND_ANSWER_MS), deps.pause));
  } catch (error) {
    if (!(error instanceof End)) throw error;
    yield error.link;
  } finally {
    await talk.leave();
  }
}
