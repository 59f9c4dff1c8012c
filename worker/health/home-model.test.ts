import { describe, expect, it } from 'vitest';
import { aConfig } from '../models/test-world.ts';
import { foldRound } from './fold.ts';
import { probeAll } from './probes.ts';
import { allWell, html, json, redirect, type Script, scriptedFetch } from './test-upstreams.ts';

const ALIVE = '127.0.0.1:4000/health/liveliness';
const LIST = '127.0.0.1:4000/v1/models';
const TAGS = '127.0.0.1:11434/api/tags';
const PS = '127.0.0.1:11434/api/ps';
const MODEL = 'qwen2.5:14b-instruct-8k';
const loaded = json({ models: [{ name: MODEL, model: MODEL }] });
const status = (code: number) => new Response(null, { status: code });

/** @param stepMs what the clock goes on by between two looks at it, so what each answer took */
async function stateOf(more: Script, settings: Record<string, string> = {}, stepMs = 1) {
  const config = aConfig(settings);
  const { fetch } = scriptedFetch(allWell({ [PS]: loaded, ...more }));
  let now = 0;
  const round = await probeAll(config, {
    fetch,
    now: () => (now += stepMs),
    signal: new AbortController().signal,
  });
  return foldRound(round, config, now).home_model;
}

describe('the states of the home model', () => {
  it('ready: everything answers and it is in memory', async () => {
    expect(await stateOf({})).toEqual({ state: 'ready', reason: null });
  });

  it('cold: there, but not in memory', async () => {
    expect(await stateOf({ [PS]: json({ models: [] }) })).toEqual({ state: 'cold', reason: null });
  });

  it('slow: it answers, after more than two seconds', async () => {
    expect(await stateOf({}, {}, 300)).toEqual({ state: 'ready', reason: null });
    expect(await stateOf({}, {}, 3000)).toEqual({ state: 'slow', reason: null });
  });

  it('an Ollama that does not tell what is in memory counts as ready', async () => {
    expect(await stateOf({ [PS]: status(404) })).toMatchObject({ state: 'ready' });
    expect(await stateOf({}, { OLLAMA_BASE_URL: '' })).toMatchObject({ state: 'ready' });
  });

  it.each<[string, Script, RegExp]>([
    ['model_missing', { [TAGS]: json({ models: [{ name: 'other:1b' }] }) }, /does not have the model/],
    ['model_missing', { [LIST]: json({ data: [{ id: 'other' }] }) }, /does not list the model/],
    ['ollama_down', { [TAGS]: status(500) }, /Ollama/],
    ['proxy_down', { [ALIVE]: status(502) }, /start LiteLLM/],
    ['proxy_down', { [ALIVE]: status(524) }, /in time/],
    ['tunnel_down', { [ALIVE]: status(530) }, /start cloudflared/],
    ['not_allowed', { [ALIVE]: redirect() }, /service token/],
    ['not_allowed', { [ALIVE]: status(403) }, /CF_ACCESS_CLIENT_ID/],
    ['not_allowed', { [LIST]: status(401) }, /LITELLM_MASTER_KEY/],
    ['not_allowed', { [TAGS]: status(403) }, /httpHostHeader/],
    ['proxy_down', { [ALIVE]: html(200) }, /web page/],
  ])('%s, in words that say what to do', async (state, script, words) => {
    const home = await stateOf(script);
    expect(home.state).toBe(state);
    expect(home.reason).toMatch(words);
  });
});
