import { ENDPOINTS, isObjectType } from './store.ts';
import type { NetBox } from './tools.ts';
import { Writer } from './writer.ts';

/**
 * What stands behind an object's `display_url`: a table of its fields, so that links in answers lead somewhere.
 * @param path as in `/dcim/devices/12/`
 * @returns null when there is no such object
 */
export function objectPage({ store, base }: NetBox, path: string): string | null {
  const parts = /^\/([a-z]+\/[a-z-]+)\/(\d+)\/?$/.exec(path);
  const type = Object.entries(ENDPOINTS).find(([, endpoint]) => endpoint === parts?.[1])?.[0];
  if (!isObjectType(type)) return null;
  const row = store.get({ ref: type, id: Number(parts?.[2]) });
  if (row === null) return null;
  const object = new Writer(store, base).object(type, row);
  const rows = Object.entries(object).map(
    ([name, value]) => `<tr><th>${escaped(name)}</th><td>${cell(value)}</td></tr>`,
  );
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>${escaped(row.display)}</title>
<style>body{font:15px/1.5 system-ui,sans-serif;margin:2rem;color-scheme:light dark}th{text-align:left;padding-right:2rem;vertical-align:top}</style>
<h1>${escaped(row.display)}</h1><p>From the simulated NetBox: nothing here exists.</p><table>${rows.join('')}</table></html>`;
}

function cell(value: unknown): string {
  if (typeof value !== 'object' || value === null) return escaped(String(value ?? ''));
  if ('display_url' in value && 'display' in value)
    return `<a href="${escaped(String(value.display_url))}">${escaped(String(value.display))}</a>`;
  if ('label' in value) return escaped(String(value.label));
  return `<code>${escaped(JSON.stringify(value))}</code>`;
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
