import type { ArchiveEntry } from '#lib/wire.ts';

/** What was just archived goes to the top, once. */
export function withArchived(
  entries: ArchiveEntry[],
  entry: ArchiveEntry | null | undefined,
): ArchiveEntry[] {
  return entry ? [entry, ...without(entries, entry.id)] : entries;
}

export function without(entries: ArchiveEntry[], id: string): ArchiveEntry[] {
  return entries.some((entry) => entry.id === id) ? entries.filter((entry) => entry.id !== id) : entries;
}

/** Newest first, each once; where both lists have one, `first` has the newer word. */
export function joined(first: readonly ArchiveEntry[], second: readonly ArchiveEntry[]): ArchiveEntry[] {
  const known = new Set(first.map((entry) => entry.id));
  return [...first, ...second.filter((entry) => !known.has(entry.id))];
}

/**
 * The server's newest page, and what was known beyond its end: entries that other archivings have pushed off that page
 * are still there.
 */
export function withNewestPage(known: readonly ArchiveEntry[], newest: ArchiveEntry[]): ArchiveEntry[] {
  const last = newest.at(-1);
  if (!last) return newest;
  return joined(
    newest,
    known.filter((entry) => entry.archived_at < last.archived_at),
  );
}
