import { describe, expect, it } from 'vitest';
import { readConfig } from '../config.ts';
import { buildRegistry } from '../models/registry.ts';
import { BOTH_SIDES } from '../testing/world.ts';
import { refusalOf } from './admission.ts';

function refusal(settings: Record<string, string>) {
  const config = readConfig(settings);
  return refusalOf(config, buildRegistry(config));
}

describe('who serves at all', () => {
  it('a local Worker with something to offer does', () => {
    expect(refusal(BOTH_SIDES)).toBeNull();
  });

  it.each(['', 'false', 'no'])(
    'LOCAL=%j: a paid key would be open to everybody, so nobody is answered',
    (LOCAL) => {
      expect(refusal({ ...BOTH_SIDES, LOCAL })).toMatchObject({ code: 'not_configured' });
      expect(refusal({ ...BOTH_SIDES, LOCAL })?.message).toMatch(/ACCESS_MODE.*open to everybody/);
    },
  );

  it('a deployment with a complete way to sign in does', () => {
    const access = { CF_ACCESS_TEAM_DOMAIN: 'team.cloudflareaccess.com', CF_ACCESS_AUD: 'tag' };
    expect(refusal({ ...BOTH_SIDES, LOCAL: '', ACCESS_MODE: 'cloudflare-access', ...access })).toBeNull();
  });

  it('H7: without a model every variable is named at once', () => {
    const { message } = refusal({ LOCAL: 'true', LITELLM_ENABLED: 'true' }) ?? { message: '' };
    expect(message).toContain('ANTHROPIC_API_KEY');
    expect(message).toContain('LITELLM_PROXY_URL');
    expect(message).toContain('LITELLM_MASTER_KEY');
  });
});
