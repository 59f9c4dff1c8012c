import { type AskedCall, isRecord } from './asked.ts';
import { wishOf } from './netbox-questions.ts';
import { joinPages, readPage } from './results.ts';

const LABELS: Record<string, string> = {
  vid: 'VLAN',
  cid: 'circuit',
  primary_ip4: 'primary address',
  u_height: 'units',
  dns_name: 'DNS name',
  assigned_object: 'on',
  device_type: 'type',
  scope: 'site',
  user_name: 'who',
  time: 'when',
  object_repr: 'object',
};
/** Of words that are no list, UTF-16 units. */
const MOST_QUOTED = 1_500;

/** What the simulated model says when its calls are done: a table of what it got, or what went wrong. */
export function answerFromResults(
  question: string,
  rounds: readonly (readonly AskedCall[])[],
  now: Date,
): string {
  const calls = rounds.flat();
  const failed = calls.filter(({ ok }) => !ok);
  const parts = failed.map(
    ({ name, content }) => `The tool \`${name}\` did not work:\n\n> ${quote(content)}`,
  );
  const wish = wishOf(question, now);
  const wanted = wish?.first === null ? calls : rounds.slice(1).flat();
  const page = joinPages((wish === null ? calls : wanted).filter(({ ok }) => ok));
  if (page !== null && wish !== null) {
    const several = wish.first !== null;
    const count = several ? page.results.length : page.count;
    if (count === 0) parts.push(`NetBox has no such ${wish.noun}.`);
    else if (wish.countOnly) parts.push(`NetBox has **${count}** such ${wish.noun}.`);
    else {
      const isAll = several || page.results.length >= count;
      parts.push(
        `NetBox has **${count}** such ${wish.noun}${isAll ? '' : `; these are the first ${page.results.length}`}:`,
      );
      parts.push(wish.type === 'core.objectchange' ? changesTable(page.results) : table(page.results));
    }
  } else
    for (const call of calls.filter(({ ok }) => ok)) {
      const one = readPage(call.content);
      parts.push(
        one === null
          ? `\`${call.name}\` gave:\n\n\`\`\`\n${bare(call.content).slice(0, MOST_QUOTED).replaceAll('```', "'''")}\n\`\`\``
          : one.results.length === 0
            ? `\`${call.name}\` gave an empty list.`
            : `\`${call.name}\` gave ${one.results.length} of ${one.count}:\n\n${table(one.results)}`,
      );
    }
  return parts.join('\n\n') || 'The tools gave nothing.';
}

function table(objects: Record<string, unknown>[]): string {
  const [first = {}] = objects;
  const columns = Object.keys(first).filter((name) => name !== 'display_url' && name !== 'url');
  const lines = objects.map((object) =>
    columns.map((name, index) => {
      const text = textOf(object[name]);
      return index === 0 && typeof object.display_url === 'string'
        ? `[${text}](${object.display_url})`
        : text;
    }),
  );
  return markdown(
    columns.map((name) => LABELS[name] ?? name.replaceAll('_', ' ')),
    lines,
  );
}

function changesTable(changes: Record<string, unknown>[]): string {
  const lines = changes.map((change) => [
    `${String(change.time).slice(0, 16).replace('T', ' ')} UTC`,
    textOf(change.user_name),
    typeof change.display_url === 'string'
      ? `[${textOf(change.object_repr)}](${change.display_url})`
      : textOf(change.object_repr),
    difference(change.prechange_data, change.postchange_data),
  ]);
  return markdown(['when', 'who', 'object', 'what'], lines);
}

function difference(before: unknown, after: unknown): string {
  const was = isRecord(before) ? before : {};
  const is = isRecord(after) ? after : {};
  return Object.keys(is)
    .map(
      (field) =>
        `${field.replaceAll('_', ' ')}: ${textOf(was[field]) || '*empty*'} → ${textOf(is[field]) || '*empty*'}`,
    )
    .join('; ');
}

function markdown(head: string[], lines: string[][]): string {
  const row = (cells: string[]) => `| ${cells.join(' | ')} |`;
  return [row(head), `|${head.map(() => '---').join('|')}|`, ...lines.map(row)].join('\n');
}

/** The words of a value: a choice's label, a nested object's name, with its device where it has one. */
function textOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (!isRecord(value)) return String(value).replaceAll('|', '\\|').replaceAll('\n', ' ');
  if ('label' in value) return textOf(value.label);
  const display = 'display' in value ? value.display : null;
  if (display === null) return textOf(JSON.stringify(value));
  return isRecord(value.device) ? `${textOf(value.device)} ${textOf(display)}` : textOf(display);
}

function quote(content: string): string {
  return bare(content).slice(0, 300).replaceAll('\n', ' ');
}

/** A result without the tag that marks it as data. */
function bare(content: string): string {
  return content.replaceAll(/^(Error: )?<\w+[^>]*>\n|\n<\/\w+>$/g, '$1');
}
