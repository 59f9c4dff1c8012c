import { describe, expect, test } from 'vitest';
import type { Health, Model, ServiceHealth } from '../shared/index.ts';
import {
  type Deployment,
  diagnoseDeployment,
  diagnoseState,
  isChatbox,
  wasCheckedBefore,
} from './diagnosis.ts';

const up: ServiceHealth = {
  status: 'up',
  checked_at: '2026-11-22T09:00:00Z',
  latency_ms: 5,
  detail: 'It answers.',
};

function aHealth(services: Partial<Health['services']> = {}, warnings: string[] = []): Health {
  return { status: 'ok', services: { anthropic: up, litellm: up, ollama: up, ...services }, warnings };
}

function aModel(more: Partial<Model> = {}): Model {
  return {
    id: 'auto',
    name: 'Automatic',
    provider: 'anthropic',
    description: '',
    context_length: 1,
    routing_path: 'sdk_direct',
    is_automatic: true,
    enabled: true,
    status: 'available',
    reason: null,
    is_default: true,
    recommended: true,
    capabilities: { thinking: true, tools: true, images: false },
    pricing: null,
    retires_at: null,
    replaced_by: null,
    simulated: false,
    ...more,
  };
}

describe('what a Worker says of itself', () => {
  test('nothing wrong: no findings; what is switched off or retired is no fault', () => {
    const off = { ...up, status: 'disabled' as const };
    const models = [aModel(), aModel({ id: 'old', status: 'retired', reason: 'It has ended.' })];
    expect(diagnoseState(aHealth({ litellm: off }), models)).toEqual([]);
  });

  test('warnings, services that are down and models that cannot answer are told once each', () => {
    const reason = 'Ollama is reachable but does not have the model x.';
    const health = aHealth({ litellm: { ...up, status: 'down', detail: 'The key was refused.' } }, [reason]);
    const other = aModel({ id: 'other', name: 'Other', status: 'unavailable', reason: 'It sleeps.' });
    const models = [aModel(), aModel({ id: 'home', status: 'unavailable', reason }), other];
    expect(diagnoseState(health, models)).toEqual([
      reason,
      'litellm is down: The key was refused.',
      'Other cannot be chosen: It sleeps.',
    ]);
  });

  test('a warning that is the fault of a service too is told once', () => {
    const reason = 'LiteLLM refuses the key: check LITELLM_MASTER_KEY on both sides.';
    const health = aHealth({ litellm: { ...up, status: 'down', detail: reason } }, [reason]);
    expect(diagnoseState(health, [aModel()])).toEqual([reason]);
  });

  test('H3 whether it looked long ago: what was never asked does not count', () => {
    const never = { ...up, status: 'disabled' as const, checked_at: null };
    const health = aHealth({ litellm: never });
    expect(wasCheckedBefore(health, Date.parse('2026-11-22T08:59:30Z'))).toBe(false);
    expect(wasCheckedBefore(health, Date.parse('2026-11-22T09:00:31Z'))).toBe(true);
    expect(wasCheckedBefore('no health', Date.now())).toBe(false);
  });

  test('a tool server that is down is told; one that nobody has needed yet is not', () => {
    const server = { ...up, name: 'netbox', tools: null, simulated: false };
    const health = {
      ...aHealth(),
      tool_servers: [
        { ...server, status: 'down' as const, detail: 'It cannot be reached.' },
        { ...server, name: 'lab', status: 'unknown' as const },
      ],
    };
    expect(diagnoseState(health, [aModel()])).toEqual([
      'The tool server "netbox" is down: It cannot be reached.',
    ]);
  });

  test('no model at all is a finding', () => {
    expect(diagnoseState(aHealth(), [aModel({ status: 'disabled' })])).toEqual([
      'No model can be chosen now.',
    ]);
  });
});

describe('a deployment', () => {
  const headers = {
    'content-security-policy': "default-src 'self'; frame-ancestors 'none'",
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  };

  function aDeployment(more: Partial<Deployment> = {}): Deployment {
    return {
      url: new URL('https://chat.example.workers.dev'),
      health: { status: 200, headers: {}, json: aHealth() },
      models: { status: 200, headers: {}, json: [aModel()] },
      page: { status: 200, headers, json: null },
      socketWithoutOrigin: { status: 403, headers: {}, json: null },
      ...more,
    };
  }

  test('a good one has no findings', () => {
    expect(diagnoseDeployment(aDeployment())).toEqual([]);
  });

  test('one that is not configured says what to set', () => {
    const error = { code: 'not_configured', message: 'ANTHROPIC_API_KEY is not set.', request_id: '1' };
    expect(
      diagnoseDeployment(aDeployment({ health: { status: 503, headers: {}, json: { error } } })),
    ).toEqual(['ANTHROPIC_API_KEY is not set.']);
  });

  test('is told from other things at the address, also where it has nothing to offer', () => {
    const error = { code: 'not_configured', message: 'Nothing is set.', request_id: '1' };
    expect(isChatbox(aDeployment())).toBe(true);
    expect(isChatbox(aDeployment({ health: { status: 503, headers: {}, json: { error } } }))).toBe(true);
    expect(isChatbox(aDeployment({ health: { status: 200, headers: {}, json: {} } }))).toBe(false);
  });

  test.each<[string, Partial<Deployment>, RegExp]>([
    ['plain http', { url: new URL('http://chat.example.com') }, /not https/],
    [
      'something else at the address',
      { health: { status: 200, headers: {}, json: {} } },
      /not a NetBox Chatbox/,
    ],
    [
      'a sign-in before the whole address',
      { health: { status: 302, headers: {}, json: null } },
      /redirects elsewhere, as a sign-in/,
    ],
    [
      'simulated models',
      { models: { status: 200, headers: {}, json: [aModel({ simulated: true })] } },
      /SIMULATED/,
    ],
    ['a missing page', { page: { status: 404, headers, json: null } }, /page is not served/],
    [
      'a missing policy',
      { page: { status: 200, headers: { ...headers, 'content-security-policy': '' }, json: null } },
      /content-security-policy/,
    ],
    ['an open socket', { socketWithoutOrigin: { status: 426, headers: {}, json: null } }, /Origin/],
  ])('%s', (_, more, finding) => {
    const findings = diagnoseDeployment(aDeployment(more));
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatch(finding);
  });

  test('on this machine http and simulated models are fine', () => {
    const models = { status: 200, headers: {}, json: [aModel({ simulated: true })] };
    expect(diagnoseDeployment(aDeployment({ url: new URL('http://localhost:8787'), models }))).toEqual([]);
  });
});
