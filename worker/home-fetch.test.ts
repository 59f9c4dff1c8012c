import { describe, expect, it } from 'vitest';
import { homeFetch } from './home-fetch.ts';
import { aConfig } from './models/test-world.ts';

/** Notes what it is asked for, and by what name it answered. */
function noting(name: string, asked: string[]): { fetch: typeof fetch } {
  return {
    fetch: async (input, init) => {
      asked.push(`${name} ${init?.method ?? 'GET'} ${input instanceof Request ? input.url : String(input)}`);
      return new Response(name);
    },
  };
}

function world(
  settings: Record<string, string> = {},
  names: ('litellm' | 'ollama')[] = ['litellm', 'ollama'],
) {
  const asked: string[] = [];
  const ways = Object.fromEntries(names.map((name) => [name, noting(name, asked)]));
  return { asked, fetch: homeFetch(aConfig(settings), ways, noting('direct', asked).fetch) };
}

describe('the private way home', () => {
  it('carries what goes to LiteLLM and to Ollama, and nothing else', async () => {
    const { asked, fetch } = world();
    await fetch('http://127.0.0.1:4000/v1/chat/completions', { method: 'POST' });
    await fetch(new URL('http://127.0.0.1:11434/api/tags'));
    await fetch(new Request('http://127.0.0.1:4000/v1/models'));
    await fetch('https://api.anthropic.com/v1/messages', { method: 'POST' });
    expect(asked).toEqual([
      'litellm POST http://127.0.0.1:4000/v1/chat/completions',
      'ollama GET http://127.0.0.1:11434/api/tags',
      'litellm GET http://127.0.0.1:4000/v1/models',
      'direct POST https://api.anthropic.com/v1/messages',
    ]);
  });

  it('is not taken for an address that only begins alike', async () => {
    const { asked, fetch } = world();
    await fetch('http://127.0.0.1:40001/v1/models');
    await fetch('http://127.0.0.1:4000.evil.example/v1/models');
    expect(asked.map((line) => line.split(' ')[0])).toEqual(['direct', 'direct']);
  });

  it('is there for each of the two by itself', async () => {
    const { asked, fetch } = world({}, ['litellm']);
    await fetch('http://127.0.0.1:4000/v1/models');
    await fetch('http://127.0.0.1:11434/api/tags');
    expect(asked.map((line) => line.split(' ')[0])).toEqual(['litellm', 'direct']);
  });

  it('is not used while the home side is off', async () => {
    const { asked, fetch } = world({ LITELLM_ENABLED: 'false' });
    await fetch('http://127.0.0.1:4000/v1/models');
    expect(asked[0]).toMatch(/^direct/);
  });
});
