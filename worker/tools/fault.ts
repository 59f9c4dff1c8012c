/**
 * What can be wrong with a server of tools. denied: it wants another token. elsewhere: it wanted another address
 * called. died: it ended before its answer was complete. refused: it understood, and said no.
 */
export type ToolFaultKind =
  | 'aborted'
  | 'timeout'
  | 'unreachable'
  | 'denied'
  | 'not_found'
  | 'elsewhere'
  | 'too_large'
  | 'died'
  | 'garbage'
  | 'failing'
  | 'refused';

export class ToolFault extends Error {
  override readonly name = 'ToolFault';
  readonly kind: ToolFaultKind;
  /** HTTP status, or null where none came. */
  readonly status: number | null;
  /** The server's own words for a model (`refused` alone has some); as hostile as a result. */
  readonly words: string;
  /** The server said so before it did anything. */
  readonly wasNotMade: boolean;

  constructor(kind: ToolFaultKind, more: { status?: number; words?: string; wasNotMade?: boolean } = {}) {
    super(kind);
    this.kind = kind;
    this.status = more.status ?? null;
    this.words = more.words ?? '';
    this.wasNotMade = more.wasNotMade ?? false;
  }
}

/** Whatever was thrown, as one of ours; the client's own errors are read in client-faults.ts before. */
export function faultOf(error: unknown, signal?: AbortSignal): ToolFault {
  if (signal?.aborted) return new ToolFault('aborted');
  return error instanceof ToolFault ? error : new ToolFault('garbage');
}

/** One sentence for a person at the health page: no address, no token, nothing of the server's own words. */
export function faultSentence({ kind, status }: ToolFault): string {
  const how = status === null ? '' : ` (status ${status})`;
  switch (kind) {
    case 'aborted':
      return 'The question to it was given up.';
    case 'timeout':
      return `It did not answer in time${how}: see that it runs and is not overloaded.`;
    case 'unreachable':
      return 'It cannot be reached: check its address, and that it runs.';
    case 'denied':
      return `It refuses the token${how}: set the one that it expects.`;
    case 'not_found':
      return `There is no tool server at its address${how}: check the path, which is often /mcp.`;
    case 'elsewhere':
      return `It redirects elsewhere${how}, which is not followed: set the address that it really has.`;
    case 'too_large':
      return 'Its answer is too large to be read.';
    case 'died':
      return 'It broke off before its answer was complete.';
    case 'garbage':
      return 'What answers at its address does not speak MCP over Streamable HTTP.';
    case 'failing':
      return `It answers with an error${how}: look into its log.`;
    case 'refused':
      return 'It refused the request.';
  }
}
