import { describe, expect, it } from 'vitest';
import { aConfig, aService, aSnapshot } from '../models/test-world.ts';
import { healthChanges } from './changes.ts';

const config = aConfig();
const DOWN = aService({ status: 'down', detail: 'It sleeps.' });

describe('health_changed', () => {
  it('tells each service whose status is another', () => {
    const before = aSnapshot(config, { services: { litellm: DOWN } });
    const after = aSnapshot(config, { services: { ollama: DOWN } });
    expect(healthChanges(before, after)).toEqual([
      { service: 'litellm', from: 'down', to: 'up', detail: 'It answers.' },
      { service: 'ollama', from: 'up', to: 'down', detail: 'It sleeps.' },
    ]);
  });

  it('tells nothing of another latency or detail', () => {
    const after = aSnapshot(config, { services: { ollama: aService({ latency_ms: 99, detail: 'Well.' }) } });
    expect(healthChanges(aSnapshot(config), after)).toEqual([]);
  });

  it('tells of a first snapshot only what is down', () => {
    expect(healthChanges(null, aSnapshot(config, { services: { ollama: DOWN } }))).toEqual([
      { service: 'ollama', from: 'unknown', to: 'down', detail: 'It sleeps.' },
    ]);
  });
});
