import { describe, expect, test } from 'vitest';
import { compatibilityDateFault, foreignAddresses, missingOptional, unpinned } from './repository-rules.ts';

describe('versions', () => {
  test('exact ones pass, pre-releases too', () => {
    expect(unpinned({ dependencies: { a: '1.2.3' }, devDependencies: { b: '5.0.1-beta' } })).toEqual([]);
  });

  test.each(['^1.2.3', '~1.2.3', '1.x', 'latest', '>=1.0.0', 'github:a/b'])('%s is named', (version) => {
    expect(unpinned({ dependencies: { a: version } })).toHaveLength(1);
  });
});

describe('the lockfile installs on every platform', () => {
  const entry = (name: string) => ({ optionalDependencies: { [name]: '1.0.0' } });

  test('an optional package at the root, beside or inside its owner is found', () => {
    const packages = {
      'node_modules/a': entry('a-linux'),
      'node_modules/a-linux': {},
      'node_modules/b': entry('b-linux'),
      'node_modules/b/node_modules/b-linux': {},
      'node_modules/c/node_modules/d': entry('d-linux'),
      'node_modules/c/node_modules/d-linux': {},
      'node_modules/@e/f': entry('@e/f-linux'),
      'node_modules/@e/f-linux': {},
    };
    expect(missingOptional({ packages })).toEqual([]);
  });

  test('one that is named and not there is reported with its owner', () => {
    const packages = { 'node_modules/a': entry('a-windows'), 'node_modules/b/node_modules/a-windows': {} };
    expect(missingOptional({ packages })).toEqual([
      'package-lock.json: node_modules/a names a-windows, which the lockfile does not hold.',
    ]);
  });

  test('no address is fine, any address is a fault', () => {
    const packages = {
      '': {},
      'node_modules/a': {},
      'node_modules/b': { resolved: 'http://mirror.example/b-1.0.0.tgz' },
    };
    expect(foreignAddresses({ packages })).toHaveLength(1);
  });
});

describe('the compatibility date', () => {
  test.each([
    ['compatibility_date = "2026-10-01"', 0],
    ['compatibility_date = "2026-10-30"', 0],
    ['compatibility_date = "2026-09-30"', 1],
    ['compatibility_date = "2026-10-31"', 1],
    ['# compatibility_date = "2026-10-15"', 1],
  ])('%s: %i faults', (text, faults) => {
    expect(compatibilityDateFault(`name = "x"\n${text}\n`)).toHaveLength(faults);
  });
});
