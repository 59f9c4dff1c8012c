import { describe, expect, it } from 'vitest';
import { isAllowedOrigin, isLocalHost } from './origin.ts';

const deployed = (origin: string | null, allowedOrigins: string[] = []) =>
  isAllowedOrigin(origin, new URL('https://chat.example.workers.dev/ws'), { local: false, allowedOrigins });
const local = (origin: string | null, url = 'http://localhost:8787/ws') =>
  isAllowedOrigin(origin, new URL(url), { local: true, allowedOrigins: [] });

describe('H4 Origin', () => {
  it('the own origin and the allowed ones, exactly', () => {
    expect(deployed('https://chat.example.workers.dev')).toBe(true);
    expect(deployed('https://other.example', ['https://other.example'])).toBe(true);
  });

  it.each([
    null,
    '',
    'null',
    'http://chat.example.workers.dev',
    'https://chat.example.workers.dev.evil.example',
    'https://evil.example',
    'https://chat.example.workers.dev:444',
    'https://CHAT.example.workers.dev/',
    'http://localhost:8787',
  ])('%j is refused', (origin) => {
    expect(deployed(origin)).toBe(false);
  });

  it('CMD6: locally the three names of this machine are one, on the same port', () => {
    expect(local('http://127.0.0.1:8787')).toBe(true);
    expect(local('http://[::1]:8787', 'http://127.0.0.1:8787/ws')).toBe(true);
    expect(local('http://localhost:9999')).toBe(false);
    expect(local('https://localhost:8787')).toBe(false);
    expect(local('http://localhost:8787.evil.example')).toBe(false);
    expect(local('http://evil.example:8787')).toBe(false);
  });
});

it('CMD6: only the names of this machine are local', () => {
  for (const host of ['localhost', '127.0.0.1', '[::1]'])
    expect(isLocalHost(new URL(`http://${host}:1/`))).toBe(true);
  for (const host of ['evil.example', 'localhost.evil.example', '127.0.0.2', '0.0.0.0', '192.168.1.5']) {
    expect(isLocalHost(new URL(`http://${host}:1/`))).toBe(false);
  }
});
