import type { MessagesRequest } from './anthropic-request.ts';
import { type Exchange, sse } from './exchange.ts';
import type { Plan } from './plan.ts';
import { breakDown, play } from './play.ts';
import { sign } from './signatures.ts';
import type { Switches } from './switches.ts';
import type { PromptTokens } from './tokens.ts';
import { readJson } from './tools/results.ts';
import type { World } from './world.ts';

/** Plays an answer as the API's event stream. */
export async function streamMessage(
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
    const signature = sign(shown ? textOfSteps(plan.thinking) : '', request.prefix);
    await exchange.write(delta(index, { type: 'signature_delta', signature }));
    await send({ type: 'content_block_stop', index });
    index++;
  }
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
    index++;
  }
  for (const [nth, call] of plan.calls.entries()) {
    const id = callId(world, plan);
    await send({
      type: 'content_block_start',
      index,
      content_block: { type: 'tool_use', id, name: call.name, input: {}, caller: { type: 'direct' } },
    });
    const piece = (partial_json: string) => delta(index, { type: 'input_json_delta', partial_json });
    await exchange.write(piece(''));
    const isCut = plan.callBreak !== null && nth === plan.calls.length - 1;
    const pieces = isCut ? call.pieces.slice(0, Math.ceil(call.pieces.length / 2)) : call.pieces;
    if (!(await play(exchange, pieces, piece))) return;
    if (isCut && plan.callBreak !== null) return breakDown(exchange, plan.callBreak, error);
    await send({ type: 'content_block_stop', index });
    index++;
  }
  await send({
    type: 'message_delta',
    delta: { stop_reason: STOP_REASONS[plan.stop], stop_sequence: null, stop_details: stopDetails(plan) },
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

/** An answer in one piece. */
export function wholeMessage(world: World, request: MessagesRequest, plan: Plan, counted: PromptTokens) {
  const thinking = textOfSteps(plan.thinking);
  const shown = request.thinking === 'summarized' ? thinking : '';
  const message = emptyMessage(world.id('msg_sim'), request, counted);
  return {
    ...message,
    content: [
      ...(thinking === ''
        ? []
        : [{ type: 'thinking', thinking: shown, signature: sign(shown, request.prefix) }]),
      ...(plan.answer === '' ? [] : [{ type: 'text', text: plan.answer, citations: null }]),
      ...plan.calls.map(({ name, pieces }) => ({
        type: 'tool_use',
        id: callId(world, plan),
        name,
        input: readJson(textOfSteps(pieces)) ?? {},
        caller: { type: 'direct' },
      })),
    ],
    stop_reason: STOP_REASONS[plan.stop],
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

const STOP_REASONS = { end: 'end_turn', max_tokens: 'max_tokens', refused: 'refusal', tool_use: 'tool_use' };

/** The id of a new call; it is noted whether its turn began with thinking. */
function callId(world: World, plan: Plan): string {
  const id = world.id('toolu_sim');
  if (plan.thinking.length > 0) world.thoughtBefore.add(id);
  return id;
}

function textOfSteps(steps: Plan['thinking']): string {
  return steps.map(({ text }) => text).join('');
}

/** The API's error object, the same over HTTP and inside a stream. */
export function errorBody(type: string, message: string, requestId: string | null) {
  return { type: 'error', error: { type, message }, request_id: requestId };
}
