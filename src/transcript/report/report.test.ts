import { expect, test } from 'vitest';
import type { Step } from '../document.ts';
import { jsonReport, readJsonReport } from './json.ts';
import { junitReport } from './junit.ts';
import { exitCode, type FileReport, summarise } from './report.ts';
import { tapReport } from './tap.ts';

const step = (line: number, command: string): Step => ({
  line,
  command,
  prompt: {},
  expected: ['<a>'],
  from: line + 1,
  to: line + 2,
  exit: 0,
  mode: 'exact',
  streams: 'both',
  indent: '',
  dialect: 'markdown',
});

const REPORTS: FileReport[] = [
  {
    file: 'a.md',
    results: [
      { step: step(3, 'echo "<a>" # &'), ok: true, lines: [], exit: 0, blank: 0, ms: 12 },
      {
        step: step(5, 'fail\nmore'),
        ok: false,
        lines: [
          { kind: 'want', want: '<a>' },
          { kind: 'got', got: 'b\x1b' },
        ],
        exit: 0,
        blank: 0,
        ms: 1500,
      },
    ],
  },
  { file: 'b.md', results: [], problem: { line: 7, message: 'this block is never closed\nPut ``` there' } },
];

test('exit codes: nothing, differences, a file that cannot be used', () => {
  const codes = [[], REPORTS.slice(0, 1), REPORTS].map((reports) => exitCode(summarise(reports)));
  expect(codes).toEqual([0, 1, 2]);
});

test('TAP', () => {
  expect(tapReport(REPORTS)).toBe(
    [
      'TAP version 13',
      '1..3',
      'ok 1 - a.md:3 $ echo "<a>" \\# &',
      'not ok 2 - a.md:5 $ fail …',
      '# 6 - <a>',
      '#   + b\x1b',
      'not ok 3 - b.md:7',
      '# this block is never closed',
      '# Put ``` there',
      '',
    ].join('\n'),
  );
});

test('JUnit', () => {
  expect(junitReport(REPORTS)).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="kubemu test" tests="3" failures="1" errors="1">
  <testsuite name="a.md" tests="2" failures="1" errors="0" time="1.512">
    <testcase classname="a.md" name="a.md:3 $ echo &quot;&lt;a&gt;&quot; # &amp;" file="a.md" line="3" time="0.012"/>
    <testcase classname="a.md" name="a.md:5 $ fail …" file="a.md" line="5" time="1.500">
      <failure message="the output differs">6 - &lt;a&gt;
  + b\ufffd</failure>
    </testcase>
  </testsuite>
  <testsuite name="b.md" tests="1" failures="0" errors="1" time="0.000">
    <testcase classname="b.md" name="b.md:7">
      <error message="this block is never closed&#10;Put \`\`\` there"/>
    </testcase>
  </testsuite>
</testsuites>
`);
});

test('JSON crosses from one process to another', () => {
  expect(readJsonReport(jsonReport(REPORTS))).toEqual(REPORTS);
});
