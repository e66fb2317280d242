import { describe, expect, it } from 'vitest';
import { CustomColumnsPrinter, columnsFromFile, columnsFromSpec } from './custom-columns.ts';
import { sortByField } from './sort.ts';
import { fieldFinder } from './sort-field.ts';

const pod = (name: string, labels?: Record<string, string>, images: string[] = []) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, ...(labels && { labels }) },
  spec: { containers: images.map((image) => ({ image })), priority: images.length },
});
const list = { kind: 'List', items: [pod('b', { app: 'x' }, ['i:1', 'j:2']), pod('a', undefined, ['k'])] };

describe('custom columns', () => {
  it('prints a row an object', () => {
    const columns = columnsFromSpec('NAME:.metadata.name,APP:{.metadata.labels.app},IMAGES:spec.containers[*].image');
    expect(new CustomColumnsPrinter(columns, false).print(list)).toEqual({
      text: 'NAME   APP      IMAGES\nb      x        i:1,j:2\na      <none>   k\n',
    });
  });

  it('stops at a path that fails, with what it had', () => {
    const printer = new CustomColumnsPrinter(columnsFromSpec('N:metadata.name,S:.spec.containers[1].image'), true);
    const { text, error } = printer.print(list);
    expect(text).toBe('b     j:2\n');
    expect(error?.message).toBe('array index out of bounds: index 1, length 1');
  });

  it('reads files of headers and paths', () => {
    expect(columnsFromFile('A   B\nmetadata.name {.kind}\n')).toEqual([
      { header: 'A', path: '{.metadata.name}' },
      { header: 'B', path: '{.kind}' },
    ]);
  });

  it.each([
    [() => columnsFromSpec('NAME'), 'unexpected custom-columns spec: NAME, expected <header>:<json-path-expr>'],
    [() => columnsFromFile('A B\nx\n'), "number of headers (2) and field specifications (1) don't match"],
    [() => columnsFromFile('A\n'), 'invalid template, missing spec line'],
    [() => columnsFromSpec('A:{.x}{.y}'), 'unexpected path string'],
  ])('refuses what is no column', (read, message) => expect(read).toThrow(message));
});

describe('--sort-by', () => {
  it('orders objects by a field', () => {
    const { find, path } = fieldFinder('.spec.priority');
    expect(path).toBe('{.spec.priority}');
    expect(sortByField(list.items, (item) => item, find, path).map(({ metadata }) => metadata.name)).toEqual([
      'a',
      'b',
    ]);
    expect(() => fieldFinder('{.metadata.name')).toThrow('sorting error: unclosed action');
  });
});
