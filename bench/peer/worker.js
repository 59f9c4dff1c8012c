/**
 * A chat as the packages' own README begins one, with the settings that they come with; on Anthropic's API like the
 * shipped Worker.
 */
import { createAnthropic } from '@ai-sdk/anthropic';
import { AIChatAgent } from '@cloudflare/ai-chat';
import { routeAgentRequest } from 'agents';
import { convertToModelMessages, streamText } from 'ai';

export class ChatAgent extends AIChatAgent {
  async onChatMessage(_onFinish, options) {
    const anthropic = createAnthropic({ apiKey: 'bench', baseURL: `${this.env.UPSTREAM}/v1` });
    const result = streamText({
      model: anthropic('claude-sonnet-5-5'),
      messages: await convertToModelMessages(this.messages),
      abortSignal: options?.abortSignal,
    });
    return result.toUIMessageStreamResponse();
  }
}

export default {
  async fetch(request, env) {
    return (await routeAgentRequest(request, env)) ?? new Response('Not found', { status: 404 });
  },
};
