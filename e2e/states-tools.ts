import type { Page } from 'playwright-core';
import type { Answer, Message, Model, ServerFrame, ToolCall, ToolServer } from '../shared/index.ts';
import type { State } from './states.ts';
import { answer, ask, MODELS, run, session, text } from './states-world.ts';

/** The states of answers that use tools: calls under way, over, waiting for a person, and results of every kind. */
const QUESTION = 'Which devices are in DC14?';
const NETBOX = 'https://netbox.example.com';

export const NETBOX_UP: ToolServer = {
  name: 'netbox',
  status: 'up',
  checked_at: '2026-11-22T09:00:00.000Z',
  latency_ms: 12,
  detail: 'It answers, with 4 tools.',
  tools: 4,
  simulated: true,
};
const NETBOX_DOWN: ToolServer = {
  ...NETBOX_UP,
  status: 'down',
  detail: 'It does not answer.',
  simulated: false,
};

export function withServers(server: ToolServer): Model[] {
  return MODELS.map((model): Model => {
    const tool_state = model.provider === 'ollama' ? 'failed' : model.is_automatic ? undefined : 'verified';
    return { ...model, tool_servers: [server], ...(tool_state ? { tool_state } : {}) };
  });
}

const ROLES = ['Core router', 'Spine', 'Leaf', 'Firewall', 'Server'];
const nested = (path: string, id: number, name: string) => ({
  id,
  url: `${NETBOX}/api/${path}/${id}/`,
  display_url: `${NETBOX}/${path}/${id}/`,
  display: name,
  name,
});
const device = (n: number) => ({
  id: n,
  url: `${NETBOX}/api/dcim/devices/${n}/`,
  display_url: `${NETBOX}/dcim/devices/${n}/`,
  display: `dc14-leaf-${n}`,
  name: `dc14-leaf-${n}`,
  status: n % 7 === 0 ? { value: 'failed', label: 'Failed' } : { value: 'active', label: 'Active' },
  role: nested('dcim/device-roles', n % 5, ROLES[n % 5] ?? ''),
  site: nested('dcim/sites', 1, 'DC14'),
  rack: n % 3 === 0 ? null : nested('dcim/racks', n % 4, `DC14-R0${n % 4}`),
  primary_ip4: { id: n, address: `10.14.0.${n}/24`, display_url: `${NETBOX}/ipam/ip-addresses/${n}/` },
  serial: `JN${n * 7919}`,
  tags: [],
  comments: '',
  created: '2025-03-04T09:00:00Z',
});
const page = (count: number, total = count): string =>
  JSON.stringify({
    count: total,
    next: total > count ? `${NETBOX}/api/dcim/devices/?limit=${count}&offset=${count}` : null,
    previous: null,
    results: Array.from({ length: count }, (_, n) => device(n + 1)),
  });

export function toolCall(over: Partial<ToolCall> = {}): ToolCall {
  return {
    call_id: 'call-1',
    name: 'netbox_get_objects',
    title: 'Get objects from NetBox',
    server: 'netbox',
    arguments: {
      object_type: 'dcim.device',
      filters: { site: 'dc14' },
      fields: ['name', 'status'],
      limit: 20,
    },
    round: 1,
    at: 15,
    state: 'done',
    ok: true,
    content: page(12),
    truncated: false,
    duration_ms: 312,
    ...over,
  };
}

const INTRO = 'Let me look up.';
const withCalls = (tools: ToolCall[], rest = '', over: Partial<Answer> = {}): Message[] => [
  ask('u1', QUESTION),
  answer('a1', 'u1', INTRO + rest, { tools, ...over }),
];

const begins = (
  seq: number,
  over: Partial<ToolCall> = {},
  type: 'tool_call' | 'tool_request' = 'tool_call',
) => {
  const { call_id, name, title, server, arguments: args, round, at } = toolCall(over);
  return {
    type,
    seq,
    message_id: 'a9',
    call_id,
    name,
    title,
    server,
    arguments: args,
    round,
    at,
  } as ServerFrame;
};
export const changes = (call_id: string, status: string, id = 7): Partial<ToolCall> => ({
  call_id,
  name: 'netbox_update_object',
  title: 'Change an object in NetBox',
  arguments: {
    object_type: 'dcim.device',
    object_id: id,
    data: { status, comments: 'Taken out for repair.' },
  },
});

const unfold = async (page: Page): Promise<void> => {
  await page.locator('fieldset summary').first().click();
  await page.getByText(/^(Result|What went wrong)$/).waitFor();
};
const rows = async (page: Page): Promise<void> => {
  await page.locator('fieldset').first().waitFor();
};

const ANSWER =
  '\n\nThere are **12 devices** in DC14: two core routers, four spines, and the rest are leaves.';
const HOSTILE = {
  name: '<img src=x onerror=alert(1)>',
  'site\u202egro.elgoog': '\u202eadmin\u200b',
  display_url: 'https://user@evil.example/netbox.example.com',
  url: 'javascript:alert(1)',
  description: '=HYPERLINK("https://evil.example","NetBox")',
  __proto: { polluted: true },
  role: { name: 'netbox.example.com', url: 'https://evil.example/' },
  deep: JSON.parse('['.repeat(400) + ']'.repeat(400)),
};

export const TOOL_STATES: State[] = [
  { name: 'tools-empty', models: withServers(NETBOX_UP), frames: [session([])] },
  {
    name: 'tools-selector',
    models: withServers(NETBOX_UP),
    frames: [session(withCalls([toolCall()], ANSWER))],
    act: async (page) => {
      await page.getByRole('button', { name: /^Model:/ }).click();
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'tools-selector-down',
    models: withServers(NETBOX_DOWN),
    frames: [session([])],
    act: async (page) => {
      await page.getByRole('button', { name: /^Model:/ }).click();
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'tools-running',
    frames: [session([]), ...run(QUESTION, text(13, INTRO), begins(14))],
    act: rows,
  },
  {
    name: 'tools-several',
    frames: [
      session([
        ask('u1', QUESTION),
        answer('a1', 'u1', `${INTRO}${ANSWER}\n\nThe echo works, too.`, {
          tools: [
            toolCall(),
            toolCall({
              call_id: 'b',
              arguments: {
                object_type: 'ipam.prefix',
                filters: { site_id: 4, status: 'active', role: 'servers', family: 4 },
              },
              content: page(20, 120),
            }),
            toolCall({
              call_id: 'c',
              name: 'netbox_get_changelogs',
              arguments: { filters: { time_after: '2026-11-15T00:00:00Z' } },
              content: '{"count":0,"next":null,"previous":null,"results":[]}',
            }),
            toolCall({
              call_id: 'd',
              name: 'netbox_search_objects',
              arguments: { query: 'dc14-cr-01' },
              content: 'NetBox did not answer in time.',
              ok: false,
              round: 2,
              at: 15,
            }),
            toolCall({
              call_id: 'e',
              name: 'echo',
              title: null,
              server: 'everything',
              arguments: { message: 'hello' },
              content: 'Echo: hello',
              round: 3,
              at: INTRO.length + ANSWER.length,
            }),
          ],
        }),
      ]),
    ],
    act: rows,
  },
  {
    name: 'tools-table',
    frames: [session(withCalls([toolCall({ content: page(20, 120) })], ANSWER))],
    act: async (page) => {
      await unfold(page);
      await page.getByRole('columnheader', { name: 'Status' }).getByRole('button').click();
    },
  },
  {
    name: 'tools-waiting',
    frames: [
      session([]),
      ...run(
        'Take dc14-leaf-7 out of service.',
        text(13, INTRO),
        begins(14, { call_id: 'r' }),
        begins(15, { ...changes('w', 'offline') }, 'tool_request'),
      ),
    ],
    act: async (page) => {
      await page.getByRole('button', { name: 'Allow once' }).waitFor();
    },
  },
  {
    name: 'tools-waiting-two',
    frames: [
      session([]),
      ...run(
        'Take both leaves out of service.',
        begins(13, { ...changes('w', 'offline'), at: 0 }, 'tool_request'),
        begins(14, { ...changes('v', 'offline', 8), name: 'netbox_delete_object', at: 0 }, 'tool_request'),
      ),
    ],
    act: async (page) => {
      await page.getByRole('button', { name: 'Allow once' }).first().click();
      await page.getByText('Allowed once.').waitFor();
    },
  },
  {
    name: 'tools-denied',
    frames: [
      session(
        withCalls(
          [
            toolCall({
              ...changes('w', 'offline'),
              ok: false,
              content: 'The person did not allow this call. Do not ask for it again; go on without it.',
              duration_ms: 0,
            }),
          ],
          '\n\nI left the device as it is.',
        ),
      ),
    ],
    act: unfold,
  },
  {
    name: 'tools-failed',
    frames: [
      session(
        withCalls(
          [
            toolCall({
              ok: false,
              content: "There is no object type 'dcim.devics'. There are: dcim.device, dcim.site.",
            }),
          ],
          '\n\nI could not ask NetBox.',
        ),
      ),
    ],
    act: unfold,
  },
  {
    name: 'tools-stopped',
    frames: [
      session(
        withCalls(
          [toolCall({ ok: false, content: 'The answer ended before this call did.', duration_ms: null })],
          '',
          { status: 'stopped', stop_reason: 'stopped' },
        ),
      ),
    ],
    act: unfold,
  },
  {
    name: 'tools-long-result',
    frames: [
      session(
        withCalls(
          [
            toolCall({
              name: 'read_file',
              title: 'Read a file',
              server: 'files',
              arguments: { path: '/var/log/messages' },
              content: 'Nov 22 09:00:00 dc14-cr-01 rpd[4711]: bgp_process_caps: mismatch\n'.repeat(4_000),
              truncated: true,
            }),
          ],
          ANSWER,
        ),
      ),
    ],
    act: unfold,
  },
  {
    name: 'tools-object',
    frames: [
      session(
        withCalls(
          [
            toolCall({
              name: 'netbox_get_object_by_id',
              arguments: { object_type: 'dcim.device', object_id: 7 },
              content: JSON.stringify(device(7)),
            }),
          ],
          ANSWER,
        ),
      ),
    ],
    act: unfold,
  },
  {
    name: 'tools-hostile',
    frames: [
      session(
        withCalls(
          [
            toolCall({
              name: 'get_objects_\u202e<b>x</b>',
              title: '<script>alert(1)</script> trusted \u202e tool',
              server: 'ev\u202eil',
              arguments: {
                '<b>q</b>': '</dd><img src=x onerror=alert(1)>',
                'na\u200bme': 'x\u202ey',
                long: 'w'.repeat(3_000),
              },
              content: JSON.stringify([
                HOSTILE,
                {
                  ...Object.fromEntries(Array.from({ length: 1_000 }, (_, n) => [`column_${n}`, n])),
                  name: 'many',
                },
              ]),
            }),
          ],
          ANSWER,
        ),
      ),
    ],
    act: async (page) => {
      await unfold(page);
      await page.getByRole('button', { name: /^All \d+ columns$/ }).click();
    },
  },
];
