import type { Random } from '../../src/base/random.ts';

const JUNK: unknown[] = [
  null,
  0,
  -1,
  1.5,
  '',
  'x',
  'Bad_/..',
  true,
  [],
  {},
  [null],
  [{}],
  { a: null },
  [[1]],
  1e20,
  '1Gi',
  { name: 'x' },
  2 ** 31,
  '2026-01-01T00:00:00Z',
  { $patch: 'delete' },
  [{ $patch: 'replace' }],
  { $retainKeys: ['x'] },
  { matchLabels: { 'a b': '' } },
  ['a', 'a'],
  '\ud800',
  'x'.repeat(300),
];

/** A copy in which some values are others, and some are missing. */
export function mutated(value: unknown, random: Random): unknown {
  if (random.int(12) === 0) return structuredClone(JUNK[random.int(JUNK.length)]);
  if (Array.isArray(value)) {
    const items = value.map((item) => mutated(item, random));
    return random.int(12) === 0 ? [...items, ...items] : items;
  }
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(() => random.int(16) > 0);
  const named = kept.map(([key, item]) => [
    random.int(40) === 0 ? `$setElementOrder/${key}` : key,
    mutated(item, random),
  ]);
  if (random.int(30) === 0) named.push(['colour', structuredClone(JUNK[random.int(JUNK.length)])]);
  return Object.fromEntries(named) as unknown;
}

/** What a text of YAML can be broken with, at a line. */
const BREAKS: ((line: string, lines: string[], random: Random) => string)[] = [
  (line) => ` ${line}`,
  (line) => line.replace(/^ {2}/, ''),
  (line) => `\t${line}`,
  (line) => line.replace(/^( *)/, '$1\t'),
  (line) => `${line}\n${line}`,
  () => '',
  (line) => line.replace(': ', ':'),
  (line) => line.replace(/: (.*)$/, ': &a $1'),
  (line) => line.replace(/: .*$/, ': *a'),
  (line) => line.replace(/^( *)(- )?\w+:.*$/, '$1$2<<: *a'),
  (line) => line.replace(/^( *)(- )?(\w+):/, '$1$2"$3:'),
  (line) => line.replace(/: (.*)$/, ': [$1'),
  (line) => line.replace(/: (.*)$/, ': {$1}'),
  (line) => line.replace(/: (.*)$/, ': |\n$1'),
  (line) => line.replace(/: (.*)$/, ': !!int $1'),
  (line) => line.replace(/: (.*)$/, ": 'it's"),
  (line) => `${line} # comment`,
  (line) => `- ${line}`,
  (line) => line.replace(/: (.*)$/, ': @$1'),
  (line) => `${line}: y`,
  (line) => `---\n${line}`,
  (line) => `--- x\n${line}`,
  (line) => `...\n${line}`,
  (line) => `%YAML 1.2\n${line}`,
  (line) => `? ${line}`,
  (line, lines, random) => lines[random.int(lines.length)] ?? line,
  (line, _, random) => line.slice(0, random.int(line.length + 1)),
  (line) => `${line}\u0000`,
  (line) => `${line}\r`,
];

/** A text of which some lines are broken. */
export function mutatedText(text: string, random: Random): string {
  const lines = text.split('\n');
  for (let i = random.int(4); i > 0; i--) {
    const at = random.int(lines.length);
    const change = BREAKS[random.int(BREAKS.length)]!;
    lines[at] = change(lines[at]!, lines, random);
  }
  return lines.join('\n');
}
