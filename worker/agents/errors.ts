import { APIError as AnthropicApiError, AnthropicError } from '@anthropic-ai/sdk';
import { OpenAIError, APIError as OpenAiApiError } from 'openai';
import { AgentError, type FailureKind } from './agent.ts';

/** Who was asked: Anthropic itself, Claude behind the LiteLLM proxy, or a home model behind it. */
export type Side = 'anthropic' | 'claude_via_litellm' | 'litellm';

/** What an SDK's error tells without its prose. Null where it tells nothing. */
type Facts = {
  status: number | null;
  /** The provider's own error type, e.g. `overloaded_error`. */
  type: string | null;
  /** A finer code, e.g. `context_length_exceeded`; LiteLLM repeats the HTTP status here. */
  code: string | null;
  /** Only ever matched against {@link CONTEXT_TOO_LONG}; never shown. */
  text: string;
};

/**
 * Providers that have no code for a conversation that does not fit. Anthropic: the first two. LiteLLM
 * puts its exception's name into the text; vLLM, llama.cpp and OpenAI behind it: the last three.
 */
const CONTEXT_TOO_LONG = [
  /prompt is too long/i,
  /exceeds? (the )?context (limit|window)/i,
  /ContextWindowExceededError/,
  /maximum context length/i,
  /exceeds the available context size/i,
];

const NAME: Record<Side, string> = {
  anthropic: 'Anthropic',
  claude_via_litellm: 'LiteLLM',
  litellm: 'LiteLLM',
};

const KEY_SENTENCE: Record<Side, string> = {
  anthropic: 'Anthropic refused the key; set a valid ANTHROPIC_API_KEY.',
  claude_via_litellm: "LiteLLM refused the key; set LITELLM_MASTER_KEY to the proxy's key.",
  litellm: "LiteLLM refused the key; set LITELLM_MASTER_KEY to the proxy's key.",
};

const ACCESS_FIX =
  'check CF_ACCESS_CLIENT_ID and CF_ACCESS_CLIENT_SECRET, and that the policy is Service Auth';

/**
 * Turns whatever an SDK threw into the row of CONTRACT R9's table that it stands in, and one sentence for
 * a person. Judged by class, status, type and code, and by text only for {@link CONTEXT_TOO_LONG}.
 *
 * @param model the id that went upstream, named where it is the trouble.
 */
export function toAgentError(error: unknown, side: Side, model: string): AgentError {
  if (error instanceof AgentError) return error;
  if (error instanceof Error && error.cause instanceof AgentError) return error.cause;
  const facts = factsOf(error);
  if (facts === null) {
    // A line of the stream that is no JSON, or a body that is missing.
    return new AgentError('transient', `${NAME[side]} sent something that is not an answer.`);
  }
  const status = facts.status ?? statusInStream(facts, side);
  if (status === null) {
    const overloaded = facts.type === 'overloaded_error';
    return new AgentError('transient', withoutStatus(facts, overloaded, side));
  }
  const kind = kindOf(status, facts);
  return new AgentError(kind, sentenceOf(kind, status, facts, side, model), { status: facts.status });
}

/** The stream went silent. */
export function silenceError(side: Side, silenceMs: number): AgentError {
  const seconds = Math.round(silenceMs / 1000);
  const hint = side === 'litellm' ? ' The home model may still be loading.' : '';
  return new AgentError('transient', `${NAME[side]} sent nothing for ${seconds} s.${hint}`, {
    timedOut: true,
  });
}

/** The connection ended before the provider said that the answer was complete. */
export function cutError(side: Side): AgentError {
  return new AgentError('transient', `The connection to ${NAME[side]} ended before the answer was complete.`);
}

/** HTTP 200, and not one event of the provider's format in it. */
export function noAnswerError(side: Side): AgentError {
  return new AgentError('transient', `${NAME[side]} sent something that is not an answer.`);
}

/** A redirect: an older Access organisation sends a bad token to its login page (302). */
export function redirectSentence(side: Side): string {
  return side === 'anthropic'
    ? 'The address in ANTHROPIC_BASE_URL redirects elsewhere; set it to the API itself.'
    : `The way to LiteLLM leads to a login page: ${ACCESS_FIX}.`;
}

/** A web page with status 200: a captive portal, a login page, a wrong address. */
export function htmlSentence(side: Side): string {
  return side === 'anthropic'
    ? 'A web page came instead of an answer from Anthropic; check ANTHROPIC_BASE_URL.'
    : `A web page came instead of an answer from LiteLLM: check LITELLM_PROXY_URL, or, if it is a login page, ${ACCESS_FIX}.`;
}

function factsOf(error: unknown): Facts | null {
  if (error instanceof AnthropicApiError) {
    return {
      status: error.status ?? null,
      type: error.type ?? null,
      code: error.errorCode ?? null,
      text: error.message,
    };
  }
  if (error instanceof OpenAiApiError) {
    // Typed as strings by the SDK, but they are what the proxy sent: LiteLLM has numbers and null as well.
    const code: unknown = error.code;
    const type: unknown = error.type;
    return {
      status: error.status ?? null,
      type: typeof type === 'string' ? type : null,
      code: typeof code === 'string' || typeof code === 'number' ? String(code) : null,
      text: error.message,
    };
  }
  // The SDKs' complaints about a body that is missing, or a line that is no JSON.
  if (error instanceof AnthropicError || error instanceof OpenAIError || error instanceof SyntaxError)
    return null;
  // A connection that broke while the body was read: a TypeError in Node, an Error in workerd.
  return { status: null, type: null, code: null, text: '' };
}

/**
 * An error object inside a LiteLLM stream carries the status that it would have had as its code; inside
 * an Anthropic stream an `error` event is transient whatever it says (R9).
 */
function statusInStream(facts: Facts, side: Side): number | null {
  if (side !== 'litellm') return null;
  if (facts.code === 'context_length_exceeded') return 400;
  return facts.code !== null && /^[345]\d\d$/.test(facts.code) ? Number(facts.code) : null;
}

function kindOf(status: number, facts: Facts): FailureKind {
  if (status === 401 || status === 402 || status === 403 || isWrongKey(facts)) return 'auth';
  if (status === 400 || status === 413 || status === 422)
    return isTooLong(status, facts) ? 'context_too_long' : 'bad_request';
  if (status === 404) return 'model_missing';
  if (status === 408 || status === 409 || status === 429 || status === 499 || status >= 500)
    return 'transient';
  return 'bad_request';
}

/** LiteLLM without a database says with status 400 that a key is not its master key. */
function isWrongKey(facts: Facts): boolean {
  return facts.type === 'no_db_connection';
}

function isTooLong(status: number, facts: Facts): boolean {
  return (
    status === 413 ||
    facts.code === 'context_length_exceeded' ||
    facts.type === 'exceed_context_size_error' ||
    CONTEXT_TOO_LONG.some((pattern) => pattern.test(facts.text))
  );
}

function withoutStatus(facts: Facts, overloaded: boolean, side: Side): string {
  if (overloaded) return `${NAME[side]} is overloaded at the moment.`;
  if (facts.type !== null || facts.code !== null) return `${NAME[side]} broke off with an error.`;
  return `The connection to ${NAME[side]} could not be made, or was lost.`;
}

function sentenceOf(kind: FailureKind, status: number, facts: Facts, side: Side, model: string): string {
  switch (kind) {
    case 'context_too_long':
      return `The conversation is too long for the model ${model}.`;
    case 'model_missing':
      return missingSentence(facts, side, model);
    case 'auth':
      return authSentence(status, facts, side);
    case 'bad_request':
      return badRequestSentence(status, facts, side, model);
    case 'transient':
      return transientSentence(status, side);
  }
}

function missingSentence(facts: Facts, side: Side, model: string): string {
  // A 404 that is not in the provider's format comes from something else at that address.
  if (facts.type === null && facts.code === null) {
    const setting = side === 'anthropic' ? 'ANTHROPIC_BASE_URL' : 'LITELLM_PROXY_URL';
    return `${NAME[side]} was not found at its address (404); check ${setting}.`;
  }
  return side === 'litellm'
    ? `LiteLLM has no model ${model} (404): check its model_list and LITELLM_MODEL, and that Ollama has the model's tag.`
    : `${NAME[side]} does not offer the model ${model} (404).`;
}

function authSentence(status: number, facts: Facts, side: Side): string {
  if (side === 'anthropic') {
    if (status === 402) return 'The Anthropic account cannot pay for the request (402); check its billing.';
    if (status === 401) return KEY_SENTENCE.anthropic;
    // The API's own 403 says permission_error; the wall in front of it, for places that Anthropic does not
    // serve, says `forbidden` or answers with a page.
    return facts.type === 'permission_error'
      ? 'The Anthropic key may not use this model or feature (403); check the permissions of ANTHROPIC_API_KEY.'
      : 'Anthropic refuses requests from the place in the world where this conversation runs (403). A new session from another region may be placed elsewhere.';
  }
  if ((status === 401 && facts.type !== null) || isWrongKey(facts)) return KEY_SENTENCE[side];
  if (status === 402) return 'The account behind LiteLLM cannot pay for the request (402).';
  return facts.type === null
    ? `The way to LiteLLM is closed (${status}): ${ACCESS_FIX}, and that LITELLM_MASTER_KEY is right.`
    : `LiteLLM does not let this key use the model (${status}); check LITELLM_MASTER_KEY.`;
}

function badRequestSentence(status: number, facts: Facts, side: Side, model: string): string {
  if (side === 'anthropic') {
    return `Anthropic refused the request as invalid (${status}). If it happens for every message, check the account's credit and spending limit.`;
  }
  // LiteLLM >= 1.104 answers 422 where an exhausted budget was 429 before.
  if (facts.type === 'budget_exceeded' || status === 422) {
    return `The budget of the LiteLLM key is used up, or the proxy could not read the request (${status}); raise the key's budget or wait for its reset.`;
  }
  // Inside a stream: LiteLLM says 400 of an Ollama whose runner breaks down.
  if (facts.status === null) return 'LiteLLM broke off: what Ollama sent was not an answer; see its log.';
  return `LiteLLM refused the request (${status}); check that its model_list has ${model}.`;
}

function transientSentence(status: number, side: Side): string {
  const who = NAME[side];
  if (status === 429) return `${who} limits how fast requests may come (429); try again in a moment.`;
  if (status === 529) return `${who} is overloaded at the moment (529).`;
  if (side !== 'anthropic') {
    if (status === 502) return 'The tunnel is there, but LiteLLM behind it does not answer (502).';
    if (status === 524)
      return 'The home side sent nothing for too long (524); its model may still be loading.';
    if (status === 530) return 'The tunnel to the home side is down (530); start cloudflared there.';
  }
  return `${who} has a fault at the moment (${status}).`;
}
