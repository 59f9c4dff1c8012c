import { describe, expect, it } from 'vitest';
import { comesFromAllowedPage, isAllowedOrigin, isLocalHost } from './origin.ts';

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

describe('H9 Origin over plain HTTP', () => {
  const HERE = 'https://chat.example.workers.dev';
  const from = (method: string, headers: Record<string, string>) =>
    comesFromAllowedPage(new Request(`${HERE}/stream`, { method, headers }), {
      local: false,
      allowedOrigins: ['https://other.example'],
    });

  it.each(['GET', 'POST', 'DELETE'])('%s with the own origin or an allowed one', (method) => {
    expect(from(method, { Origin: HERE })).toBe(true);
    expect(from(method, { Origin: 'https://other.example' })).toBe(true);
    expect(from(method, { Origin: 'https://evil.example' })).toBe(false);
  });

  it('a GET of the own page, which a browser sends without Origin', () => {
    expect(from('GET', { 'Sec-Fetch-Site': 'same-origin' })).toBe(true);
  });

  it.each(['cross-site', 'same-site', 'none', ''])('a GET without Origin from "%s" is refused', (site) => {
    expect(from('GET', { 'Sec-Fetch-Site': site })).toBe(false);
  });

  it('a GET that says nothing of where it comes from is refused', () => {
    expect(from('GET', {})).toBe(false);
  });

  it('what changes something needs an Origin', () => {
    for (const method of ['POST', 'DELETE']) {
      expect(from(method, { 'Sec-Fetch-Site': 'same-origin' })).toBe(false);
    }
  });

  it('an Origin counts more than Sec-Fetch-Site', () => {
    expect(from('GET', { Origin: 'https://evil.example', 'Sec-Fetch-Site': 'same-origin' })).toBe(false);
    expect(from('GET', { Origin: 'null', 'Sec-Fetch-Site': 'same-origin' })).toBe(false);
  });
});
