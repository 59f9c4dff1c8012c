/** The first line of fenced code; what follows the marks of a backtick fence has no backtick (CommonMark 4.5). */
const OPENER = /(`{3,}(?=[^`\n]*\n)|~{3,})([^\n]*)\n/y;

/** A block of fenced code that grows: every character is looked at once, for the line that ends it. */
export class OpenFence {
  readonly start: number;
  readonly bodyStart: number;
  readonly language: string;
  readonly #closer: RegExp;
  /** Where the last line begins that was not complete when it was looked at. */
  #line: number;

  private constructor(start: number, bodyStart: number, marks: string, info: string) {
    this.start = start;
    this.bodyStart = bodyStart;
    this.language = info.trim().split(/\s+/)[0] ?? '';
    this.#closer = new RegExp(`^ {0,3}${marks}[~\`]* *$`);
    this.#line = bodyStart;
  }

  /** The fence that begins at `start`, at the very edge of a line; null when there is none. */
  static at(text: string, start: number): OpenFence | null {
    OPENER.lastIndex = start;
    const [opener, marks, info] = OPENER.exec(text) ?? [];
    if (opener === undefined || marks === undefined) return null;
    return new OpenFence(start, start + opener.length, marks, info ?? '');
  }

  /** Whether no line ends the code. `text` continues the one of the call before. */
  isOpen(text: string): boolean {
    for (;;) {
      const end = text.indexOf('\n', this.#line);
      const line = text.slice(this.#line, end < 0 ? undefined : end);
      if (this.#closer.test(line)) return false;
      if (end < 0) return true;
      this.#line = end + 1;
    }
  }
}
