import { Trouble } from './children.ts';

/**
 * The names that begin with one of the words, in their own order; all of them without words.
 * @throws {Trouble} for a word that begins no name
 */
export function select(names: readonly string[], words: readonly string[]): string[] {
  const stray = words.find((word) => !names.some((name) => name.startsWith(word)));
  if (stray !== undefined)
    throw new Trouble(`Nothing here begins with "${stray}"; there are ${names.join(', ')}.`);
  return names.filter((name) => words.length === 0 || words.some((word) => name.startsWith(word)));
}
