import { ENDPOINTS, isRef, type ObjectType, type Ref, type Row, type Store } from './store.ts';

/** Objects written out as the API does it. */
export class Writer {
  readonly #store: Store;
  readonly #base: string;

  /** @param base the address of the simulated NetBox, without a slash at its end */
  constructor(store: Store, base: string) {
    this.#store = store;
    this.#base = base;
  }

  /** @param fields the only ones that are wanted; empty for all */
  object(type: ObjectType, row: Row, fields: readonly string[] = [], brief = false): Record<string, unknown> {
    const whole: Record<string, unknown> = { ...this.#head(type, row) };
    for (const [name, value] of Object.entries(brief ? briefOf(row) : row)) {
      if (name in whole) continue;
      whole[name] = isRef(value) ? this.#nested(value) : value;
    }
    if (!brief && type !== 'core.objectchange') {
      whole.created = '2025-03-04T09:00:00Z';
      whole.last_updated ??= '2026-01-15T08:30:00Z';
    }
    if (fields.length === 0) return whole;
    return Object.fromEntries(fields.filter((name) => name in whole).map((name) => [name, whole[name]]));
  }

  /** The address of a list, for `next` and `previous`. */
  listUrl(type: ObjectType, limit: number, offset: number): string {
    return `${this.#base}/api/${ENDPOINTS[type]}/?limit=${limit}&offset=${offset}`;
  }

  #head(type: ObjectType, row: Row) {
    return {
      id: row.id,
      url: `${this.#base}/api/${ENDPOINTS[type]}/${row.id}/`,
      display_url: `${this.#base}/${ENDPOINTS[type]}/${row.id}/`,
      display: row.display,
    };
  }

  #nested(ref: Ref): Record<string, unknown> | null {
    const row = this.#store.get(ref);
    if (row === null) return null;
    const nested: Record<string, unknown> = { ...this.#head(ref.ref, row), ...briefOf(row) };
    // An address says on which device its interface is.
    if (isRef(row.device)) nested.device = this.#nested(row.device);
    return nested;
  }
}

const BRIEF = ['name', 'slug', 'address', 'prefix', 'vid', 'cid', 'model', 'description'];

function briefOf(row: Row): Record<string, unknown> {
  return Object.fromEntries(BRIEF.filter((name) => name in row).map((name) => [name, row[name]]));
}
