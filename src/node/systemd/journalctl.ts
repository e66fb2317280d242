import type { CommandContext, CommandResult } from '../../sh/process.ts';
import { type Options, ok, parseOptions, ToolError } from '../../sh/tools/tool.ts';
import type { NodeHost } from '../host.ts';
import { timestamp } from './format.ts';
import { type Entry, entriesOf, fieldsOf, LEVELS } from './journal-entries.ts';
import { isQuiet, OUTPUTS, rendered } from './journal-output.ts';
import { parseTimestamp } from './journal-time.ts';
import { globOf } from './lists.ts';

const SHORT = 'aDefxqrkmu:t:T:n:S:U:b:p:g:o:c:F:NM:';
const LONG =
  'after-cursor: all boot: case-sensitive catalog cursor: cursor-file: dmesg disk-usage exclude-identifier: facility: field: fields file: flush follow full grep: header help identifier: lines: list-boots list-catalog machine: merge no-full no-hostname no-pager no-tail output: output-fields: pager-end priority: quiet relinquish-var reverse root: rotate setup-keys show-cursor since: smart-relinquish-var sync system truncate-newline unit: until: user user-unit: utc vacuum-files: vacuum-size: vacuum-time: verify version'.split(
    ' ',
  );

function priorities(text: string): (priority: number) => boolean {
  const level = (word: string) => {
    const at = /^\d$/.test(word) ? Number(word) : LEVELS.indexOf({ error: 'err', warn: 'warning' }[word] ?? word);
    if (at < 0 || at > 7) throw new ToolError(`Unknown log level ${word}`);
    return at;
  };
  const [from = '', to] = text.split('..');
  const bounds = to === undefined ? [0, level(from)] : [level(from), level(to)].sort();
  return (priority) => priority >= bounds[0]! && priority <= bounds[1]!;
}

function time(options: Options, names: string[], now: number, without: number): number {
  const text = options.value(...names);
  if (text === undefined) return without;
  const at = parseTimestamp(text, now);
  if (Number.isNaN(at)) throw new ToolError(`Failed to parse timestamp: ${text}`);
  return at;
}

/** Conditions such as `_PID=1`; those of one field are alternatives. */
function hasFields(host: NodeHost, entry: Entry, conditions: string[]): boolean {
  const fields = fieldsOf(host, entry, 0);
  const keys = [...new Set(conditions.map((one) => one.split('=')[0]!))];
  return keys.every((key) => conditions.includes(`${key}=${fields[key]}`));
}

/** The lines that the options choose, oldest first. */
function chosen(host: NodeHost, options: Options): Entry[] {
  const globs = options
    .values('u', 'unit')
    .map((name) => globOf(/\.\w+$/.test(name) || name.endsWith('*') ? name : `${name}.service`));
  const identifiers = options.values('t', 'identifier');
  const without = options.values('T', 'exclude-identifier');
  const pathed = options.rest.flatMap((word) => (word.startsWith('/') ? [`_EXE=${word}`] : word === '+' ? [] : [word]));
  const now = host.now();
  const since = time(options, ['S', 'since'], now, Number.NEGATIVE_INFINITY);
  const until = time(options, ['U', 'until'], now, Number.POSITIVE_INFINITY);
  const level = options.value('p', 'priority');
  const grave = level === undefined ? () => true : priorities(level);
  const pattern = options.value('g', 'grep');
  // A pattern without capitals looks at none.
  const grep = pattern === undefined ? undefined : new RegExp(pattern, /[A-Z]/.test(pattern) ? '' : 'i');
  const kernel = options.has('k', 'dmesg');
  const boot = options.has('b', 'boot', 'k', 'dmesg') && options.value('b', 'boot') !== 'all';
  const from = boot ? host.record().bootedAt - 20_000 : Number.NEGATIVE_INFINITY;
  return entriesOf(host).filter(
    (entry) =>
      (globs.length === 0 || globs.some((glob) => glob.test(entry.unit ?? entry.about ?? ''))) &&
      (identifiers.length === 0 || identifiers.includes(entry.identifier)) &&
      !without.includes(entry.identifier) &&
      (!kernel || entry.kernel) &&
      entry.at >= Math.max(since, from) &&
      entry.at <= until &&
      grave(entry.priority) &&
      (!grep || grep.test(entry.message)) &&
      hasFields(host, entry, pathed),
  );
}

const ARCHIVES = ['/run/log/journal', '/var/log/journal'];

/** `--vacuum-*`: nothing is old enough. */
function vacuum(host: NodeHost, options: Options): CommandResult | undefined {
  const checks: [string, RegExp, string][] = [
    ['vacuum-size', /^\d+(\.\d+)?[BKMGTPE]?$/, 'vacuum size'],
    ['vacuum-time', /^(\d+\s*[a-zA-Z]*\s*)+$/, 'vacuum time'],
    ['vacuum-files', /^\d+$/, 'vacuum files'],
  ];
  const asked = checks.filter(([option]) => options.has(option));
  for (const [option, form, what] of asked)
    if (!form.test(options.value(option)!)) throw new ToolError(`Failed to parse ${what}: ${options.value(option)}`);
  if (asked.length === 0) return undefined;
  const folders = [`/var/log/journal/${host.record().machineID}`, ...ARCHIVES];
  const lines = folders.map((folder) => `Vacuuming done, freed 0B of archived journals from ${folder}.\n`);
  return { stdout: '', stderr: lines.join(''), code: 0 };
}

function boots(host: NodeHost): string {
  const id = host.record().bootID.replaceAll('-', '');
  const [first, last] = [timestamp(host.record().bootedAt), timestamp(host.now())];
  return host.machine.systemd >= 252
    ? `IDX BOOT ID                          ${'FIRST ENTRY'.padEnd(first.length)} LAST ENTRY\n  0 ${id} ${first} ${last}\n`
    : ` 0 ${id} ${first}—${last}\n`;
}

/** What journalctl tells of itself. */
function about(host: NodeHost, options: Options): CommandResult | undefined {
  if (options.has('version')) return ok(`systemd ${host.machine.systemd} (${host.machine.systemd})\n`);
  if (options.has('disk-usage')) return ok('Archived and active journals take up 24.0M in the file system.\n');
  if (options.has('list-boots')) return ok(boots(host));
  if (options.has('verify'))
    return { stdout: '', stderr: `PASS: /var/log/journal/${host.record().machineID}/system.journal\n`, code: 0 };
  if (options.has('rotate', 'flush', 'sync', 'relinquish-var', 'smart-relinquish-var') && !options.has('vacuum-time'))
    return ok('');
  const field = options.value('F', 'field');
  if (options.has('N', 'fields') || field !== undefined) {
    const all = entriesOf(host).map((entry) => fieldsOf(host, entry, 0) as Record<string, string | undefined>);
    const found = field === undefined ? all.flatMap(Object.keys) : all.flatMap((fields) => fields[field] ?? []);
    return ok([...new Set(found)].map((line) => `${line}\n`).join(''));
  }
  return vacuum(host, options);
}

/** `-n`, `--lines` and `-b` may stand without a value. */
const withValues = (argv: string[]): string[] =>
  argv.flatMap((word, i) => {
    const next = argv[i + 1];
    if (/^-[a-zA-Z]*n$|^--lines$/.test(word) && !/^\+?(\d+|all)$/.test(next ?? '')) return [word, '10'];
    if (/^-[a-zA-Z]*b$|^--boot$/.test(word) && !/^([-+]?\d+|all|[0-9a-f]{32})$/.test(next ?? '')) return [word, '0'];
    return [word];
  });

function check(host: NodeHost, options: Options): void {
  const output = options.value('o', 'output');
  if (output !== undefined && !OUTPUTS.has(output)) throw new ToolError(`Unknown output format '${output}'.`);
  const count = options.value('n', 'lines');
  if (count !== undefined && !/^(\+?\d+|all|)$/.test(count)) throw new ToolError(`Failed to parse lines '${count}'`);
  const boot = options.value('b', 'boot') ?? '0';
  if (!/^([-+]?0|1|all|)$/.test(boot) && boot !== host.record().bootID.replaceAll('-', '')) {
    const known = /^([-+]?\d+|[0-9a-f]{32})$/.test(boot);
    throw new ToolError(
      known
        ? `Data from the specified boot (${boot}) is not available: No such boot ID in journal`
        : `Failed to parse boot descriptor '${boot}'`,
    );
  }
  const [since, until] = [options.value('S', 'since'), options.value('U', 'until')];
  if (since && until && parseTimestamp(since, host.now()) > parseTimestamp(until, host.now()))
    throw new ToolError('--since= must be before --until=.');
  if (options.has('f', 'follow') && options.has('r', 'reverse'))
    throw new ToolError('Please specify either --reverse or --follow, not both.');
  const stray = options.rest.find((word) => !/^([A-Z_][A-Z0-9_]*=.*|\+|\/.*)$/s.test(word));
  if (stray !== undefined) throw new ToolError(`Failed to add match '${stray}': Invalid argument`);
  const program = options.rest.find((word) => word.startsWith('/') && !host.files.stat(word));
  if (program !== undefined) throw new ToolError("Couldn't canonicalize path: No such file or directory");
}

function limited(entries: Entry[], options: Options): Entry[] {
  const usual =
    options.has('f', 'follow') && !options.has('no-tail') ? '10' : options.has('e', 'pager-end') ? '1000' : 'all';
  const count = options.value('n', 'lines') ?? usual;
  if (count === 'all') return [...entries];
  if (count.startsWith('+')) return entries.slice(0, Number(count));
  return Number(count) === 0 ? [] : entries.slice(-Number(count || '10'));
}

/** How old a line may be that shows itself late, ms; how often who follows looks. */
const LATE = 60_000;
const FOLLOW = 1000;

/** What `-f` keeps in mind: the lines it has shown of those that are not old. */
interface Seen {
  since: number;
  lines: string[];
}

const nameOf = ({ at, identifier, message }: Entry): string => `${at} ${identifier} ${message}`;

function following(host: NodeHost, entries: Entry[]): { after: number; memory: Seen } {
  const since = host.now() - LATE;
  return { after: FOLLOW, memory: { since, lines: entries.filter(({ at }) => at > since).map(nameOf) } };
}

/** journalctl on a node. */
export function journalctl(host: NodeHost, context: CommandContext): CommandResult {
  const options = parseOptions(context, SHORT, LONG, false, withValues(context.argv.slice(1)));
  const output = options.value('o', 'output') ?? 'short';
  const quiet = options.has('q', 'quiet') || isQuiet(output);
  if (context.user !== 'root')
    return {
      stdout: quiet ? '' : '-- No entries --\n',
      stderr: options.has('q', 'quiet')
        ? ''
        : "Hint: You are currently not seeing messages from other users and the system.\n      Users in groups 'adm', 'systemd-journal' can see all messages.\n      Pass -q to turn off this notice.\n",
      code: 0,
    };
  const told = about(host, options);
  if (told) return told;
  check(host, options);
  const follows = options.has('f', 'follow');
  const entries = chosen(host, options);
  const again = follows && { again: following(host, entries) };
  const seen = context.memory as Seen | undefined;
  if (seen) {
    const fresh = entries.filter((entry) => entry.at > seen.since && !seen.lines.includes(nameOf(entry)));
    return { ...ok(rendered(host, options, fresh)), ...again };
  }
  const shown = limited(entries, options);
  if (options.has('r', 'reverse')) shown.reverse();
  const head = host.machine.systemd < 250 && !quiet ? bounds(host, follows) : '';
  const none = shown.length === 0 && !quiet && !follows ? '-- No entries --\n' : '';
  const cursor = options.has('show-cursor') && shown.length > 0;
  const end = cursor ? `-- cursor: ${fieldsOf(host, shown.at(-1)!, entries.length - 1).__CURSOR}\n` : '';
  return { ...ok(head + none + rendered(host, options, shown) + end), ...again };
}

/** What older versions say first. */
function bounds(host: NodeHost, follows: boolean): string {
  const begin = timestamp(entriesOf(host)[0]?.at ?? host.record().bootedAt);
  const begins = host.machine.systemd < 246 ? 'Logs begin at' : 'Journal begins at';
  const ends = host.machine.systemd < 246 ? 'end at' : 'ends at';
  return `-- ${begins} ${begin}${follows ? '' : `, ${ends} ${timestamp(host.now())}`}. --\n`;
}
