import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import type { ErrorBody } from '../../shared/index.ts';
import { app } from '../app.ts';
import { ORIGIN, StreamClient } from '../testing/workerd-clients.ts';

describe('H9: where /ws would close with 4503', () => {
  it.each([
    ['no model to offer', { ANTHROPIC_API_KEY: '' }],
    ['open to everybody', { LOCAL: '' }],
  ])(
    '%s: nothing is served over HTTP either, to an old session no more than to a new one',
    async (_, settings) => {
      const session = await StreamClient.create();
      const headers = { Origin: ORIGIN, Authorization: `Bearer ${session}` };
      const body = JSON.stringify({ message: 'hello' });
      const changed = { ...env, ...settings };
      const answers = [
        await app.request(`${ORIGIN}/sessions`, { method: 'POST', headers }, changed),
        await app.request(`${ORIGIN}/frames`, { method: 'POST', headers, body }, changed),
        await app.request(`${ORIGIN}/stream`, { headers }, changed),
      ];
      for (const response of answers) {
        expect(response.status).toBe(503);
        const { error } = (await response.json()) as ErrorBody;
        expect(error.code).toBe('not_configured');
        expect(error.message).not.toBe('');
      }
    },
  );
});
