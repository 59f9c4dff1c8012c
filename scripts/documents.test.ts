import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ROOT } from './paths.ts';
import { settingNames } from './settings.ts';

function read(name: string): string {
  return readFileSync(join(ROOT, name), 'utf8');
}

/** Names in the first column of the table under a heading. */
function firstColumn(document: string, heading: string): string[] {
  const section = document.split(/^## /m).find((part) => part.startsWith(`${heading}\n`)) ?? '';
  const cells = section.split('\n').flatMap((line) => /^\| (.*?) \|/.exec(line)?.[1] ?? []);
  return cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? ''));
}

describe('the README', () => {
  test('explains every setting of .dev.vars.example, and no other', () => {
    expect(firstColumn(read('README.md'), 'Settings').sort()).toEqual(
      settingNames(read('.dev.vars.example')).sort(),
    );
  });

  test('says of every dependency why it is there', () => {
    const { dependencies, devDependencies } = JSON.parse(read('package.json'));
    const named = firstColumn(read('README.md'), 'Dependencies').sort();
    expect(named).toEqual(Object.keys({ ...dependencies, ...devDependencies }).sort());
  });

  test('names only npm scripts that exist', () => {
    const { scripts } = JSON.parse(read('package.json'));
    for (const [, name = ''] of read('README.md').matchAll(/npm run (?:-s )?([a-z:]+)/g)) {
      expect(scripts).toHaveProperty(name);
    }
  });
});

describe('links between documents', () => {
  const documents = [
    'README.md',
    'SECURITY.md',
    'litellm/README.md',
    'simulator/README.md',
    'shared/PROTOCOL.md',
    ...readdirSync(join(ROOT, 'docs')).flatMap((name) => (name.endsWith('.md') ? [`docs/${name}`] : [])),
  ];

  test.each(documents)('every file that %s points to is there', (name) => {
    const targets = [...read(name).matchAll(/\]\(([^)#:]+)\)/g)].map((match) => match[1] ?? '');
    const missing = targets.filter((target) => !existsSync(join(ROOT, dirname(name), target)));
    expect(missing).toEqual([]);
  });
});
