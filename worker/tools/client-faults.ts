import { ProtocolError, SdkError, SdkErrorCode, SdkHttpError } from '@modelcontextprotocol/client';
import { ToolFault, type ToolFaultKind } from './fault.ts';

/** Codes of JSON-RPC errors that our own transport puts in the place of an answer that never came. */
export const LOST = { died: -32_790, too_large: -32_791, garbage: -32_792 } as const;

function kindOfStatus(status: number): ToolFaultKind {
  if (status === 401 || status === 403) return 'denied';
  if (status === 404 || status === 405 || status === 410) return 'not_found';
  return status === 408 || status === 504 || status === 524 ? 'timeout' : 'failing';
}

function statusOf(error: unknown): number | null {
  if (!(error instanceof SdkHttpError)) return null;
  return typeof error.status === 'number' ? error.status : null;
}

function kindOfCode(code: SdkErrorCode): ToolFaultKind | null {
  switch (code) {
    case SdkErrorCode.RequestTimeout:
      return 'timeout';
    case SdkErrorCode.ConnectionClosed:
    case SdkErrorCode.NotConnected:
      return 'died';
    case SdkErrorCode.ClientHttpUnexpectedContent:
    case SdkErrorCode.InvalidResult:
      return 'garbage';
    default:
      return null;
  }
}

/** Whatever the client threw, as one of ours. Judged by class, code and status, never by text. */
export function toToolFault(error: unknown): ToolFault {
  if (error instanceof ToolFault) return error;
  if (error instanceof Error && error.cause instanceof ToolFault) return error.cause;
  const status = statusOf(error);
  if (status !== null) return new ToolFault(kindOfStatus(status), { status });
  if (error instanceof ProtocolError) {
    const lost = Object.entries(LOST).find(([, code]) => code === error.code)?.[0];
    if (lost === 'died' || lost === 'too_large' || lost === 'garbage') return new ToolFault(lost);
    return new ToolFault('refused', { words: error.message });
  }
  if (error instanceof SdkError) {
    const kind = kindOfCode(error.code);
    if (kind !== null) return new ToolFault(kind);
    return error.cause === undefined ? new ToolFault('garbage') : toToolFault(error.cause);
  }
  // A body that is no JSON, or JSON of something else.
  if (error instanceof SyntaxError || (error instanceof Error && /Zod/.test(error.name))) {
    return new ToolFault('garbage');
  }
  return new ToolFault('unreachable');
}
