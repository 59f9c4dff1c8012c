import { describe, expect, it } from 'vitest';
import { hostToShow } from './link-host.ts';

describe('a link says where it leads', () => {
  it.each([
    ['https://evil.example/a', 'netbox.dev', 'evil.example'],
    ['https://evil.example/a', 'https://netbox.dev/login', 'evil.example'],
    ['https://evil.example', 'See net\u200bbox.dev', 'evil.example'],
    ['https://evil.example', 'netbox\u3002dev', 'evil.example'],
    ['https://netbox.dev', 'n\u0435tbox.dev', 'netbox.dev'],
    ['https://n\u0435tbox.dev', 'NetBox', 'xn--ntbox-zwe.dev'],
    ['https://netbox.dev:443@evil.example/', 'NetBox', 'evil.example'],
    ['https://netbox.dev.evil.example/', 'netbox.dev', 'netbox.dev.evil.example'],
    ['mailto:thief@evil.example', 'noc@netbox.dev', 'evil.example'],
  ])('%s as "%s"', (href, words, host) => {
    expect(hostToShow(href, words)).toBe(host);
  });

  it.each([
    ['https://netbox.dev/a', 'NetBox'],
    ['https://netbox.dev/a.b/c.d', 'https://netbox.dev/a.b/c.d'],
    ['https://www.netbox.dev/', 'netbox.dev'],
    ['https://netbox.dev/x', 'config.yaml'],
    ['https://netbox.dev/x', 'version 4.2.1 of the API'],
    ['https://10.0.0.1/', '10.0.0.1'],
    ['mailto:noc@netbox.dev', 'noc@netbox.dev'],
    ['nonsense', 'netbox.dev'],
  ])('and nothing where its words are true: %s as "%s"', (href, words) => {
    expect(hostToShow(href, words)).toBeNull();
  });
});
