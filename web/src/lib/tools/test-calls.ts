import type { ServerFrame, ToolCall } from '#lib/wire.ts';

/** Builders for tests: calls as the archive has them, frames as the server sends them. */
export function aCall(over: Partial<ToolCall> = {}): ToolCall {
  return {
    call_id: 'c1',
    name: 'get_objects',
    title: null,
    server: 'netbox',
    arguments: { object_type: 'dcim.device', filters: { site: 'dc14' } },
    round: 1,
    at: 0,
    state: 'done',
    ok: true,
    content: '[]',
    truncated: false,
    duration_ms: 300,
    ...over,
  };
}

type Over = { call_id?: string; at?: number; reply?: string };

export function asks(seq: number, type: 'tool_call' | 'tool_request', over: Over = {}): ServerFrame {
  const { call_id = 'c1', at = 0, reply = 'a1' } = over;
  return {
    type,
    seq,
    message_id: reply,
    call_id,
    name: 'update_object',
    title: null,
    server: 'netbox',
    arguments: { id: 7 },
    round: 1,
    at,
  };
}

export function result(seq: number, over: Over & { ok?: boolean; content?: string } = {}): ServerFrame {
  const { call_id = 'c1', at = 0, reply = 'a1', ok = true, content = '[]' } = over;
  return {
    type: 'tool_result',
    seq,
    message_id: reply,
    call_id,
    name: 'update_object',
    title: null,
    server: 'netbox',
    round: 1,
    at,
    ok,
    content,
    truncated: false,
    duration_ms: ok ? 12 : 0,
  };
}
