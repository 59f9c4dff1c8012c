import { calmName } from '#lib/text/hidden-chars.ts';
import type { Model, ToolServer } from '#lib/wire.ts';

/** A part of a sentence is cut after so many characters, so that a row stays a row. */
const MOST_CHARS = 40;

/** A text of others within a sentence of ours: one line, in our order of reading, never long. */
export function shortly(text: string): string {
  const line = calmName(text).replace(/\s+/g, ' ').trim();
  return line.length <= MOST_CHARS
    ? line
    : `${line.slice(0, MOST_CHARS - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}

/** Names of servers are the operator's; `netbox` is written as its makers do. */
export function serverName(server: string | null | undefined): string | null {
  if (!server) return null;
  return isNetBox(server) ? 'NetBox' : shortly(server);
}

const isNetBox = (name: string): boolean => /^net[-_ ]?box$/i.test(name);

/** What a screen reader hears when a call begins to wait. */
export function requestNews(call: {
  name: string;
  title?: string | null | undefined;
  server?: string | null | undefined;
}): string {
  const of = serverName(call.server);
  return `The answer waits for your decision: may it use ${shortly(call.title || call.name)}${of === null ? '' : ` of ${of}`}?`;
}

/** `NetBox connected (simulated)`. `tone`: whether something is wrong. */
export function serverWords({ name, status, simulated }: ToolServer): {
  text: string;
  tone: 'good' | 'calm' | 'bad';
} {
  const of = serverName(name) ?? name;
  const mark = simulated ? ' (simulated)' : '';
  switch (status) {
    case 'up':
      return { text: `${of} connected${mark}`, tone: 'good' };
    case 'down':
      return { text: `${of} not reachable${mark}`, tone: 'bad' };
    case 'disabled':
      return { text: `${of} switched off`, tone: 'calm' };
    case 'unknown':
      return { text: `${of} set up${mark}`, tone: 'calm' };
  }
}

/** The NetBox that this model can be asked about: one that is not known to be down. */
export function netBoxFor(model: Model | undefined): ToolServer | null {
  if (!model?.capabilities.tools || model.tool_state === 'failed' || model.tool_state === 'unsupported')
    return null;
  const server = model.tool_servers?.find(({ name }) => isNetBox(name));
  return server !== undefined && (server.status === 'up' || server.status === 'unknown') ? server : null;
}

/** What a newcomer may ask a NetBox; each is sent as it stands. */
export const NETBOX_STARTERS: readonly { title: string; text: string }[] = [
  { title: 'A site', text: 'Which devices are in DC14?' },
  { title: 'Changes', text: 'What changed in the last week?' },
  { title: 'Addresses', text: 'Which addresses of 10.14.0.0/24 are in use?' },
  { title: 'What is broken', text: 'Which devices have failed, and where are they?' },
];
