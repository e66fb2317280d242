import { describe, expect, test } from 'vitest';
import { compare } from './compare.ts';
import type { Step } from './document.ts';

const of = (expected: string, output: string, mode: Step['mode'] = 'exact', known = new Map<string, string>()) =>
  compare({ expected: expected.split('\n'), mode, dialect: 'markdown' }, output, known);

const TABLE = 'NAME                  READY   AGE\nweb-7d4b9c6c5-abcde   1/1     5m\n';

describe('what matches', () => {
  test.each<[expected: string, output: string, mode?: Step['mode']]>([
    ['a\nb', 'a\nb\n'],
    ['a\nb', 'a\nb'],
    ['a\n', 'a\n'],
    ['a\n...\nz', 'a\nb\nc\nz\n'],
    ['...\nz', 'z\n'],
    ['...', ''],
    ['It took {n} s, at {time}', 'It took 3.5 s, at 2026-01-01T00:00:20Z\n'],
    ['Start Time:  {time}', 'Start Time:  Thu, 01 Jan 2026 00:00:00 +0000\n'],
    ['{uid} {ip} {any}', '6f1e1a0c-2f7e-4d3b-9a55-0c8e7f6d5b4a 10.0.0.1 what ever\n'],
    ['[{any}]', '[]\n'],
    ['{age:10s..2m} {age:1d..3d}', '1m59s 2d4h\n'],
    ['{n:1..5}', '5\n'],
    ['a-{name:x} b-{name:x}', 'a-web b-web\n'],
    ['\\{age}', '{age}\n'],
    ['{"kind": "Pod"}', '{"kind": "Pod"}\n'],
    ['NAME     READY   AGE\n{name}   1/1     {age}', TABLE],
    ['NAME                  READY   AGE\n{name} 1/1     {age}', TABLE],
    ['NAME               READY   AGE\nweb-{hash}-{hash}   1/1     {age}', TABLE],
    ['b\na', 'a\nb\n', 'unordered'],
    ['x-{n}\na', 'a\nx-1\n', 'unordered'],
    ['b\nd', 'a\nb\nc\nd\n', 'contains'],
    ['anything', 'else\n', 'setup'],
  ])('%j is %j', (expected, output, mode) => {
    expect(of(expected, output, mode).lines).toSatisfy(() => of(expected, output, mode).ok);
  });
});

describe('what does not match, and why', () => {
  test.each<[expected: string, output: string, lines: unknown[], mode?: Step['mode']]>([
    [
      'a',
      'b\n',
      [
        { kind: 'want', want: 'a' },
        { kind: 'got', got: 'b' },
      ],
    ],
    [
      'a ',
      'a\n',
      [
        { kind: 'want', want: 'a ' },
        { kind: 'got', got: 'a' },
      ],
    ],
    [
      'a   b',
      'a  b\n',
      [
        { kind: 'want', want: 'a   b' },
        { kind: 'got', got: 'a  b' },
      ],
    ],
    [
      'a\nc',
      'a\nb\nc\n',
      [
        { kind: 'same', want: 'a', got: 'a' },
        { kind: 'got', got: 'b' },
        { kind: 'same', want: 'c', got: 'c' },
      ],
    ],
    [
      'age {age:10s..2m}',
      'age 5m\n',
      [
        { kind: 'want', want: 'age {age:10s..2m}', why: '5m is not between 10s and 2m' },
        { kind: 'got', got: 'age 5m' },
      ],
    ],
    [
      'web   {ip}   x',
      'web   <none>   x\n',
      [
        { kind: 'want', want: 'web   {ip}   x', why: '{ip} stands for an IP address, and "<none>" is none' },
        { kind: 'got', got: 'web   <none>   x' },
      ],
    ],
    [
      '{name:x}\n{name:x}',
      'a\nb\n',
      [
        { kind: 'same', want: '{name:x}', got: 'a' },
        { kind: 'want', want: '{name:x}', why: '{name:x} was a before and is b here' },
        { kind: 'got', got: 'b' },
      ],
    ],
    [
      'a\nb',
      'b\nc\n',
      [
        { kind: 'want', want: 'a' },
        { kind: 'same', want: 'b', got: 'b' },
        { kind: 'got', got: 'c' },
      ],
      'unordered',
    ],
    [
      'b\na',
      'a\nb\n',
      [
        { kind: 'same', want: 'b', got: 'b' },
        { kind: 'want', want: 'a' },
        { kind: 'got', got: 'a' },
        { kind: 'got', got: 'b' },
      ],
      'contains',
    ],
  ])('%j is not %j', (expected, output, lines, mode) => {
    const compared = of(expected, output, mode);
    expect(compared.lines).toEqual(lines);
    expect(compared.ok).toBe(false);
  });
});

test('what a label stands for holds from output to output', () => {
  const { bound } = of('pod/{name:web} created', 'pod/web-1 created\n');
  expect(of('{name:web}', 'web-1\n', 'exact', new Map(bound)).ok).toBe(true);
  expect(of('{name:web}', 'web-2\n', 'exact', new Map(bound)).lines[0]).toMatchObject({
    why: '{name:web} was web-1 before and is web-2 here',
  });
});

describe('cram', () => {
  test.each([
    ['foo.* \\d+ (re)', 'foobar 12', true],
    ['foo* (glob)', 'foobar', true],
    ['foo? (glob)', 'foobar', false],
    ['tab\\there (esc)', 'tab\there', true],
    ['end (no-eol)', 'end', true],
    ['literal (re)', 'literal (re)', true],
    ['{age}', '5m', false],
  ])('%s on %s: %s', (expected, output, ok) => {
    expect(compare({ expected: [expected], mode: 'exact', dialect: 'cram' }, output, new Map()).ok).toBe(ok);
  });
});
