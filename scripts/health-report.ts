import * as z from 'zod/mini';
import { errorBodySchema, healthSchema, SERVICES } from '../shared/index.ts';

/**
 * The body of `GET /health` (H3, or H7's error) as lines for a terminal.
 * @param body parsed JSON
 */
export function describeHealth(body: unknown): string[] {
  const health = z.safeParse(healthSchema, body);
  if (health.success) {
    const { services, warnings, tool_servers: tools = [] } = health.data;
    const lines = SERVICES.map((name) => {
      const { status, detail, version } = services[name];
      return `  ${name.padEnd(10)} ${status.padEnd(13)} ${[version, detail].filter(Boolean).join(' · ')}`.trimEnd();
    });
    const toolLines = tools.map(({ name, status, detail }) =>
      `  ${`tools: ${name}`.padEnd(10)} ${status.padEnd(13)} ${detail}`.trimEnd(),
    );
    return [...lines, ...toolLines, ...warnings.map((warning) => `  warning    ${warning}`)];
  }
  const error = z.safeParse(errorBodySchema, body);
  if (error.success) return [`  ${error.data.error.message}`];
  return ['  /health gave an answer that is not in its format.'];
}
