import { askedOf } from './anthropic-asked.ts';
import { CLAUDE_MODELS, modelInfo, modelPage } from './anthropic-models.ts';
import { type MessagesRequest, type Refusal, readMessagesRequest } from './anthropic-request.ts';
import { errorBody, streamMessage, wholeMessage } from './anthropic-wire.ts';
import { type Exchange, PAGE } from './exchange.ts';
import { planAnswer } from './plan.ts';
import { readSwitches, type Switches } from './switches.ts';
import { type PromptTokens, tokensOf } from './tokens.ts';
import type { World } from './world.ts';

/** Anthropic's API: `/v1/messages`, `/v1/messages/count_tokens`, `/v1/models`, `/v1/models/{id}`. */
export async function handleAnthropic(exchange: Exchange, path: string, world: World): Promise<void> {
  exchange.setHeader('request-id', world.id('req_sim'));
  const { key } = exchange;
  if (key === null)
    return refuse(exchange, world, 401, 'authentication_error', 'x-api-key header is required');
  if (world.control.states.anthropic === 'bad_key' || key.includes('invalid')) {
    return refuse(exchange, world, 401, 'authentication_error', 'invalid x-api-key');
  }
  if (path === '/v1/messages' && exchange.method === 'POST') return handleMessages(exchange, world);
  if (path === '/v1/messages/count_tokens' && exchange.method === 'POST') return countTokens(exchange, world);
  if (path === '/v1/models' && exchange.method === 'GET') {
    return exchange.json(200, modelPage(exchange.url.searchParams, world.now()));
  }
  const id = /^\/v1\/models\/([^/]+)$/.exec(path)?.[1];
  const model = CLAUDE_MODELS.find((candidate) => candidate.id === id || candidate.alias === id);
  if (model !== undefined) return exchange.json(200, modelInfo(model, world.now()));
  return refuse(exchange, world, 404, 'not_found_error', id === undefined ? 'Not found' : `model: ${id}`);
}

/** The Messages API; LiteLLM passes requests for Claude models through to it. */
export async function handleMessages(exchange: Exchange, world: World): Promise<void> {
  const version = exchange.header('anthropic-version');
  const request = readMessagesRequest(exchange.body, version, world.now(), world.thoughtBefore);
  if ('status' in request) return refuseWith(exchange, world, request);
  const asked = askedOf(request.messages);
  const { prompt, rounds } = asked;
  const switches = readSwitches(prompt, request.modelId);
  if (await failFirst(exchange, world, switches, rounds.length + 1)) return;

  const plan = planAnswer(
    { model: request.modelId, service: 'anthropic', tools: request.tools, ...asked },
    switches,
    {
      maxTokens: request.maxTokens,
      thinking: thinks(request, prompt, rounds.length === 0, switches),
      seed: world.seed,
      pace: world.pace,
      now: world.now(),
    },
  );
  const counted = countPrompt(request, world);
  if (request.stream) await streamMessage(exchange, world, request, plan, counted, switches);
  else exchange.json(200, wholeMessage(world, request, plan, counted));
}

function countTokens(exchange: Exchange, world: World): void {
  const version = exchange.header('anthropic-version');
  const request = readMessagesRequest(exchange.body, version, world.now(), world.thoughtBefore, true);
  if ('status' in request) refuseWith(exchange, world, request);
  else exchange.json(200, { input_tokens: request.parts.reduce((sum, { text }) => sum + tokensOf(text), 0) });
}

/** The failures that come before any stream. */
async function failFirst(
  exchange: Exchange,
  world: World,
  switches: Switches,
  round: number,
): Promise<boolean> {
  if (switches.failRound === round) {
    refuse(exchange, world, 529, 'overloaded_error', 'Overloaded');
    return true;
  }
  if (switches.status !== null) {
    if (switches.status === 429) exchange.setHeader('retry-after', '1');
    refuse(
      exchange,
      world,
      switches.status,
      ERROR_TYPES[switches.status] ?? 'api_error',
      'simulated failure',
    );
    return true;
  }
  if (switches.html) {
    exchange.send(200, 'text/html; charset=utf-8', PAGE);
    return true;
  }
  if (switches.silent) {
    exchange.startStream();
    await exchange.untilGone();
    return true;
  }
  return false;
}

/** Adaptive thinking leaves easy questions out. */
function thinks(request: MessagesRequest, prompt: string, isFirst: boolean, switches: Switches): boolean {
  if (request.thinking === 'off') return false;
  if (!isFirst) return switches.think;
  const worthIt = { opus: 0, sonnet: 60, haiku: 400 }[request.model.line];
  return switches.think || prompt.length > worthIt;
}

function countPrompt(request: MessagesRequest, world: World): PromptTokens {
  return world.cache.count(
    request.model.id,
    request.parts,
    request.model.cacheMinimum,
    world.now().getTime(),
  );
}

const ERROR_TYPES: Record<number, string> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  408: 'timeout_error',
  409: 'conflict_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  504: 'timeout_error',
  529: 'overloaded_error',
};

function refuse(exchange: Exchange, world: World, status: number, type: string, message: string): void {
  exchange.json(status, errorBody(type, message, world.id('req_sim')));
}

function refuseWith(exchange: Exchange, world: World, refusal: Refusal): void {
  refuse(exchange, world, refusal.status, refusal.type, refusal.message);
}
