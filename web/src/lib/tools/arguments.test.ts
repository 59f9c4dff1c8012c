import { describe, expect, it } from 'vitest';
import { argumentRows, argumentText } from './arguments.ts';
import { nounOf } from './netbox-words.ts';
import { fieldsOf, keyText } from './value-text.ts';

describe('arguments', () => {
  it('are shown by name, whole and as they are', () => {
    expect(
      argumentRows({ type: 'device', filters: { site: 'dc14', id: [1, 2] }, none: {}, no: null }),
    ).toEqual([
      ['type', 'device'],
      ['filters.site', 'dc14'],
      ['filters.id', '[1,2]'],
      ['none', '{}'],
      ['no', 'null'],
    ]);
    expect(argumentRows({ text: ' \n<b>x</b>' })).toEqual([['text', ' \n<b>x</b>']]);
  });

  it('that are no object, or too many, are shown as text', () => {
    expect(argumentRows('{"broken')).toBeNull();
    expect(argumentRows([1])).toBeNull();
    expect(argumentRows({})).toBeNull();
    expect(argumentRows(Object.fromEntries(Array.from({ length: 500 }, (_, n) => [`k${n}`, n])))).toBeNull();
    expect(argumentText('{"broken')).toBe('{"broken');
    expect(argumentText({ a: 1 })).toBe('{\n  "a": 1\n}');
    expect(argumentText({ deep: JSON.parse(`${'['.repeat(50_000)}${']'.repeat(50_000)}`) })).toMatch(
      /too deep/,
    );
  });
});

describe('words of NetBox', () => {
  it('types are called as people call them', () => {
    const words = [
      'dcim.device',
      'devices',
      'ipam.ipaddress',
      'ip-addresses',
      'ipam.prefix',
      'prefixes',
      'core.objectchange',
      'dcim.devicerole',
      'ipam.vlan',
      'dcim.site',
    ].map((type) => nounOf(type).join('/'));
    expect(words).toEqual([
      'device/devices',
      'device/devices',
      'IP address/IP addresses',
      'IP address/IP addresses',
      'prefix/prefixes',
      'prefix/prefixes',
      'change/changes',
      'device role/device roles',
      'VLAN/VLANs',
      'site/sites',
    ]);
    expect(nounOf(7)).toEqual(['object', 'objects']);
    expect(nounOf('constructor')).toEqual(['constructor', 'constructors']);
  });

  it('fields are called as people call them', () => {
    expect(['primary_ip4', 'device_type', 'vid', 'u_height', 'x Y', ''].map(keyText)).toEqual([
      'Primary IP4',
      'Device type',
      'VID',
      'U height',
      'x Y',
      '',
    ]);
  });

  it('an object begins with its name', () => {
    expect(fieldsOf({ id: 1, url: 'https://x/', serial: '', display: 'a', name: 'a', role: 'b' })).toEqual([
      'name',
      'id',
      'role',
    ]);
  });
});
