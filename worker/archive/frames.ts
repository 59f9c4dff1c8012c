import type { Sql } from './sql.ts';

/**
 * Frames of the last runs, for those who come back (R2). A ring of slots that is overwritten in place:
 * bounded on disk, and a slot costs one row written. 256 slots of about a second or 4 KB each are at
 * least four minutes of streaming; who was away longer gets the snapshot.
 */
export const FRAME_SLOTS = 256;

/** Frames that were stored together: JSON texts joined by newlines, which JSON text never contains. */
export type FrameChunk = { conversation: string; firstSeq: number; lastSeq: number; wire: string };

/** The number of the next chunk: read once when a session wakes. */
export function nextChunkNumber(sql: Sql): number {
  const [row] = sql.exec(`SELECT coalesce(max(n), 0) AS n FROM frames`);
  return Number(row?.n ?? 0) + 1;
}

export function storeChunk(sql: Sql, n: number, chunk: FrameChunk): void {
  sql.exec(
    `INSERT INTO frames (slot, n, conversation, first_seq, last_seq, wire) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (slot) DO UPDATE SET n = excluded.n, conversation = excluded.conversation,
       first_seq = excluded.first_seq, last_seq = excluded.last_seq, wire = excluded.wire`,
    n % FRAME_SLOTS,
    n,
    chunk.conversation,
    chunk.firstSeq,
    chunk.lastSeq,
    chunk.wire,
  );
}

/**
 * The stored frames of a conversation after `seq`, in order, as JSON texts.
 * @returns null when one of them is no longer (or not yet) there: `seq + 1` must be the first
 */
export function framesAfter(sql: Sql, conversation: string, seq: number): string[] | null {
  const rows = sql.exec(
    `SELECT first_seq, last_seq, wire FROM frames WHERE conversation = ? AND last_seq > ? ORDER BY first_seq`,
    conversation,
    seq,
  );
  const frames: string[] = [];
  let next = seq + 1;
  for (const row of rows) {
    const first = Number(row.first_seq);
    if (first > next) return null;
    frames.push(
      ...String(row.wire)
        .split('\n')
        .slice(next - first),
    );
    next = Number(row.last_seq) + 1;
  }
  return frames;
}

/** The highest stored `seq` of a conversation; 0 when no frame of it is there. */
export function lastStoredSeq(sql: Sql, conversation: string): number {
  const [row] = sql.exec(
    `SELECT coalesce(max(last_seq), 0) AS seq FROM frames WHERE conversation = ?`,
    conversation,
  );
  return Number(row?.seq ?? 0);
}
