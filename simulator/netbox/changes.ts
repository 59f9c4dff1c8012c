import { type Choice, choice, type Ref, type Store } from './store.ts';

const HOUR_MS = 3_600_000;
const USERS: readonly [string, ...string[]] = ['a.keller', 'm.rossi', 'j.brunner', 'netbox-sync'];

/** One change of the past: how long ago, who, what of which device, from what to what. */
type Past = readonly [
  hoursAgo: number,
  user: number,
  device: string,
  field: string,
  from: unknown,
  to: unknown,
];

/** `to` is what the device has now, or had until the next change of the same field. */
const PAST: readonly Past[] = [
  [
    5,
    0,
    'dc14-cr-01',
    'description',
    'Core router 1 at DC14, software upgrade planned',
    'Core router 1 at DC14',
  ],
  [8, 3, 'dc14-srv-17', 'status', choice('active'), choice('failed')],
  [26, 0, 'dc14-cr-01', 'status', choice('offline'), choice('active')],
  [27, 0, 'dc14-cr-01', 'comments', '', 'Upgraded to Junos 23.4R2 in the window of last night.'],
  [29, 0, 'dc14-cr-01', 'status', choice('active'), choice('offline')],
  [31, 1, 'dc02-srv-04', 'status', choice('active'), choice('offline')],
  [49, 2, 'dc14-leaf-12', 'serial', '', 'AR14LEAF095028'],
  [53, 2, 'zrh-hq-as-08', 'status', choice('staged'), choice('planned')],
  [75, 0, 'dc14-cr-02', 'description', 'Core router 2', 'Core router 2 at DC14'],
  [98, 1, 'dc02-leaf-10', 'status', choice('active'), choice('decommissioning')],
  [99, 1, 'dc02-leaf-10', 'comments', '', 'To be taken out once its servers have moved.'],
  [122, 3, 'ber-br1-ap-02', 'status', choice('active'), choice('offline')],
  [145, 0, 'dc14-cr-01', 'description', 'Core router 1', 'Core router 1 at DC14, software upgrade planned'],
  [160, 2, 'ams1-leaf-08', 'status', choice('planned'), choice('staged')],
  [230, 1, 'dc02-cr-01', 'comments', 'Line card 2 is loose.', ''],
  [400, 2, 'dc14-spine-04', 'status', choice('staged'), choice('active')],
];

/** Servers that the nightly import corrects; they fill the changelog as such imports do. */
const SYNCED = ['dc14-srv-02', 'dc14-srv-05', 'dc02-srv-01', 'ams1-srv-03', 'ams1-srv-07', 'dc14-srv-11'];

/**
 * Writes the changelog of the last days into the store, and what follows from it into the devices. Newest first, as
 * NetBox lists it.
 */
export function addChanges(store: Store, now: Date): void {
  const at = (hoursAgo: number) => new Date(Math.floor(now.getTime() / 60_000) * 60_000 - hoursAgo * HOUR_MS);
  const nightly = SYNCED.flatMap((device, nth): Past[] =>
    [1, 3, 6].map((day) => [
      day * 24 - 10 + nth / 10,
      3,
      device,
      'custom_fields',
      { firmware: `2.${10 - day}` },
      { firmware: `2.${11 - day}` },
    ]),
  );
  const all = [...PAST, ...nightly].toSorted((a, b) => a[0] - b[0]);
  for (const [hoursAgo, user, name, field, from, to] of all.toReversed()) {
    const device = store.all('dcim.device').find((row) => row.name === name);
    if (device === undefined) continue;
    recordUpdate(
      store,
      { ref: 'dcim.device', id: device.id },
      { [field]: from },
      { [field]: to },
      {
        time: at(hoursAgo),
        user: USERS[user] ?? USERS[0],
      },
    );
    device[field] = to;
  }
}

/** Notes one change of an object. */
export function recordUpdate(
  store: Store,
  object: Ref,
  before: Record<string, unknown>,
  after: Record<string, unknown>,
  { time, user }: { time: Date; user: string },
): void {
  const row = store.get(object);
  if (row === null) return;
  const ref = store.add('core.objectchange', '', {
    time: time.toISOString(),
    user_name: user,
    action: choice('update', 'Updated'),
    changed_object_type: object.ref,
    changed_object_id: object.id,
    changed_object: object,
    object_repr: row.display,
    request_id: requestId(object.id, time),
    message: '',
    prechange_data: plain(before),
    postchange_data: plain(after),
  });
  const change = store.get(ref);
  if (change !== null) change.display = `${row.display} updated by ${user}`;
  row.last_updated = time.toISOString();
}

/** As a changelog has fields: a choice as its value. */
function plain(fields: Record<string, unknown>): Record<string, unknown> {
  const isChoice = (value: unknown): value is Choice =>
    typeof value === 'object' && value !== null && 'value' in value;
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, isChoice(value) ? value.value : value]),
  );
}

function requestId(id: number, time: Date): string {
  const hex = (value: number, length: number) =>
    Math.abs(value).toString(16).padStart(length, '0').slice(-length);
  const ms = time.getTime();
  return `${hex(ms, 8)}-${hex(id, 4)}-4${hex(id * 31, 3)}-a${hex(id * 17, 3)}-${hex(ms * 7, 12)}`;
}
