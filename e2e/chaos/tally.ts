/** Where a line was cut. */
export type CutKind =
  | 'before acceptance'
  | 'before the start'
  | 'inside a character'
  | 'mid-stream'
  | 'before the end'
  | 'at the end'
  | 'during replay'
  | 'while stopping'
  | 'while switching'
  | 'frozen line'
  | 'everybody at once';

/** What a run of the suite has done, for its last line. */
export class Tally {
  readonly cuts: Partial<Record<CutKind, number>> = {};
  readonly runs: Record<string, number> = {};
  readonly did: Record<string, number> = {};
  kills = 0;
  evictions = 0;
  characters = 0;
  /** Of the texts that differ from what they must be: by how much they are too short or too long. */
  charactersWrong = 0;
  /** The longest time before a loss from which text was missing afterwards, milliseconds (R11). */
  staleMs = 0;

  cut(kind: CutKind): void {
    this.cuts[kind] = (this.cuts[kind] ?? 0) + 1;
  }

  ran(status: string): void {
    this.runs[status] = (this.runs[status] ?? 0) + 1;
  }

  note(what: string): void {
    this.did[what] = (this.did[what] ?? 0) + 1;
  }

  get allCuts(): number {
    return Object.values(this.cuts).reduce((sum, count) => sum + count, 0);
  }

  get allRuns(): number {
    return Object.values(this.runs).reduce((sum, count) => sum + count, 0);
  }
}
