import { readdirSync, readFileSync } from 'node:fs';

function fieldsOf(pid: string): { parent: number; name: string; pages: number } | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const name = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
    const rest = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { parent: Number(rest[1]), name, pages: Number(rest[21]) };
  } catch {
    // It ended meanwhile.
    return null;
  }
}

/** Resident memory of all workerd processes under this one, in MB; null where there is no /proc. */
export function workerdMegabytes(root: number): number | null {
  if (process.platform !== 'linux') return null;
  const all = new Map<number, { parent: number; name: string; pages: number }>();
  for (const pid of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    const fields = fieldsOf(pid);
    if (fields) all.set(Number(pid), fields);
  }
  const isUnder = (pid: number): boolean => {
    const parent = all.get(pid)?.parent ?? 0;
    return parent === root || (parent > 1 && isUnder(parent));
  };
  const pages = [...all].filter(([pid, { name }]) => name.startsWith('workerd') && isUnder(pid));
  // The kernel counts in pages of 4 KiB on every machine that workerd runs on.
  return pages.reduce((sum, [, fields]) => sum + fields.pages, 0) / 256;
}
