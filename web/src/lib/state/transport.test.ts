import { describe, expect, it } from 'vitest';
import { readServerFrame } from '#lib/wire.ts';
import { sessionFrame } from './test-frames.ts';
import { socketUrl, subprotocols } from './transport.ts';

describe('the address of the socket', () => {
  it('R2: names the conversation and the cursor, never the session', () => {
    const url = socketUrl('https://chat.example', { sessionId: 'secret', conversationId: 'c1', after: 0 });
    expect(url).toBe('wss://chat.example/ws?conversation=c1&after=0');
  });

  it('is plain for a new session', () => {
    expect(socketUrl('http://localhost:8787', { sessionId: null, conversationId: 'c1', after: 7 })).toBe(
      'ws://localhost:8787/ws',
    );
  });

  it('carries the session as a subprotocol', () => {
    expect(subprotocols('abc')).toEqual(['chatbox.v1', 'session.abc']);
    expect(subprotocols(null)).toEqual(['chatbox.v1']);
  });
});

describe('reading frames', () => {
  it('R10: hears from the session frame that models cannot be chosen', () => {
    const wire = JSON.stringify({ ...sessionFrame(), model_selection: false });
    expect(readServerFrame(wire)).toMatchObject({ type: 'session', model_selection: false });
  });

  it.each(['', 'pong', '{', '[]', '{"type":"from_the_future"}'])('passes over %j', (text) => {
    expect(readServerFrame(text)).toBeNull();
  });
});
