import { goJson } from '../../base/go-json.ts';
import type { CommandContext, CommandResult } from '../../sh/process.ts';
import { type Options, ok, parseOptions, ToolError } from '../../sh/tools/tool.ts';
import type { JournalEntry, NodeHost } from '../host.ts';
import { kernelLines } from '../kernel.ts';
import { journalTime, timestamp } from './format.ts';
import { journalOf } from './journal.ts';
import { globOf } from './lists.ts';
import { commandOf, readUnit, UNITS, type UnitState, unitsOf } from './units.ts';

const SHORT = 'aDefxqrkmu:t:n:S:U:b:p:g:o:c:FN';
const LONG = [
  'all',
  'boot:',
  'case-sensitive',
  'catalog',
  'disk-usage',
  'dmesg',
  'flush',
  'follow',
  'full',
  'grep:',
  'help',
  'identifier:',
  'lines:',
  'list-boots',
  'merge',
  'no-full',
  'no-hostname',
  'no-pager',
  'no-tail',
  'output:',
  'output-fields:',
  'pager-end',
  'priority:',
  'quiet',
  'reverse',
  'rotate',
  'since:',
  'system',
  'sync',
  'unit:',
  'until:',
  'user',
  'utc',
  'vacuum-files:',
  'vacuum-size:',
  'vacuum-time:',
  'version',
];

const DAY = 86_400_000;
const SIZES: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000, d: DAY, w: 7 * DAY };

/** `-10min`, `1 hour ago`, `1h 30min ago`, `2021-06-18 02:22:30`, `02:22`, `today` as ms; NaN for what journalctl cannot read either. */
function parseTimestamp(text: string, now: number): number {
  const trimmed = text.trim();
  const midnight = now - (now % DAY);
  if (trimmed === 'now') return now;
  if (trimmed === 'today') return midnight;
  if (trimmed === 'yesterday') return midnight - DAY;
  if (trimmed === 'tomorrow') return midnight + DAY;
  const relative = /^([-+]?)\s*((?:\d+\s*[a-z]+\s*)+?)(\s*ago)?$/.exec(trimmed);
  if (relative && (relative[1] || relative[3])) {
    const span = [...relative[2]!.matchAll(/(\d+)\s*([a-z]+)/g)].reduce(
      (sum, [, count, unit]) => sum + Number(count) * (unit === 'ms' ? 1 : (SIZES[unit![0]!] ?? Number.NaN)),
      0,
    );
    return relative[1] === '+' ? now + span : now - span;
  }
  if (/^@\d+$/.test(trimmed)) return Number(trimmed.slice(1)) * 1000;
  const clock = /^\d\d:\d\d(:\d\d)?$/.test(trimmed);
  const full = clock ? `${new Date(midnight).toISOString().slice(0, 10)} ${trimmed}` : trimmed;
  const [date = '', time = '00:00:00'] = full.replace(/ UTC$|Z$/, '').split(/[ T]/);
  if (!/^\d{4}-\d\d-\d\d$/.test(date) || !/^\d\d:\d\d(:\d\d(\.\d+)?)?$/.test(time)) return Number.NaN;
  return Date.parse(`${date}T${time}Z`);
}

/** A line of the journal, with what its fields say. */
interface Entry {
  at: number;
  identifier: string;
  pid?: number;
  message: string;
  priority: number;
  /** The service that wrote it; nothing for systemd and the kernel. */
  unit?: string;
  /** The service that systemd writes about. */
  about?: string;
  command?: string;
  kernel?: boolean;
}

const LEVELS = ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug'];

/** How grave systemd takes its own lines; what services write to standard error is information. */
const GRAVITY: [RegExp, number][] = [
  [/Failed (to locate|at step)|Failed to start/, 3],
  [/Failed with result/, 4],
  [/Main process exited/, 5],
];

const millis = (time: number | string): number => (typeof time === 'number' ? time : Date.parse(time));

function entryOf(host: NodeHost, name: string, unit: UnitState, { at, identifier, message }: JournalEntry): Entry {
  const program = UNITS[name]?.program ?? name;
  const [, own = program, pid] = /^(.*?)(?:\[(\d+)\])?$/.exec(identifier ?? `${program}[${unit.pid}]`)!;
  const systemd = own === 'systemd';
  return {
    at: millis(at),
    identifier: own,
    ...(pid && { pid: Number(pid) }),
    message,
    priority: systemd || own.startsWith('(') ? (GRAVITY.find(([pattern]) => pattern.test(message))?.[1] ?? 6) : 6,
    ...(systemd ? { about: `${name}.service` } : { unit: `${name}.service`, command: commandOf(host, name, unit) }),
  };
}

function entriesOf(host: NodeHost): Entry[] {
  const services = unitsOf(host).flatMap((name) => {
    const unit = readUnit(host, name);
    return journalOf(host, name, unit).map((entry) => entryOf(host, name, unit, entry));
  });
  const kernel = kernelLines(host).map(
    ([seconds, message]): Entry => ({
      at: host.record().bootedAt - 20_000 + seconds * 1000,
      identifier: 'kernel',
      message,
      priority: 6,
      kernel: true,
    }),
  );
  return [...kernel, ...services].sort((a, b) => a.at - b.at);
}

const micros = (ms: number): string => String(Math.floor(ms) * 1000);

function fieldsOf(host: NodeHost, entry: Entry, index: number): Record<string, string> {
  const boot = host.record().bootID.replaceAll('-', '');
  const uptime = entry.at - host.record().bootedAt + 20_000;
  return {
    __CURSOR: `s=${host.record().machineID};i=${(index + 1).toString(16)};b=${boot};m=${(uptime * 1000).toString(16)};t=${(Math.floor(entry.at) * 1000).toString(16)};x=${host.record().machineID.slice(0, 16)}`,
    __REALTIME_TIMESTAMP: micros(entry.at),
    __MONOTONIC_TIMESTAMP: micros(uptime),
    _BOOT_ID: boot,
    _MACHINE_ID: host.record().machineID,
    _HOSTNAME: host.name,
    PRIORITY: String(entry.priority),
    ...(entry.kernel
      ? { _TRANSPORT: 'kernel', SYSLOG_FACILITY: '0' }
      : {
          _TRANSPORT: entry.unit ? 'stdout' : 'journal',
          SYSLOG_FACILITY: '3',
          _UID: '0',
          _GID: '0',
          _PID: String(entry.pid ?? 1),
          _COMM: entry.identifier,
          _EXE: entry.command?.split(' ')[0] ?? '/usr/lib/systemd/systemd',
          _CMDLINE: entry.command ?? '/sbin/init',
          _SYSTEMD_CGROUP: entry.unit ? `/system.slice/${entry.unit}` : '/init.scope',
          _SYSTEMD_UNIT: entry.unit ?? 'init.scope',
          _SYSTEMD_SLICE: entry.unit ? 'system.slice' : '-.slice',
          ...(entry.about && { UNIT: entry.about }),
        }),
    SYSLOG_IDENTIFIER: entry.identifier,
    MESSAGE: entry.message,
  };
}

/** How each output begins a line. */
const TIMES: Record<string, (host: NodeHost, at: number) => string> = {
  short: (_host, at) => journalTime(at),
  'short-precise': (_host, at) => `${journalTime(at)}.${String(Math.floor(at) % 1000).padStart(3, '0')}000`,
  'short-iso': (host, at) =>
    `${new Date(at).toISOString().slice(0, 19)}${host.machine.systemd >= 255 ? '+00:00' : '+0000'}`,
  'short-iso-precise': (host, at) =>
    `${new Date(at).toISOString().slice(0, 23)}000${host.machine.systemd >= 255 ? '+00:00' : '+0000'}`,
  'short-full': (_host, at) => timestamp(at),
  'short-unix': (_host, at) => `${(at / 1000).toFixed(3)}000`,
  'short-monotonic': (host, at) => `[${((at - host.record().bootedAt + 20_000) / 1000).toFixed(6).padStart(12)}]`,
  'with-unit': (_host, at) => timestamp(at),
};

function rendered(host: NodeHost, options: Options, entries: Entry[]): string {
  const output = options.value('o', 'output') ?? 'short';
  const host_ = options.has('no-hostname') ? '' : `${host.name} `;
  const wanted = options.value('output-fields')?.split(',');
  const fields = (entry: Entry, index: number) =>
    Object.fromEntries(
      Object.entries(fieldsOf(host, entry, index)).filter(
        ([key]) => !wanted || key.startsWith('__') || key === '_BOOT_ID' || wanted.includes(key),
      ),
    );
  const line = (entry: Entry, index: number): string => {
    if (output === 'cat') return entry.message;
    if (output === 'json') return goJson(fields(entry, index));
    if (output === 'json-pretty') return goJson(fields(entry, index), { indent: '\t' }).replaceAll('": "', '" : "');
    if (output === 'export')
      return `${Object.entries(fields(entry, index))
        .map(([key, value]) => `${key}=${value}`)
        .join('\n')}\n`;
    if (output === 'verbose') {
      const { __CURSOR, __REALTIME_TIMESTAMP: _, __MONOTONIC_TIMESTAMP: __, ...rest } = fields(entry, index);
      const at = `${timestamp(entry.at).replace(/ UTC$/, '')}.${String(Math.floor(entry.at) % 1000).padStart(3, '0')}000 UTC`;
      return [`${at} [${__CURSOR}]`, ...Object.entries(rest).map(([key, value]) => `    ${key}=${value}`)].join('\n');
    }
    const name = output === 'with-unit' && entry.unit ? `${entry.unit}/${entry.identifier}` : entry.identifier;
    const pid = entry.kernel ? '' : entry.pid === undefined ? '' : `[${entry.pid}]`;
    return `${TIMES[output]!(host, entry.at)} ${host_}${name}${pid}: ${entry.message}`;
  };
  return entries.map((entry, index) => `${line(entry, index)}\n`).join('');
}

const OUTPUTS = new Set([...Object.keys(TIMES), 'cat', 'json', 'json-pretty', 'verbose', 'export']);

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
  const now = host.now();
  const since = time(options, ['S', 'since'], now, Number.NEGATIVE_INFINITY);
  const until = time(options, ['U', 'until'], now, Number.POSITIVE_INFINITY);
  const level = options.value('p', 'priority');
  const grave = level === undefined ? () => true : priorities(level);
  const pattern = options.value('g', 'grep');
  // A pattern without capitals looks at none.
  const grep = pattern === undefined ? undefined : new RegExp(pattern, /[A-Z]/.test(pattern) ? '' : 'i');
  const kernel = options.has('k', 'dmesg');
  const from = options.has('b', 'boot') || kernel ? host.record().bootedAt - 20_000 : Number.NEGATIVE_INFINITY;
  return entriesOf(host).filter(
    (entry) =>
      (globs.length === 0 || globs.some((glob) => glob.test(entry.unit ?? entry.about ?? ''))) &&
      (identifiers.length === 0 || identifiers.includes(entry.identifier)) &&
      (!kernel || entry.kernel) &&
      entry.at >= Math.max(since, from) &&
      entry.at <= until &&
      grave(entry.priority) &&
      (!grep || grep.test(entry.message)) &&
      hasFields(host, entry, options.rest),
  );
}

/** What journalctl tells of itself. */
function about(host: NodeHost, options: Options): CommandResult | undefined {
  const first = host.record().bootedAt;
  if (options.has('version')) return ok(`systemd ${host.machine.systemd} (${host.machine.systemd})\n`);
  if (options.has('disk-usage')) return ok('Archived and active journals take up 24.0M in the file system.\n');
  if (options.has('list-boots')) {
    const span = `${timestamp(first)} ${timestamp(host.now())}`;
    return ok(
      host.machine.systemd >= 254
        ? `IDX BOOT ID                          FIRST ENTRY                 LAST ENTRY\n  0 ${host.record().bootID.replaceAll('-', '')} ${span}\n`
        : ` 0 ${host.record().bootID.replaceAll('-', '')} ${span.replace(/UTC (?=\w{3} )/, 'UTC—')}\n`,
    );
  }
  if (options.has('rotate', 'flush', 'sync')) return ok('');
  if (options.has('vacuum-time', 'vacuum-size', 'vacuum-files'))
    return {
      stdout: '',
      stderr: `Vacuuming done, freed 0B of archived journals from /var/log/journal/${host.record().machineID}.\nVacuuming done, freed 0B of archived journals from /run/log/journal.\nVacuuming done, freed 0B of archived journals from /var/log/journal.\n`,
      code: 0,
    };
  return undefined;
}

/** `-n`, `--lines` and `-b` may stand without a value. */
const withValues = (argv: string[]): string[] =>
  argv.flatMap((word, i) => {
    const next = argv[i + 1];
    if (/^-[a-zA-Z]*n$|^--lines$/.test(word) && !/^\+?(\d+|all)$/.test(next ?? '')) return [word, '10'];
    if (/^-[a-zA-Z]*b$|^--boot$/.test(word) && !/^[-+]?\d+$/.test(next ?? '')) return [word, '0'];
    return [word];
  });

/** journalctl on a node: -f shows what there is. */
export function journalctl(host: NodeHost, context: CommandContext): CommandResult {
  const options = parseOptions(context, SHORT, LONG, false, withValues(context.argv.slice(1)));
  if (context.user !== 'root')
    return {
      stdout: '-- No entries --\n',
      stderr:
        "Hint: You are currently not seeing messages from other users and the system.\n      Users in groups 'adm', 'systemd-journal' can see all messages.\n      Pass -q to turn off this notice.\n",
      code: 0,
    };
  const told = about(host, options);
  if (told) return told;
  const output = options.value('o', 'output') ?? 'short';
  if (!OUTPUTS.has(output)) throw new ToolError(`Unknown output format '${output}'.`);
  const stray = options.rest.find((word) => !/^[A-Z_][A-Z0-9_]*=/.test(word));
  if (stray !== undefined) throw new ToolError(`Failed to add match '${stray}': Invalid argument`);
  const entries = chosen(host, options);
  const count = options.value('n', 'lines') ?? (options.has('f', 'follow') ? '10' : 'all');
  const shown = count === 'all' ? entries : Number(count) === 0 ? [] : entries.slice(-Number(count));
  if (options.has('r', 'reverse')) shown.reverse();
  if (shown.length === 0) return ok(options.has('q', 'quiet') || output === 'json' ? '' : '-- No entries --\n');
  const old = host.machine.systemd < 250 && output.startsWith('short');
  const head = old ? `-- Logs begin at ${timestamp(entries[0]!.at)}, end at ${timestamp(host.now())}. --\n` : '';
  return ok(head + rendered(host, options, shown));
}
