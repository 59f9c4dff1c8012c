import { expect, it } from 'vitest';
import { addressOf } from './address.ts';

it.each([
  ['203.0.113.7', '203.0.113.7'],
  [' 203.0.113.7 ', '203.0.113.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:0DB8:0001:0002::1', '2001:db8:1:2::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['2001:db8:0:0:1::', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['fe80::', 'fe80:0:0:0::/64'],
  ['::ffff:203.0.113.7', '203.0.113.7'],
  ['::ffff:cb00:7107', '203.0.113.7'],
  [null, 'local'],
  ['', 'local'],
  ['not an address', 'unknown'],
  ['1.2.3', 'unknown'],
  ['2001:db8::1]/evil', 'unknown'],
  ['x:y', 'unknown'],
])('%j counts as %s', (ip, address) => {
  expect(addressOf(ip)).toBe(address);
});

it('all of an IPv6 /64 is one visitor, the next /64 another', () => {
  const [first, ...others] = ['2001:db8:0:7::1', '2001:db8:0:7:ffff:ffff:ffff:ffff', '2001:db8:0:8::1'].map(
    addressOf,
  );
  expect(others).toEqual([first, '2001:db8:0:8::/64']);
});
