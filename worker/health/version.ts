/** A release of LiteLLM: three numbers, and the pre-release part split at dots (empty for a release). */
export type Version = { numbers: readonly [number, number, number]; pre: readonly string[]; text: string };

/**
 * `1.104.0`, `v1.104.0-rc.1` (the image), `1.104.0rc1` (the package), `1.82.3-stable` and
 * `1.80.0-stable.patch.1` (the suffixes before 1.84, which name releases), `1.80.0.dev2`.
 * @returns null for anything else, so that nothing of an upstream's text is shown as a version
 */
export function parseVersion(text: string): Version | null {
  const match = /^v?(\d{1,5})\.(\d{1,5})\.(\d{1,5})(?:[-.+]?([a-z][a-z0-9]*(?:[.-][a-z0-9]+)*))?$/i.exec(
    text.trim(),
  );
  if (match === null || text.length > 64) return null;
  const [, major, minor, patch, suffix] = match;
  const parts = (suffix ?? '')
    .toLowerCase()
    .split(/[.-]/)
    .flatMap((part) => part.match(/\d+|[a-z]+/g) ?? []);
  const isRelease = parts[0] === undefined || /^(stable|post|patch|hotfix)$/.test(parts[0]);
  return {
    numbers: [Number(major), Number(minor), Number(patch)],
    pre: isRelease ? [] : parts,
    text: text.trim().replace(/^v/i, ''),
  };
}

/** Order by semver's rules: numbers first, a pre-release before its release, numeric parts by value. */
export function compareVersions(a: Version, b: Version): number {
  for (let i = 0; i < 3; i++) {
    const difference = (a.numbers[i] ?? 0) - (b.numbers[i] ?? 0);
    if (difference !== 0) return Math.sign(difference);
  }
  if (a.pre.length === 0 || b.pre.length === 0) return Math.sign(b.pre.length) - Math.sign(a.pre.length);
  for (let i = 0; i < Math.max(a.pre.length, b.pre.length); i++) {
    const left = a.pre[i];
    const right = b.pre[i];
    if (left === undefined || right === undefined) return left === undefined ? -1 : 1;
    if (left === right) continue;
    const [isLeftNumber, isRightNumber] = [/^\d+$/.test(left), /^\d+$/.test(right)];
    if (isLeftNumber && isRightNumber && Number(left) !== Number(right))
      return Number(left) < Number(right) ? -1 : 1;
    if (isLeftNumber !== isRightNumber) return isLeftNumber ? -1 : 1;
    if (!isLeftNumber) return left < right ? -1 : 1;
  }
  return 0;
}

/** Both carried a credential stealer on PyPI on 2026-03-24. */
const MALICIOUS = ['1.82.7', '1.82.8'];

/**
 * Why a LiteLLM of this version is not used, in words for its operator; null when it may be used.
 * An unknown version (null) is let pass: since 1.84 the proxy tells it only in one optional place.
 */
export function versionRefusal(version: Version | null, minVersion: string): string | null {
  if (version === null) return null;
  const numbers = version.numbers.join('.');
  if (MALICIOUS.includes(numbers)) {
    return `LiteLLM ${numbers} is a malicious release that steals credentials: stop it, change every key on that machine and install a current release.`;
  }
  const floor = parseVersion(minVersion);
  if (floor === null || compareVersions(version, floor) >= 0) return null;
  return `LiteLLM ${version.text} is older than ${floor.text} (LITELLM_MIN_VERSION): update LiteLLM.`;
}
