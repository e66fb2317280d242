import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Random } from '../../src/base/random.ts';
import type { Command, Flag } from '../../src/kubectl/command.ts';
import { globalFlags, HELP_FLAG } from '../../src/kubectl/flags/global.ts';
import { registry } from '../../src/kubectl/registry.ts';
import { linesOf } from '../differential/lines.ts';

const differential = join(import.meta.dirname, '..', 'differential');

/** Command lines that people type, from the lists that the real kubectl has answered. */
export const typedLines = (): string[][] =>
  readdirSync(join(differential, 'commands'))
    .filter((name) => name !== '00-setup.txt')
    .flatMap((name) => linesOf(readFileSync(join(differential, 'commands', name), 'utf8')))
    .flatMap((line) => ('argv' in line ? [line.argv] : []))
    .filter(([verb = '']) => !SERVERS.has(verb));

/** The lines that make the cluster, without the pauses between them. */
export const setupLines = (): string[][] =>
  linesOf(readFileSync(join(differential, 'commands', '00-setup.txt'), 'utf8')).flatMap((line) =>
    'argv' in line ? [line.argv] : [],
  );

/** They listen until somebody stops them. */
const SERVERS = new Set(['proxy', 'port-forward']);

/** The words of a command and the flags that it takes. */
export interface Verb {
  path: string[];
  flags: Flag[];
}

/** Every verb and sub-verb. */
export async function verbs(): Promise<Verb[]> {
  const common = [...globalFlags({ home: '/home/user', env: {} }), HELP_FLAG];
  const found: Verb[] = [];
  const add = (path: string[], { flags = [], subcommands = [] }: Command, inherited: Flag[]) => {
    found.push({ path, flags: [...flags, ...inherited] });
    const shared = [...inherited, ...flags.filter(({ persistent }) => persistent)];
    for (const sub of subcommands) add([...path, sub.name], sub, shared);
  };
  for (const { name, load } of registry()) if (!SERVERS.has(name)) add([name], (await load()).default, common);
  return found;
}

const WORDS = [
  ...['', ' ', '-', '--', '---', '-=', '--=x', '=', 'a=', '=b', 'a=b', 'a-', 'a:b', 'a=b:NoSchedule', ':', '/', 'a/b'],
  ...['a/b/c', ',', 'pods,', ',pods', 'pods/', '/lone', '*', '.', '..', '{', '}', '{{', '[0]', '%s', '%!d', '\\', '\n'],
  ...[
    '\t',
    '"',
    "'",
    'é',
    '日本',
    '💥',
    '\ud800',
    'null',
    'true',
    'NaN',
    '0',
    '-1',
    '1e3',
    '007',
    '0x10',
    '1.5',
    '100%',
  ],
  ...[
    '99999999999999999999',
    '-9223372036854775809',
    '2147483648',
    '1h',
    '-1s',
    '1d',
    '5m30',
    '1Gi',
    '1Zi',
    'x'.repeat(300),
  ],
  ...['pods', 'po', 'pod/lone', 'deploy/web', 'deployments.apps', 'deploy.v1.apps', 'widgets', 'all', 'nosuch', 'lone'],
  ...[
    'pod.v1.',
    'pods.v9',
    'svc',
    'no',
    'node/node-1',
    'ns',
    'secrets',
    'cm',
    'crd',
    'Pod',
    'PODS',
    'pods.metrics.k8s.io',
  ],
  ...['app.yaml', 'kust', 'nosuch.yaml', 'http://x/y', 'https://', 'empty.yaml', 'broken.yaml', 'text.yaml'],
  ...[
    'app=web',
    'app!=web',
    'app in (web,x)',
    'app notin ()',
    '!app',
    'a,,b',
    'a==',
    'a in (',
    '(',
    'a>1',
    'a>x',
    'a=b=c',
  ],
  ...['spec.nodeName=node-1', 'metadata.name!=x', 'status.phase', 'a\\=b=c', 'a=b\\'],
  ...['{"spec":{"replicas":2}}', '[{"op":"add"}]', '{"a":', '{a: b}', '- x', '[]', '{}', '"x"', '{"metadata":null}'],
];

const TEMPLATES = [
  ...[
    '{.items[*].metadata.name}',
    '{range .items[*]}{.metadata.name}{"\\n"}{end}',
    '{.items[?(@.status.phase=="Running")]}',
  ],
  ...[
    "{.items[0]['metadata','spec']}",
    '{.metadata.labels.app\\.kubernetes\\.io/name}',
    '{..name}',
    '{.items[-1:0:-2]}',
  ],
  ...[
    '{@.kind}{"é"}',
    '.metadata',
    '{.a[?(@.b>1.5)].c}',
    '{$.items[1:3]}',
    '{.items[?(@.x)]}',
    '{end}',
    '{if}',
    "{'x'}",
  ],
];
const GO_TEMPLATES = [
  ...[
    '{{range .items}}{{.metadata.name}} {{end}}',
    '{{ printf "%s %d" .kind 3 }}',
    '{{with $x := .kind}}{{$x}}{{else}}no{{end}}',
  ],
  ...['{{index .items 0 "x"}}', '{{len .items | printf "%05d"}}', '{{if and (eq .kind "List") (gt 1 2)}}{{end}}'],
  ...[
    '{{ .items | exists 0 }}',
    '{{base64decode "eA=="}}',
    '{{define "a"}}{{end}}{{template "a" .}}',
    '{{/* x */}}{{- 1.5 -}}',
  ],
  ...[
    '{{slice "abc" 1 9}}',
    '{{call .x}}',
    '{{break}}',
    '{{js .}}{{html .}}{{urlquery "a b"}}',
    '{{$x}}',
    '{{ 0x1p4 }}',
  ],
];
const COLUMNS = [
  'A:.metadata.name',
  'A:.a,B:{.b}',
  'A',
  ':',
  'A:',
  ':.x',
  'A:.items[*].x,',
  'A:.spec.containers[*].image',
];
const FORMATS = [
  'yaml',
  'json',
  'wide',
  'name',
  'jsonpath',
  'jsonpath-as-json',
  'go-template',
  'custom-columns',
  'wrong',
  '',
];

const CHARACTERS = '{}[]()<>.,:;=!@#$%^&*-_+/\\|?\'"` \n\tabyzAZ019é💥';

const pick = <T>(list: readonly T[], random: Random): T => list[random.int(list.length)]!;

/** A word in which a character is another, is missing, or is one too many. */
function misspelt(word: string, random: Random): string {
  const units = [...word];
  for (let times = 1 + random.int(2); times > 0; times--) {
    const at = random.int(units.length + 1);
    units.splice(at, random.int(2), ...(random.int(3) > 0 ? [pick([...CHARACTERS], random)] : []));
  }
  return units.join('');
}

function output(random: Random): string {
  const format = pick(FORMATS, random);
  const texts = format.startsWith('jsonpath') ? TEMPLATES : format === 'go-template' ? GO_TEMPLATES : COLUMNS;
  const text = pick(texts, random);
  const given = random.int(2) === 0 ? text : misspelt(text, random);
  return /^(jsonpath|go-|custom)/.test(format) ? `${format}=${given}` : format;
}

const word = (random: Random): string => {
  const chosen = pick(WORDS, random);
  return random.int(4) === 0 ? misspelt(chosen, random) : chosen;
};

function sampleOf({ name, type }: Flag, random: Random): string {
  if (name === 'output') return output(random);
  if (name === 'filename') return pick(['app.yaml', 'kust', 'broken.yaml', 'nosuch', '-', 'text.yaml', ''], random);
  if (random.int(3) > 0) return word(random);
  if (type === 'bool') return pick(['true', 'false', 'T', '0', 'maybe'], random);
  if (/^(int|float)/.test(type)) return pick(['0', '1', '3', '-1', '80'], random);
  return type === 'duration'
    ? pick(['0', '1s', '-1s', '1ms', '1'], random)
    : pick(['a', 'web', 'app=web', 'a=b,c=d'], random);
}

/** A flag as it may be typed: with and without a value, in its long and in its short form. */
function typed(flag: Flag, random: Random): string[] {
  const value = sampleOf(flag, random);
  const { name, shorthand } = flag;
  const forms: string[][] = [
    [`--${name}=${value}`],
    [`--${name}`, value],
    [`--${name}`],
    [`--${misspelt(name, random)}`],
  ];
  if (shorthand)
    forms.push([`-${shorthand}${value}`], [`-${shorthand}`, value], [`-${shorthand}=${value}`], [`-A${shorthand}`]);
  return pick(forms, random);
}

/** One change of a command line, as a hurried or a curious person makes it. */
function changed(argv: string[], flags: Flag[], random: Random): string[] {
  const at = random.int(argv.length + 1);
  const insert = (...more: string[]) => argv.toSpliced(at, 0, ...more);
  switch (random.int(10)) {
    case 0:
      return argv.toSpliced(at, 1);
    case 1:
      return insert(word(random));
    case 2:
      return argv.with(Math.min(at, argv.length - 1), word(random));
    case 3:
      return argv.map((one, index) => (index === at ? misspelt(one, random) : one));
    case 4:
      return insert('--');
    case 5:
      return insert(argv[random.int(argv.length)]!);
    case 6:
      return insert('-o', output(random));
    default:
      return flags.length > 0 ? insert(...typed(pick(flags, random), random)) : insert('--help');
  }
}

/** Makes argument lists: lines that people type, or a verb with flags of its own, changed a few times. */
export class Typist {
  readonly #lines = typedLines();

  constructor(
    private readonly all: Verb[],
    private readonly random: Random,
  ) {}

  next(): string[] {
    const { random } = this;
    let argv = random.int(3) > 0 ? pick(this.#lines, random) : pick(this.all, random).path;
    const { flags } = this.all.findLast(({ path }) => path.every((one, index) => argv[index] === one)) ?? { flags: [] };
    for (let times = 1 + random.int(3); times > 0 && argv.length > 0; times--) argv = changed(argv, flags, random);
    return SERVERS.has(argv.find((one) => !one.startsWith('-')) ?? '') ? ['help', ...argv] : argv;
  }
}
