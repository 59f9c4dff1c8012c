import { CLAUDE_MODELS, modelInfo, modelPage } from './anthropic-models.ts';
import { type MessagesRequest, type Refusal, readMessagesRequest } from './anthropic-request.ts';
import { type Exchange, PAGE, sse } from './exchange.ts';
import { type Plan, planAnswer } from './plan.ts';
import { play } from './play.ts';
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
  const request = readMessagesRequest(exchange.body, exchange.header('anthropic-version'), world.now());
  if ('status' in request) return refuseWith(exchange, world, request);
  const prompt = request.messages.findLast((message) => message.role === 'user')?.text ?? '';
  const switches = readSwitches(prompt, request.modelId);
  if (await failFirst(exchange, world, switches)) return;

  const plan = planAnswer(
    { model: request.modelId, service: 'anthropic', prompt, earlier: request.messages.length - 1 },
    switches,
    {
      maxTokens: request.maxTokens,
      thinking: thinks(request, prompt, switches),
      seed: world.seed,
      pace: world.pace,
    },
  );
  const counted = countPrompt(request, world);
  if (request.stream) await stream(exchange, world, request, plan, counted, switches);
  else exchange.json(200, wholeMessage(world.id('msg_sim'), request, plan, counted));
}

function countTokens(exchange: Exchange, world: World): void {
  const request = readMessagesRequest(exchange.body, exchange.header('anthropic-version'), world.now(), true);
  if ('status' in request) refuseWith(exchange, world, request);
  else
    exchange.json(200, { input_tokens: promptParts(request).reduce((sum, part) => sum + tokensOf(part), 0) });
}

/** The failures that come before any stream. */
async function failFirst(exchange: Exchange, world: World, switches: Switches): Promise<boolean> {
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
function thinks(request: MessagesRequest, prompt: string, switches: Switches): boolean {
  if (request.thinking === 'off') return false;
  const worthIt = { opus: 0, sonnet: 60, haiku: 400 }[request.model.line];
  return switches.think || prompt.length > worthIt;
}

async function stream(
  exchange: Exchange,
  world: World,
  request: MessagesRequest,
  plan: Plan,
  counted: PromptTokens,
  switches: Switches,
): Promise<void> {
  const send = (event: { type: string } & Record<string, unknown>) => exchange.write(sse(event.type, event));
  const delta = (index: number, of: object) =>
    sse('content_block_delta', { type: 'content_block_delta', index, delta: of });
  const error = sse('error', errorBody('overloaded_error', 'Overloaded', null));

  exchange.startStream();
  if (switches.errorBefore) {
    await exchange.write(error);
    return exchange.end();
  }
  await send({ type: 'message_start', message: emptyMessage(world.id('msg_sim'), request, counted) });
  await send({ type: 'ping' });
  let index = 0;
  if (plan.thinking.length > 0) {
    await send({
      type: 'content_block_start',
      index,
      content_block: { type: 'thinking', thinking: '', signature: '' },
    });
    // With the display omitted the time passes all the same: the page sees a silent pause.
    const shown = request.thinking === 'summarized';
    const went = await play(exchange, plan.thinking, (thinking) =>
      shown ? delta(index, { type: 'thinking_delta', thinking }) : sse('ping', { type: 'ping' }),
    );
    if (!went) return;
    await exchange.write(delta(index, { type: 'signature_delta', signature: 'c2ltdWxhdGVk' }));
    await send({ type: 'content_block_stop', index });
    index++;
  }
  const stopReason = { end: 'end_turn', max_tokens: 'max_tokens', refused: 'refusal' }[plan.stop];
  if (plan.text.length > 0 || plan.breakOff !== null) {
    await send({ type: 'content_block_start', index, content_block: { type: 'text', text: '' } });
    const went = await play(
      exchange,
      plan.text,
      (text) => delta(index, { type: 'text_delta', text }),
      plan.breakOff,
      error,
    );
    if (!went) return;
    await send({ type: 'content_block_stop', index });
  }
  await send({
    type: 'message_delta',
    delta: { stop_reason: stopReason, stop_sequence: null, stop_details: stopDetails(plan) },
    usage: {
      input_tokens: counted.input,
      cache_creation_input_tokens: counted.cacheWrite,
      cache_read_input_tokens: counted.cacheRead,
      output_tokens: plan.outputTokens,
      output_tokens_details: { thinking_tokens: plan.thinkingTokens },
      server_tool_use: null,
    },
  });
  await send({ type: 'message_stop' });
  exchange.end();
}

function wholeMessage(id: string, request: MessagesRequest, plan: Plan, counted: PromptTokens) {
  const thinking = plan.thinking.map((step) => step.text).join('');
  const shown = request.thinking === 'summarized' ? thinking : '';
  const message = emptyMessage(id, request, counted);
  return {
    ...message,
    content: [
      ...(thinking === '' ? [] : [{ type: 'thinking', thinking: shown, signature: 'c2ltdWxhdGVk' }]),
      ...(plan.answer === '' ? [] : [{ type: 'text', text: plan.answer, citations: null }]),
    ],
    stop_reason: { end: 'end_turn', max_tokens: 'max_tokens', refused: 'refusal' }[plan.stop],
    stop_details: stopDetails(plan),
    usage: {
      ...message.usage,
      output_tokens: plan.outputTokens,
      output_tokens_details: { thinking_tokens: plan.thinkingTokens },
    },
  };
}

function emptyMessage(id: string, request: MessagesRequest, counted: PromptTokens) {
  return {
    id,
    type: 'message',
    role: 'assistant',
    model: request.model.id,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    stop_details: null,
    usage: {
      input_tokens: counted.input,
      cache_creation_input_tokens: counted.cacheWrite,
      cache_read_input_tokens: counted.cacheRead,
      cache_creation: { ephemeral_5m_input_tokens: counted.cacheWrite, ephemeral_1h_input_tokens: 0 },
      output_tokens: 1,
      output_tokens_details: null,
      server_tool_use: null,
      service_tier: 'standard',
      speed: 'standard',
      inference_geo: 'not_available',
    },
  };
}

function stopDetails(plan: Plan) {
  return plan.stop === 'refused' ? { type: 'refusal', category: 'general_harms', explanation: null } : null;
}

function promptParts(request: MessagesRequest): string[] {
  return [request.system, ...request.messages.map(({ role, text }) => `${role}: ${text}`)];
}

function countPrompt(request: MessagesRequest, world: World): PromptTokens {
  const minimum = request.cached ? request.model.cacheMinimum : Number.POSITIVE_INFINITY;
  return world.cache.count(request.model.id, promptParts(request), minimum, world.now().getTime());
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

function errorBody(type: string, message: string, requestId: string | null) {
  return { type: 'error', error: { type, message }, request_id: requestId };
}

function refuse(exchange: Exchange, world: World, status: number, type: string, message: string): void {
  exchange.json(status, errorBody(type, message, world.id('req_sim')));
}

function refuseWith(exchange: Exchange, world: World, refusal: Refusal): void {
  refuse(exchange, world, refusal.status, refusal.type, refusal.message);
}
