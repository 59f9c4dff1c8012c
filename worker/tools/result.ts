import type { CallToolResult, ContentBlock } from '@modelcontextprotocol/client';
import { cleanText } from './listed-tool.ts';

/** What a model gets to read of a call. */
export type ToolText = {
  ok: boolean;
  content: string;
  /** Whether something of it was left out. */
  truncated: boolean;
};

/** UTF-16 units of a name, address or description that stands for something that is not text. */
const LABEL_CHARS = 300;

const label = (value: string | undefined) =>
  cleanText(value ?? '', LABEL_CHARS)
    .replace(/\s+/g, ' ')
    .trim();

/** Size of what base64 stands for, in words. */
function sizeOf(base64: string): string {
  const bytes = Math.floor((base64.length * 3) / 4);
  return bytes < 1024 ? `${bytes} bytes` : `${Math.round(bytes / 1024)} KB`;
}

/** One block as text; what is none is named in words. */
function textOf(block: ContentBlock): string {
  switch (block.type) {
    case 'text':
      return block.text;
    case 'image':
    case 'audio': {
      const what = block.type === 'image' ? 'An image' : 'A sound';
      return `[${what} (${label(block.mimeType)}, ${sizeOf(block.data)}), which is not passed on]`;
    }
    case 'resource_link': {
      const parts = [block.title ?? block.name, block.uri, block.description].map(label);
      return `[A link: ${parts.filter((part) => part !== '').join(' · ')}]`;
    }
    case 'resource': {
      const { resource } = block;
      if ('text' in resource) return `[The resource ${label(resource.uri)}:]\n${resource.text}`;
      const kind = label(resource.mimeType) || 'unknown kind';
      return `[The resource ${label(resource.uri)} (${kind}, ${sizeOf(resource.blob)}), which is not passed on]`;
    }
    default:
      return '[Something of a kind that is not known here]';
  }
}

function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? '';
  } catch {
    return '[Data that is nested too deep]';
  }
}

/**
 * Cuts a result to what a model can be given, never inside a surrogate pair, with a note on how to ask for less.
 * @param max UTF-16 units, the note included
 */
export function cutResult(text: string, max: number): { content: string; truncated: boolean } {
  if (text.length <= max) return { content: text, truncated: false };
  const note = `\n[Cut here: these are the first of ${text.length} characters. Ask for less at once: fewer fields, a narrower filter, a smaller limit, or the next page.]`;
  return { content: cleanText(text, Math.max(0, max - note.length)) + note, truncated: true };
}

/**
 * A tool's result as text for a model. Structured content counts only where there is no text: servers send the same
 * twice.
 * @param max UTF-16 units
 */
export function toToolText(result: CallToolResult, max: number): ToolText {
  const ok = result.isError !== true;
  // Servers of older versions leave `content` out where there is structured content.
  const blocks = (result.content ?? []).map(textOf).filter((text) => text.trim() !== '');
  const hasText = (result.content ?? []).some((block) => block.type === 'text' || block.type === 'resource');
  if (!hasText && result.structuredContent !== undefined) blocks.unshift(jsonOf(result.structuredContent));
  const nothing = ok ? '(The tool returned nothing.)' : '(The tool failed, and did not say why.)';
  const whole = blocks.join('\n');
  const text = cleanText(whole, whole.length);
  return { ok, ...cutResult(text.trim() === '' ? nothing : text, max) };
}
