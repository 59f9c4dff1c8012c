import type { ArchiveEntry, Message } from '../../shared/index.ts';
import { answer, ask } from '../states-world.ts';

const ARCHIVED_AT = Date.parse('2026-11-21T09:00:00.000Z');

/** Questions and answers of different heights, some with code, tables and lists. */
export function talk(messages: number): Message[] {
  return Array.from({ length: messages }, (_, index) => {
    const n = index + 1;
    const parent = n === 1 ? null : `m${n - 1}`;
    if (index % 2 === 0) return ask(`m${n}`, `Question ${n}: which VLANs does switch sw-${n} carry?`, parent);
    return answer(`m${n}`, `m${n - 1}`, BODIES[index % BODIES.length]?.replaceAll('#', String(n)) ?? '');
  });
}

const BODIES = [
  'Answer #. VLAN 10 and 20.',
  'Answer #. It carries three:\n\n- **10** for offices\n- **20** for guests\n- **99** for management\n\nAll of them tagged.',
  'Answer #.\n\n| VLAN | Name |\n|---|---|\n| 10 | office |\n| 20 | guests |',
  `Answer #. ${'The trunk towards the core carries everything that the site uses. '.repeat(12)}`,
  'Answer #.\n\n```python\nimport pynetbox\n\nfor vlan in nb.ipam.vlans.filter(site="bern"):\n    print(vlan.vid, vlan.name)\n```\n\nThat prints them.',
  'Answer #. One.',
  'Answer #.\n\n1. Look at the port.\n2. Look at the other end.\n3. Compare.',
];

/** Archived conversations of an hour each, newest first. */
export function archive(entries: number): ArchiveEntry[] {
  return Array.from({ length: entries }, (_, index) => {
    const at = new Date(ARCHIVED_AT - index * 3_600_000).toISOString();
    return {
      id: `k${index + 1}`,
      model: 'auto',
      message_count: 2,
      title: `Conversation ${index + 1}`,
      started_at: at,
      archived_at: at,
    };
  });
}
