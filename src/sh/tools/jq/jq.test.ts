import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { testMachine } from '../../testing.ts';
import type { ToolContext } from '../tool.ts';
import { jq } from './index.ts';

type Case = [stdin: string, argv: string[], stdout: string, stderr: string, code: number];

const run = (stdin: string, argv: string[]) =>
  jq({
    argv: ['jq', ...argv],
    stdin,
    env: { FOO: 'bar' },
    machine: testMachine(),
    path: (file: string) => file,
  } as unknown as ToolContext);

/** What jq answers. */
const cases = readFileSync(new URL('./testdata/cases.jsonl', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as Case);

test.each(cases)('%s | jq %j', (stdin, argv, stdout, stderr, code) => {
  expect(run(stdin, argv)).toMatchObject({ stdout, stderr, code });
});

test.each([
  ['.a |', 'syntax error, unexpected end of file'],
  ["'a'", 'syntax error, unexpected INVALID_CHARACTER'],
  ['.a b', 'syntax error, unexpected IDENT'],
])('%s is no program', (program, why) => {
  expect(run('{}', [program])).toMatchObject({
    stderr: `jq: error: ${why} (Unix shell quoting issues?) at <top-level>, line 1:\n${program}\njq: 1 compile error\n`,
    code: 3,
  });
});

test('what is no JSON is refused where it ends', () => {
  expect(run('{"a" 1}', ['.'])).toMatchObject({
    stderr: 'jq: parse error: Expected separator between values at line 1, column 7\n',
    code: 2,
  });
});
