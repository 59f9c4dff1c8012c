import { handleMessages } from './anthropic.ts';
import { CLAUDE_MODELS, findClaude } from './anthropic-models.ts';
import { askedOf, type Chat, readChat } from './chat-request.ts';
import { HOME_TAG } from './control.ts';
import { type Exchange, PAGE, sse } from './exchange.ts';
import { type Plan, planAnswer } from './plan.ts';
import { breakDown, play } from './play.ts';
import { readSwitches, type Switches } from './switches.ts';
import { tokensOf } from './tokens.ts';
import type { World } from './world.ts';

/** The home model's `model_name` at the proxy. */
export const HOME_MODEL = 'ollama-qwen2.5';

/** The proxy's API: health, models, `/v1/chat/completions`, and `/v1/messages` for Claude through it. */
export async function handleLiteLlm(exchange: Exchange, path: string, world: World): Promise<void> {
  exchange.setHeader('x-litellm-version', world.control.litellmVersion);
  exchange.setHeader('x-litellm-call-id', world.id('call_sim'));
  switch (path) {
    case '/health/liveliness':
    case '/health/liveness':
      return exchange.json(200, "I'm alive!");
    case '/health/readiness':
      return exchange.json(200, { status: 'healthy', db: 'Not connected' });
  }
  const { key } = exchange;
  if (key === null) return refuse(exchange, 401, 'auth_error', 'Authentication Error, No api key passed in.');
  if (world.control.states.litellm === 'bad_key' || !key.startsWith('sk-') || key.includes('invalid')) {
    // As a proxy without a database says it (1.104.2): it would look the key up there.
    return refuse(exchange, 400, 'no_db_connection', 'No connected db.');
  }
  switch (`${exchange.method} ${path}`) {
    case 'GET /health/readiness/details':
      return exchange.json(200, {
        status: 'healthy',
        db: 'Not connected',
        cache: null,
        litellm_version: world.control.litellmVersion,
        success_callbacks: [],
        use_aiohttp_transport: true,
        log_level: 'WARNING',
        is_detailed_debug: false,
      });
    case 'GET /v1/models':
    case 'GET /models':
      return exchange.json(200, { object: 'list', data: modelNames(world).map(modelEntry) });
    case 'POST /v1/chat/completions':
    case 'POST /chat/completions':
      return chatCompletions(exchange, world);
    case 'POST /v1/messages':
      return handleMessages(exchange, world);
    default:
      return exchange.json(404, { detail: 'Not Found' });
  }
}

async function chatCompletions(exchange: Exchange, world: World): Promise<void> {
  const chat = readChat(exchange.body);
  if (typeof chat === 'string') return refuse(exchange, 400, 'invalid_request_error', chat);
  if (!modelNames(world).includes(chat.model)) {
    const message = `/chat/completions: Invalid model name passed in model=${chat.model}. Call \`/v1/models\` to view available models for your key.`;
    return refuse(exchange, 400, 'None', message);
  }
  if (chat.model === HOME_MODEL && !homeAnswers(exchange, world)) return;
  const asked = askedOf(chat.messages);
  const switches = readSwitches(asked.prompt, chat.model);
  if (await failFirst(exchange, switches, asked.rounds.length + 1)) return;
  const plan = planAnswer({ model: chat.model, service: 'litellm', tools: chat.tools, ...asked }, switches, {
    maxTokens: chat.maxTokens,
    thinking: switches.think,
    seed: world.seed,
    pace: world.pace,
    now: world.now(),
  });
  if (chat.model === HOME_MODEL) world.control.homeLoaded = true;
  const usage = usageOf(chat, plan);
  if (chat.stream) await stream(exchange, world, chat, plan, usage, switches);
  else exchange.json(200, wholeCompletion(world, chat, plan, usage));
}

/** LiteLLM turns Ollama's troubles into its own errors. */
function homeAnswers(exchange: Exchange, world: World): boolean {
  const { states, ollamaTags } = world.control;
  if (states.ollama === 'down' || states.ollama === 'hanging') {
    refuse(
      exchange,
      500,
      'None',
      'litellm.APIConnectionError: OllamaException - Cannot connect to host ollama:11434',
    );
    return false;
  }
  if (!ollamaTags.includes(HOME_TAG)) {
    refuse(exchange, 404, 'None', `litellm.NotFoundError: OllamaException - model '${HOME_TAG}' not found`);
    return false;
  }
  return true;
}

async function failFirst(exchange: Exchange, switches: Switches, round: number): Promise<boolean> {
  if (switches.failRound === round) {
    refuse(exchange, 529, 'None', 'litellm.InternalServerError: simulated failure');
    return true;
  }
  if (switches.status !== null) {
    refuse(
      exchange,
      switches.status,
      switches.status === 422 ? 'budget_exceeded' : 'None',
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

async function stream(
  exchange: Exchange,
  world: World,
  chat: Chat,
  plan: Plan,
  usage: object,
  switches: Switches,
): Promise<void> {
  const head = {
    id: world.id('chatcmpl_sim'),
    object: 'chat.completion.chunk',
    created: Math.floor(world.now().getTime() / 1000),
    model: chat.model,
  };
  const chunk = (delta: object, finish_reason: string | null = null) =>
    sse(null, { ...head, choices: [{ index: 0, delta, finish_reason }] });
  const error = sse(null, {
    error: {
      message: 'litellm.APIConnectionError: simulated failure',
      type: 'None',
      param: 'None',
      code: '500',
    },
  });

  exchange.startStream();
  if (switches.errorBefore) {
    await exchange.write(error);
    return exchange.end();
  }
  await exchange.write(chunk({ role: 'assistant', content: '' }));
  if (!(await play(exchange, plan.thinking, (reasoning_content) => chunk({ reasoning_content })))) return;
  if (!(await play(exchange, plan.text, (content) => chunk({ content }), plan.breakOff, error))) return;
  for (const [index, { name, pieces }] of plan.calls.entries()) {
    const tool_calls = [
      { index, id: world.id('call_sim'), type: 'function', function: { name, arguments: '' } },
    ];
    await exchange.write(chunk({ tool_calls }));
    const piece = (json: string) => chunk({ tool_calls: [{ index, function: { arguments: json } }] });
    const isCut = plan.callBreak !== null && index === plan.calls.length - 1;
    if (!(await play(exchange, isCut ? pieces.slice(0, Math.ceil(pieces.length / 2)) : pieces, piece)))
      return;
    if (isCut && plan.callBreak !== null) return breakDown(exchange, plan.callBreak, error);
  }
  await exchange.write(chunk({}, finishReason(plan)));
  if (chat.usage) await exchange.write(sse(null, { ...head, choices: [], usage }));
  await exchange.write(sse(null, '[DONE]'));
  exchange.end();
}

function wholeCompletion(world: World, chat: Chat, plan: Plan, usage: object) {
  const tool_calls = plan.calls.map(({ name, pieces }) => ({
    id: world.id('call_sim'),
    type: 'function',
    function: { name, arguments: pieces.map(({ text }) => text).join('') },
  }));
  return {
    id: world.id('chatcmpl_sim'),
    object: 'chat.completion',
    created: Math.floor(world.now().getTime() / 1000),
    model: chat.model,
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: plan.answer,
          ...(tool_calls.length > 0 ? { tool_calls } : {}),
        },
        finish_reason: finishReason(plan),
      },
    ],
    usage,
  };
}

function finishReason(plan: Plan): string {
  return { end: 'stop', max_tokens: 'length', refused: 'content_filter', tool_use: 'tool_calls' }[plan.stop];
}

function usageOf(chat: Chat, plan: Plan) {
  const prompt_tokens = tokensOf(chat.promptText);
  return {
    prompt_tokens,
    completion_tokens: plan.outputTokens,
    total_tokens: prompt_tokens + plan.outputTokens,
    completion_tokens_details: plan.thinkingTokens > 0 ? { reasoning_tokens: plan.thinkingTokens } : null,
    prompt_tokens_details: null,
  };
}

function modelNames(world: World): string[] {
  const claude = CLAUDE_MODELS.filter(({ id }) => findClaude(id, world.now()) !== null).flatMap(
    ({ id, alias }) => (alias === null ? [id] : [id, alias]),
  );
  return [HOME_MODEL, ...claude];
}

function modelEntry(id: string) {
  return { id, object: 'model', created: 1677610602, owned_by: 'openai' };
}

/** The proxy's error format: the status again as a string, and `None` where Python had nothing. */
function refuse(exchange: Exchange, status: number, type: string, message: string): void {
  exchange.json(status, { error: { message, type, param: 'None', code: String(status) } });
}
