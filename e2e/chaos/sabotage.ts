import type { Patch } from './bundle.ts';

/** A fault put into the bundled Worker on purpose, and what the suite must say of it. */
export type Sabotage = Patch & { finding: RegExp };

/**
 * The negative control: a suite that finds none of these proves nothing. `find` keeps clear of names that the bundler
 * changes when another module has the same.
 */
export const SABOTAGES: Record<string, Sabotage> = {
  'a number is left out': {
    find: 'this.#seq += 1;\n    this.#sentAt = now;',
    replace: 'this.#seq += this.#seq % 40 === 39 ? 2 : 1;\n    this.#sentAt = now;',
    finding: /R1 .*: after \d+ came|R2 .* was not resumed/,
  },
  'a number is given twice': {
    find: 'message_id: pending.messageId, seq: this.#seq,',
    replace: 'message_id: pending.messageId, seq: this.#seq - (this.#seq % 40 === 39 ? 1 : 0),',
    finding: /R1 .*: after \d+ came|R1 number \d+ was given twice/,
  },
  'a delta is doubled': {
    find: 'const due = keep === 0 ? pending.text : pending.text.slice(0, -1);',
    replace:
      'const once = keep === 0 ? pending.text : pending.text.slice(0, -1);\n    const due = this.#seq % 40 === 39 ? once + once : once;',
    finding: /The (text|thinking) of .* is not the upstream's/,
  },
  'the last delta before the end is lost': {
    find: 'if (due === "") return;',
    replace: 'if (due === "" || final) return;',
    finding: /The (text|thinking) of .* is not the upstream's/,
  },
  'a character is cut in two': {
    find: 'const keep = !final &&',
    replace: 'const keep = false &&',
    finding: /The (text|thinking) of .* is not the upstream's/,
  },
  'what is not on disk is replayed from the wrong place': {
    find: '+ 1 - this.#unstoredFirst)',
    replace: '- this.#unstoredFirst)',
    finding: /R2 .* was not resumed|R1 .*: after \d+ came/,
  },
  'a snapshot has the running answer as it is on disk': {
    find: '.id === run.messageId ? run.message()',
    replace: '.id === null ? run.message()',
    finding: /and the archive differ/,
  },
  'numbers begin again after a loss': {
    find: 'var SEQ_GAP = 1e4;',
    replace: 'var SEQ_GAP = 0;',
    finding: /R1 number \d+ was given twice|R1 R11 S1 is behind/,
  },
  'the archive has another result of a call than was told': {
    find: 'this.#put({ ...call, ...result, state: "done" });',
    replace: 'this.#put({ ...call, ...result, content: result.content + 1, state: "done" });',
    finding: /S5 .* have other calls in/,
  },
  'a repeated question runs again': {
    find: 'WHERE client_id = ? ORDER BY created_at LIMIT 1',
    replace: 'WHERE client_id = ? AND 0 ORDER BY created_at LIMIT 1',
    finding: /C1 .*(runs twice|accepted twice|not answered|refused)/,
  },
};
