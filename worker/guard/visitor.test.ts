import { expect, it } from 'vitest';
import { readVisitor, sessionVisitor, visitorHeaders } from './visitor.ts';

it('a visitor goes through a header, whatever the letters', () => {
  const visitor = { who: 'cloudflare-access:jürgen+"x"\r\n@例え.example', address: '2001:db8:0:0::/64' };
  expect(readVisitor(new Headers(visitorHeaders(visitor)), 'id')).toEqual(visitor);
});

it.each<Record<string, string>>([
  {},
  { 'X-Visitor': '' },
  { 'X-Visitor': '%' },
  { 'X-Visitor': '{"who":1}' },
])('from %j the session itself is the person', (headers) => {
  expect(readVisitor(new Headers(headers), 'id')).toEqual(sessionVisitor('id'));
});
