import { describe, expect, it } from 'vitest';
import { aModel } from './test-frames.ts';
import { modelOf, tierOf } from './tiers.ts';

const MODELS = [
  aModel('auto', 'available', { is_automatic: true }),
  aModel('claude-haiku-5-5'),
  aModel('claude-sonnet-4-5', 'deprecated'),
  aModel('claude-sonnet-5-5', 'unavailable'),
  aModel('opus-at-home', 'available', { provider: 'ollama' }),
];

describe('the tiers of Automatic', () => {
  it('are the newest models of their names, whether they can be chosen or not', () => {
    expect(modelOf('haiku', MODELS)?.id).toBe('claude-haiku-5-5');
    expect(modelOf('sonnet', MODELS)).toMatchObject({ id: 'claude-sonnet-5-5', status: 'unavailable' });
    expect(modelOf('opus', MODELS)).toBeNull();
    expect(modelOf('opus', [aModel('claude-opus-4', 'retired')])?.id).toBe('claude-opus-4');
  });

  it('tell which one has answered', () => {
    expect(tierOf('claude-haiku-5-5', MODELS)).toBe('haiku');
    expect(tierOf('claude-sonnet-4-5', MODELS)).toBeNull();
    expect(tierOf(null, MODELS)).toBeNull();
  });
});
