import { expect, test } from 'vitest';
import type { KubeObject } from '../../types/objects.ts';
import { type Table, type TableOptions, TablePrinter, tableWriter } from './table.ts';

const row = (name: string, ...cells: unknown[]) => ({
  cells: [name, ...cells],
  object: { metadata: { name, namespace: 'shop', labels: { tier: 'web', app: name } } } as unknown as KubeObject,
});

const pods = (...rows: ReturnType<typeof row>[]): Table => ({
  kind: 'Table',
  columnDefinitions: [
    { name: 'Name', type: 'string', format: 'name' },
    { name: 'Ready', type: 'string' },
    { name: 'Node', type: 'string', priority: 1 },
  ],
  rows,
});

function print(options: TableOptions, ...tables: Table[]): string {
  let out = '';
  const writer = tableWriter((text) => {
    out += text;
  });
  const printer = new TablePrinter(options, writer);
  for (const table of tables) printer.print(table);
  writer.flush();
  return out;
}

const both = pods(row('a', '1/1', 'node-1'), row('longer-name', '0/1', 'node-2'));

test.each<[string, TableOptions, string]>([
  ['plain', {}, 'NAME          READY\na             1/1\nlonger-name   0/1\n'],
  ['wide', { wide: true }, 'NAME          READY   NODE\na             1/1     node-1\nlonger-name   0/1     node-2\n'],
  ['without headers', { noHeaders: true }, 'a             1/1\nlonger-name   0/1\n'],
  [
    'with namespaces',
    { withNamespace: true },
    'NAMESPACE   NAME          READY\nshop        a             1/1\nshop        longer-name   0/1\n',
  ],
  ['with kinds', { kindPrefix: 'pod' }, 'NAME              READY\npod/a             1/1\npod/longer-name   0/1\n'],
  [
    'with labels',
    { labelColumns: ['example.com/tier', 'app'], showLabels: true },
    'NAME          READY   TIER   APP           LABELS\na             1/1            a             app=a,tier=web\nlonger-name   0/1            longer-name   app=longer-name,tier=web\n',
  ],
])('a table %s', (_, options, expected) => {
  expect(print(options, both)).toBe(expected);
});

test('pages of one table share their header, and nothing is printed for none', () => {
  expect(print({}, pods(row('a', '1/1')), pods(row('b', '1/1')))).toBe('NAME   READY\na      1/1\nb      1/1\n');
  expect(print({}, pods())).toBe('');
});

test('a cell ends at its first line break', () => {
  expect(print({ noHeaders: true }, pods(row('a', 'one\ntwo')))).toBe('a     one...\n');
});
