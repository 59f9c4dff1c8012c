import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareVersions, parseVersion, versionRefusal } from './version.ts';

function parsed(text: string) {
  const version = parseVersion(text);
  if (version === null) throw new Error(`no version: ${text}`);
  return version;
}

const versionText = fc
  .tuple(
    fc.nat(3),
    fc.nat(12),
    fc.nat(3),
    fc.constantFrom('', '-rc.1', '-rc.2', '-rc.10', 'rc3', '.dev1', '-stable'),
  )
  .map(([a, b, c, suffix]) => `${a}.${b}.${c}${suffix}`);

describe('comparing versions', () => {
  it.each([
    ['1.9.0', '1.84.0'],
    ['1.104.0-rc.1', '1.104.0'],
    ['1.104.0-rc.1', '1.104.0-rc.2'],
    ['1.104.0-rc.9', '1.104.0-rc.10'],
    ['1.104.0-dev.1', '1.104.0-rc.1'],
    ['1.104.0', '1.105.0-rc.3'],
    ['1.84.0', '2.0.0'],
  ])('%s is older than %s', (older, newer) => {
    expect(compareVersions(parsed(older), parsed(newer))).toBe(-1);
    expect(compareVersions(parsed(newer), parsed(older))).toBe(1);
  });

  it.each([
    ['v1.104.0-rc.1', '1.104.0rc1'],
    ['1.82.3-stable', '1.82.3'],
    ['1.80.0-stable.patch.1', '1.80.0'],
  ])('%s and %s name the same', (a, b) => {
    expect(compareVersions(parsed(a), parsed(b))).toBe(0);
  });

  it('is an order: antisymmetric and transitive', () => {
    fc.assert(
      fc.property(versionText, versionText, versionText, (a, b, c) => {
        const [x, y, z] = [parsed(a), parsed(b), parsed(c)];
        expect(compareVersions(x, y)).toBe(0 - compareVersions(y, x));
        const [low, middle, high] = [x, y, z].sort(compareVersions);
        if (low && middle && high) expect(compareVersions(low, high)).toBeLessThanOrEqual(0);
      }),
    );
  });

  it.each(['', '1.2', 'latest', '1.2.3 <script>', '1.2.3.4', `1.2.3-${'a'.repeat(80)}`])(
    'does not take %j',
    (text) => {
      expect(parseVersion(text)).toBeNull();
    },
  );
});

describe('which LiteLLM is not used', () => {
  it.each(['1.83.99', '1.55.0', '1.84.0-rc.1'])('%s is below 1.84.0', (version) => {
    expect(versionRefusal(parseVersion(version), '1.84.0')).toContain('LITELLM_MIN_VERSION');
  });

  it.each(['1.84.0', '1.104.2', '1.105.0-rc.3'])('%s may be used', (version) => {
    expect(versionRefusal(parseVersion(version), '1.84.0')).toBeNull();
  });

  it.each(['1.82.7', 'v1.82.8', '1.82.8-stable'])('%s is refused whatever the floor', (version) => {
    expect(versionRefusal(parseVersion(version), '1.0.0')).toContain('malicious');
  });

  it('an unknown one passes', () => {
    expect(versionRefusal(null, '1.84.0')).toBeNull();
  });
});
