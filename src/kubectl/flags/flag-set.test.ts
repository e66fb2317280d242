import { expect, test } from 'vitest';
import type { Flag } from '../command.ts';
import { FlagSet } from './flag-set.ts';

const FLAGS: Flag[] = [
  { name: 'output', shorthand: 'o', type: 'string', usage: '' },
  { name: 'all', shorthand: 'A', type: 'bool', usage: '' },
  { name: 'watch', shorthand: 'w', type: 'bool', usage: '' },
  { name: 'dry-run', type: 'string', default: 'none', noValue: 'unchanged', usage: '' },
  { name: 'filename', shorthand: 'f', type: 'stringSlice', usage: '' },
  { name: 'literal', type: 'stringArray', usage: '' },
  { name: 'env', type: 'stringToString', usage: '' },
  { name: 'count', type: 'int32', default: '-1', usage: '' },
  { name: 'timeout', type: 'duration', default: '30s', usage: '' },
  { name: 'old', type: 'bool', deprecated: 'use something else.', usage: '' },
];

function parse(...argv: string[]) {
  const warnings: string[] = [];
  const flags = new FlagSet(FLAGS, (text) => warnings.push(text));
  flags.parse(argv);
  return { flags, warnings };
}

test.each([
  [['--output=json'], 'json'],
  [['--output', 'json'], 'json'],
  [['-o', 'json'], 'json'],
  [['-ojson'], 'json'],
  [['-o=json'], 'json'],
  [['-Aojson'], 'json'],
  [['-Ao=json'], 'json'],
  [['pods', '-o', 'a', '-o', 'b'], 'b'],
  [['--output='], ''],
])('%j gives -o %j', (argv, output) => {
  expect(parse(...argv).flags.string('output')).toBe(output);
});

test.each([
  [['-w'], true],
  [['-w=false'], false],
  [['--watch=0'], false],
  [['--watch=T'], true],
  [[], false],
])('%j gives -w %j', (argv, watch) => {
  expect(parse(...argv).flags.bool('watch')).toBe(watch);
});

test('a flag with an optional value leaves the next argument alone', () => {
  const { flags } = parse('--dry-run', 'client', '--dry-run=server');
  expect(flags.string('dry-run')).toBe('server');
  expect(flags.args).toEqual(['client']);
});

test('lists and maps add up, defaults are replaced', () => {
  const { flags } = parse(
    '-f',
    'a,b',
    '-f',
    '"c,d"',
    '--literal',
    'a,b',
    '--literal=c',
    '--env=A=1',
    '--env',
    'B=2,C=x=y',
  );
  expect(flags.strings('filename')).toEqual(['a', 'b', 'c,d']);
  expect(flags.strings('literal')).toEqual(['a,b', 'c']);
  expect(flags.map('env')).toEqual({ A: '1', B: '2', C: 'x=y' });
});

test('what follows -- is no flag, and its place is known', () => {
  const { flags } = parse('pod', '-w', '--', '-l', '--x');
  expect(flags.args).toEqual(['pod', '-l', '--x']);
  expect(flags.argsLenAtDash).toBe(1);
  expect(parse('a').flags.argsLenAtDash).toBe(-1);
});

test('defaults, numbers in all their spellings, and durations', () => {
  expect(parse().flags.int('count')).toBe(-1);
  expect(parse('--count=0x10').flags.int('count')).toBe(16);
  expect(parse('--count=010').flags.int('count')).toBe(8);
  expect(parse('--timeout=1m30s').flags.duration('timeout')).toBe(90_000);
  expect(parse().flags.changed('timeout')).toBe(false);
});

test('deprecated flags work and say so', () => {
  expect(parse('--old').warnings).toEqual(['Flag --old has been deprecated, use something else.\n']);
});

test.each([
  [['--nope'], 'unknown flag: --nope'],
  [['-zA'], "unknown shorthand flag: 'z' in -zA"],
  [['-Az'], "unknown shorthand flag: 'z' in -z"],
  [['--output'], 'flag needs an argument: --output'],
  [['-Ao'], "flag needs an argument: 'o' in -o"],
  [['--count=x'], 'invalid argument "x" for "--count" flag: strconv.ParseInt: parsing "x": invalid syntax'],
  [
    ['--count=3000000000'],
    'invalid argument "3000000000" for "--count" flag: strconv.ParseInt: parsing "3000000000": value out of range',
  ],
  [['-w=maybe'], 'invalid argument "maybe" for "-w, --watch" flag: strconv.ParseBool: parsing "maybe": invalid syntax'],
  [['--timeout=5'], 'invalid argument "5" for "--timeout" flag: time: missing unit in duration "5"'],
  [['--env=A'], 'invalid argument "A" for "--env" flag: A must be formatted as key=value'],
])('%j fails: %s', (argv, message) => {
  expect(() => parse(...argv)).toThrow(new Error(message));
});
