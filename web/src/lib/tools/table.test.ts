import { describe, expect, it } from 'vitest';
import type { Json } from './json.ts';
import { cellOf, columnsOf, inOrder, rowsThatFit } from './table.ts';

const device: Json = {
  id: 1,
  url: 'https://nb.example/api/dcim/devices/1/',
  display_url: 'https://nb.example/dcim/devices/1/',
  display: 'leaf-1',
  name: 'leaf-1',
  serial: 'JN1',
  status: { value: 'active', label: 'Active' },
  site: { id: 4, display: 'DC14', url: 'https://nb.example/api/dcim/sites/4/' },
  tags: [],
  created: '2025-03-04T09:00:00Z',
  comments: '',
};
const keys = (objects: Json[]) => columnsOf(objects).usual.map(({ key }) => key);

describe('columns', () => {
  it('are what a person looks for, the name first; addresses, numbers and what is empty are left out', () => {
    expect(keys([device])).toEqual(['name', 'status', 'site', 'serial']);
    expect(columnsOf([device]).all.map(({ key }) => key)).toHaveLength(Object.keys(device).length);
  });

  it('keep `display` where it says more than the name', () => {
    expect(keys([{ ...device, display: 'leaf-1 (A1)' }])[0]).toBe('display');
  });

  it('are never none and never thousands', () => {
    expect(keys([{ id: 7, url: 'https://nb.example/' }])).toEqual(['id', 'url']);
    const many = Object.fromEntries(Array.from({ length: 1_000 }, (_, n) => [`k${n}`, n]));
    expect(columnsOf([many]).usual.length).toBeLessThanOrEqual(7);
    expect(columnsOf([many]).all).toHaveLength(200);
    expect(columnsOf([{}])).toEqual({ usual: [], all: [] });
  });

  it('come from all objects', () => {
    expect(keys([{ name: 'a' }, { name: 'b', role: 'x' }])).toEqual(['name', 'role']);
  });

  it('may be called what programs trip over', () => {
    const object = JSON.parse('{"name":"a","__proto__":{"x":1},"constructor":"c"}') as Json;
    expect(columnsOf([object]).all.map(({ key }) => key)).toEqual(['name', '__proto__', 'constructor']);
    expect(cellOf(object, 'constructor').text).toBe('c');
    expect(cellOf({ name: 'b' }, 'constructor').text).toBe('');
    expect(cellOf({ name: 'b' }, '__proto__').text).toBe('');
  });
});

describe('a cell', () => {
  const text = (value: unknown) => cellOf({ value }, 'value').text;

  it('shows nested objects by their names, and plain values as people write them', () => {
    expect(cellOf(device, 'status').text).toBe('Active');
    expect(cellOf(device, 'site').text).toBe('DC14');
    expect([null, true, false, 0, 'x', ''].map(text)).toEqual(['', 'yes', 'no', '0', 'x', '']);
    expect(text([{ name: 'a' }, { slug: 'b' }, 3])).toBe('a, b, 3');
    expect(text({ value: 4, label: 'IPv4' })).toBe('IPv4');
    expect(text({ from: 1, to: 2 })).toBe('{"from":1,"to":2}');
  });

  it('is short whatever is in it', () => {
    expect(text({ blob: 'x'.repeat(10_000) }).length).toBeLessThan(500);
    expect(text(Array.from({ length: 1_000 }, (_, n) => n))).toMatch(/, and 980 more$/);
    expect(text({ deep: JSON.parse(`${'['.repeat(50_000)}${']'.repeat(50_000)}`) })).toMatch(
      /too deep|^\{"deep":/,
    );
  });

  it('leads to its object only by http and https, to the page for people first', () => {
    expect(cellOf(device, 'name', true).href).toBe('https://nb.example/dcim/devices/1/');
    expect(cellOf(device, 'name').href).toBeNull();
    expect(cellOf(device, 'site').href).toBe('https://nb.example/api/dcim/sites/4/');
    for (const url of [
      'javascript:alert(1)',
      'data:text/html,x',
      'mailto:a@b.example',
      '/dcim/1/',
      'java\nscript:x',
      7,
      null,
    ]) {
      expect(cellOf({ name: 'a', url }, 'name', true).href).toBeNull();
    }
  });
});

describe('sorting', () => {
  const names = (objects: readonly Json[]) => objects.map(({ v }) => v);
  const rows = ['leaf-10', 'leaf-2', '', 'leaf-1'].map((v) => ({ v }));

  it('counts as people do, and puts nothing last, up and down', () => {
    expect(names(inOrder(rows, { key: 'v', down: false }))).toEqual(['leaf-1', 'leaf-2', 'leaf-10', '']);
    expect(names(inOrder(rows, { key: 'v', down: true }))).toEqual(['leaf-10', 'leaf-2', 'leaf-1', '']);
    const addresses = ['10.0.0.10/24', '10.0.0.9/24', '9.0.0.1/8'].map((v) => ({ v }));
    expect(names(inOrder(addresses, { key: 'v', down: false }))).toEqual([
      '9.0.0.1/8',
      '10.0.0.9/24',
      '10.0.0.10/24',
    ]);
    const numbers = [30, -4, 2.5, null].map((v) => ({ v }));
    expect(names(inOrder(numbers, { key: 'v', down: false }))).toEqual([-4, 2.5, 30, null]);
  });

  it('leaves the order of the result alone where nobody asks', () => {
    expect(inOrder(rows, null)).toBe(rows);
  });
});

describe('rows', () => {
  it('are few at first, and never more cells than a browser lays out', () => {
    expect(rowsThatFit(12, 7, false)).toBe(12);
    expect(rowsThatFit(9_000, 7, false)).toBe(50);
    expect(rowsThatFit(9_000, 200, true)).toBe(60);
  });
});
