import { SIGNALS } from '../evaluator/signals.ts';
import { database, readOr } from './accounts.ts';
import { getentHosts } from './network/index.ts';
import { fail, isBusybox, ok, parseOptions, type Tool, type ToolContext, unlines } from './tool.ts';

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

const two = (value: number) => String(value).padStart(2, '0');
const hour12 = (date: Date) => date.getUTCHours() % 12 || 12;
const iso = (date: Date, from: number, to: number) => date.toISOString().slice(from, to);
const dayOfYear = (date: Date) => Math.floor((date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 1)) / 86_400_000) + 1;

/** What strftime's letters stand for, in UTC. */
const FIELDS: Record<string, (date: Date) => string> = {
  Y: (date) => String(date.getUTCFullYear()),
  y: (date) => two(date.getUTCFullYear() % 100),
  C: (date) => two(Math.floor(date.getUTCFullYear() / 100)),
  m: (date) => two(date.getUTCMonth() + 1),
  d: (date) => two(date.getUTCDate()),
  e: (date) => String(date.getUTCDate()).padStart(2),
  H: (date) => two(date.getUTCHours()),
  k: (date) => String(date.getUTCHours()).padStart(2),
  I: (date) => two(hour12(date)),
  l: (date) => String(hour12(date)).padStart(2),
  M: (date) => two(date.getUTCMinutes()),
  S: (date) => two(date.getUTCSeconds()),
  p: (date) => (date.getUTCHours() < 12 ? 'AM' : 'PM'),
  P: (date) => (date.getUTCHours() < 12 ? 'am' : 'pm'),
  s: (date) => String(Math.floor(date.getTime() / 1000)),
  N: (date) => `${String(date.getUTCMilliseconds()).padStart(3, '0')}000000`,
  U: (date) => two(Math.floor((dayOfYear(date) + 6 - date.getUTCDay()) / 7)),
  W: (date) => two(Math.floor((dayOfYear(date) + 6 - ((date.getUTCDay() + 6) % 7)) / 7)),
  V: (date) => two(isoWeek(date)),
  G: (date) => String(new Date(thursdayOf(date)).getUTCFullYear()),
  j: (date) => String(dayOfYear(date)).padStart(3, '0'),
  u: (date) => String(date.getUTCDay() || 7),
  w: (date) => String(date.getUTCDay()),
  a: (date) => DAYS[date.getUTCDay()]!.slice(0, 3),
  A: (date) => DAYS[date.getUTCDay()]!,
  b: (date) => MONTHS[date.getUTCMonth()]!.slice(0, 3),
  h: (date) => MONTHS[date.getUTCMonth()]!.slice(0, 3),
  B: (date) => MONTHS[date.getUTCMonth()]!,
  F: (date) => iso(date, 0, 10),
  T: (date) => iso(date, 11, 19),
  X: (date) => iso(date, 11, 19),
  R: (date) => iso(date, 11, 16),
  D: (date) => strftime('%m/%d/%y', date.getTime()),
  x: (date) => strftime('%m/%d/%y', date.getTime()),
  r: (date) => strftime('%I:%M:%S %p', date.getTime()),
  c: (date) => strftime('%a %b %e %H:%M:%S %Y', date.getTime()),
  Z: () => 'UTC',
  z: () => '+0000',
  n: () => '\n',
  t: () => '\t',
  '%': () => '%',
};

/** The Thursday of a date's week: its year is the week's. */
const thursdayOf = (date: Date): number => date.getTime() + (4 - (date.getUTCDay() || 7)) * 86_400_000;

const isoWeek = (date: Date): number => Math.ceil(dayOfYear(new Date(thursdayOf(date))) / 7);

/** strftime in UTC; `ms` since the epoch. */
export function strftime(format: string, ms: number): string {
  const date = new Date(Math.floor(ms));
  return format.replace(/%(:z|[-_0]?([a-zA-Z%]))/g, (whole, code: string, letter: string | undefined) => {
    if (code === ':z') return '+00:00';
    const value = FIELDS[letter!]?.(date);
    if (value === undefined) return whole;
    return code.startsWith('-') ? value.replace(/^[0 ]+(?=.)/, '') : value;
  });
}

/** `2024-01-15 +1 day`, `+2 weeks`, `-1 month`: an offset behind a date, by the calendar. */
const OFFSET = /\s*([-+]?\s*[0-9]+)\s*(second|sec|minute|min|hour|day|week|month|year)s?(\s+ago)?$/;

/** A time so many units later. */
function shifted(ms: number, count: number, unit: string): number {
  const date = new Date(ms);
  if (unit === 'month') return date.setUTCMonth(date.getUTCMonth() + count);
  if (unit === 'year') return date.setUTCFullYear(date.getUTCFullYear() + count);
  const seconds: Record<string, number> = {
    second: 1,
    sec: 1,
    minute: 60,
    min: 60,
    hour: 3600,
    day: 86_400,
    week: 604_800,
  };
  return ms + count * seconds[unit]! * 1000;
}

/** `@SECONDS`, an ISO date, `1 hour ago`, `now`, `yesterday`. */
function parseDate(text: string, now: number): number | undefined {
  if (/^@-?[0-9.]+$/.test(text)) return Number(text.slice(1)) * 1000;
  const offset = OFFSET.exec(text);
  if (offset && /^$|[-+\sa-z]$|ago$/.test(text.slice(0, offset.index)) === false) {
    const base = parseDate(text.slice(0, offset.index).trim(), now);
    const count = Number(offset[1]!.replace(/\s/g, '')) * (offset[3] ? -1 : 1);
    return base === undefined ? undefined : shifted(base, count, offset[2]!);
  }
  if (offset?.index === 0)
    return shifted(now, Number(offset[1]!.replace(/\s/g, '')) * (offset[3] ? -1 : 1), offset[2]!);
  const [, year, month, day] = /^(\d{4})-(\d\d?)-(\d\d?)/.exec(text) ?? [];
  if (day && new Date(Date.UTC(Number(year), Number(month) - 1, Number(day))).getUTCDate() !== Number(day))
    return undefined;
  const named = { now: 0, today: 0, yesterday: -86_400_000, tomorrow: 86_400_000 }[text];
  if (named !== undefined) return now + named;
  const parsed = Date.parse(
    /[zZ]|[-+][0-9]{2}:?[0-9]{2}$|UTC|GMT/.test(text)
      ? text
      : `${text.replace(' ', 'T')}${/T|\s[0-9]/.test(text.replace(' ', 'T')) ? 'Z' : ''}`,
  );
  return Number.isNaN(parsed) ? undefined : parsed;
}

const date: Tool = (context) => {
  const options = parseOptions(
    context,
    'uRI::d:s:r:D:',
    ['utc', 'universal', 'rfc-email', 'rfc-2822', 'iso-8601', 'date:', 'rfc-3339:', 'set:'],
    false,
    context.argv.slice(1).map((arg) => (/^-I/.test(arg) ? `--iso-8601${arg.slice(2) ? `=${arg.slice(2)}` : ''}` : arg)),
  );
  const text = options.value('d', 'date');
  const now = context.machine.now();
  const file = options.value('r');
  const stat = file === undefined || isBusybox(context) ? undefined : context.machine.files.stat(context.path(file));
  if (file !== undefined && !isBusybox(context) && !stat) return fail(`date: ${file}: No such file or directory\n`);
  const ms = stat ? stat.mtime : text === undefined ? now : parseDate(text, now);
  if (ms === undefined)
    return fail(isBusybox(context) ? `date: invalid date '${text}'\n` : `date: invalid date '${text}'\n`);
  if (options.has('s', 'set'))
    return fail(
      isBusybox(context)
        ? "date: can't set date: Operation not permitted\n"
        : 'date: cannot set date: Operation not permitted\n',
    );
  const format = options.rest.find((arg) => arg.startsWith('+'));
  if (format) return ok(`${strftime(format.slice(1), ms)}\n`);
  if (options.has('R', 'rfc-email', 'rfc-2822')) return ok(`${strftime('%a, %d %b %Y %H:%M:%S %z', ms)}\n`);
  const iso = options.has('iso-8601') ? options.value('iso-8601') || 'date' : undefined;
  if (iso !== undefined)
    return ok(
      `${strftime(iso.startsWith('s') ? (isBusybox(context) ? '%Y-%m-%dT%H:%M:%SZ' : '%Y-%m-%dT%H:%M:%S+00:00') : iso.startsWith('m') ? '%Y-%m-%dT%H:%M+00:00' : iso.startsWith('h') ? '%Y-%m-%dT%H+00:00' : '%Y-%m-%d', ms)}\n`,
    );
  const rfc = options.value('rfc-3339');
  if (rfc) return ok(`${strftime(rfc.startsWith('d') ? '%Y-%m-%d' : '%Y-%m-%d %H:%M:%S+00:00', ms)}\n`);
  return ok(`${strftime('%a %b %e %H:%M:%S UTC %Y', ms)}\n`);
};

export function userIds(
  context: ToolContext,
  user = context.user,
): { name: string; uid: string; gid: string; group: string; more: string[] } {
  const [wanted, wantedGroup, more] = user.split(':') as [string, string?, string?];
  const row = database(context, '/etc/passwd').find(([name, , uid]) => name === wanted || uid === wanted);
  const uid = row?.[2] ?? (wanted === 'root' ? '0' : /^[0-9]+$/.test(wanted) ? wanted : '1000');
  const gid = wantedGroup ?? row?.[3] ?? (/^[0-9]+$/.test(wanted) && wanted !== '0' ? '0' : uid);
  const group = database(context, '/etc/group').find(([, , id]) => id === gid)?.[0] ?? (gid === '0' ? 'root' : gid);
  return { name: row?.[0] ?? (uid === '0' ? 'root' : ''), uid, gid, group, more: more ? more.split(',') : [] };
}

const id: Tool = (context) => {
  const options = parseOptions(context, 'ugnGr');
  const [target] = options.rest;
  if (
    target !== undefined &&
    target !== context.user &&
    !database(context, '/etc/passwd').some(([name]) => name === target)
  )
    return fail(isBusybox(context) ? `id: unknown user ${target}\n` : `id: '${target}': no such user\n`);
  const ids = userIds(context, target);
  if (options.has('u')) return ok(`${options.has('n') ? ids.name || ids.uid : ids.uid}\n`);
  if (options.has('G'))
    return ok(
      `${[...new Set([ids.gid, ...(ids.uid === '0' && isBusybox(context) ? ['10'] : []), ...ids.more])].join(' ')}\n`,
    );
  if (options.has('g')) return ok(`${options.has('n') ? ids.group : ids.gid}\n`);
  const named = (value: string, name: string) => (name && name !== value ? `${value}(${name})` : value);
  const own = ids.uid === '0' && isBusybox(context) ? ['0(root)', '10(wheel)'] : [named(ids.gid, ids.group)];
  const groups = [...new Set([...own, ...ids.more])].sort((a, b) => Number.parseInt(a) - Number.parseInt(b));
  return ok(`uid=${named(ids.uid, ids.name)} gid=${named(ids.gid, ids.group)} groups=${groups.join(',')}\n`);
};

const whoami: Tool = (context) => {
  const { name, uid } = userIds(context);
  if (name) return ok(`${name}\n`);
  return fail(
    isBusybox(context)
      ? `whoami: unknown uid ${uid}\n`
      : `whoami: cannot find name for user ID ${uid}: No such file or directory\n`,
  );
};

const hostname: Tool = (context) => {
  const { hostname: name, files } = context.machine;
  const option = context.argv[1];
  if (option === undefined) return ok(`${name}\n`);
  const row = linesOfHosts(files.stat('/etc/hosts') ? files.read('/etc/hosts') : '').find((words) =>
    words.includes(name),
  );
  if (option === '-i' || option === '-I') return ok(`${row?.[0] ?? '127.0.0.1'}${option === '-I' ? ' ' : ''}\n`);
  if (option === '-f') return ok(`${row?.find((word) => word.startsWith(`${name}.`)) ?? name}\n`);
  if (option === '-s') return ok(`${name.split('.')[0]}\n`);
  return option.startsWith('-')
    ? ok(`${name}\n`)
    : fail(
        isBusybox(context)
          ? 'hostname: sethostname: Operation not permitted\n'
          : 'hostname: you must be root to change the host name\n',
      );
};

export const linesOfHosts = (text: string): string[][] =>
  text
    .split('\n')
    .map((line) => line.replace(/#.*/, '').trim().split(/\s+/))
    .filter(([address]) => address !== '');

const uname: Tool = (context) => {
  const options = parseOptions(context, 'asnrvmpio', ['all', 'kernel-release', 'machine', 'nodename']);
  const release = context.env.KUBEMU_KERNEL ?? kernelOf(context);
  const fields: [string, string][] = [
    ['s', 'Linux'],
    ['n', context.machine.hostname],
    ['r', release],
    ['v', '#1 SMP PREEMPT_DYNAMIC'],
    ['m', 'x86_64'],
    ['o', isBusybox(context) && context.machine.files.stat('/etc/alpine-release') ? 'Linux' : 'GNU/Linux'],
  ];
  const all = options.has('a', 'all');
  const long: Record<string, string> = { r: 'kernel-release', m: 'machine', n: 'nodename' };
  const chosen = fields.filter(([letter]) => all || options.has(letter, long[letter] ?? letter));
  return ok(`${(chosen.length > 0 ? chosen : fields.slice(0, 1)).map(([, value]) => value).join(' ')}\n`);
};

function kernelOf(context: ToolContext): string {
  try {
    return /Linux version (\S+)/.exec(context.machine.files.read('/proc/version'))?.[1] ?? '6.8.0';
  } catch {
    return '6.8.0';
  }
}

const processes = (context: ToolContext) => {
  const known = context.machine.processes?.() ?? [];
  const group = context.processes();
  const own = group.filter(({ pid }) => !known.some((other) => other.pid === pid));
  const last = Math.max(0, ...known.map(({ pid }) => pid), ...own.map(({ pid }) => pid));
  const command = context.argv.join(' ');
  // A tool that its shell runs in place has no process of its own: `ps` itself is seen all the same.
  const self = { pid: last + 1, ppid: own[0]?.pid ?? 1, user: context.user, command, started: context.machine.now() };
  const isOwn = group.length === 1 && group[0]!.command.split('/').at(-1) === command.split('/').at(-1);
  return [...known, ...own, ...(isOwn ? [] : [self])]
    .map((process) => ({ ...process, user: process.user.split(':')[0]! }))
    .sort((a, b) => a.pid - b.pid);
};

const ps: Tool = (context) => {
  const rows = processes(context);
  if (isBusybox(context)) {
    return ok(
      unlines([
        'PID   USER     TIME  COMMAND',
        ...rows.map(({ pid, user, command }) => `${String(pid).padStart(5)} ${user.padEnd(8)}  0:00 ${command}`),
      ]),
    );
  }
  const args = context.argv.slice(1).join('');
  const clock = (ms: number) => new Date(ms).toISOString().slice(11, 16);
  if (/^-?aux|^-?ax?u/.test(args)) {
    return ok(
      unlines([
        'USER         PID %CPU %MEM    VSZ   RSS TTY      STAT START   TIME COMMAND',
        ...rows.map(
          ({ pid, user, command, started }) =>
            `${user.padEnd(8)} ${String(pid).padStart(7)}  0.0  0.0   4364  3200 ?        Ss   ${clock(started)}   0:00 ${command}`,
        ),
      ]),
    );
  }
  if (/^-e?f|^-ef/.test(args)) {
    return ok(
      unlines([
        'UID          PID    PPID  C STIME TTY          TIME CMD',
        ...rows.map(
          ({ pid, ppid, user, command, started }) =>
            `${user.padEnd(8)} ${String(pid).padStart(7)} ${String(ppid).padStart(7)}  0 ${clock(started)} ?        00:00:00 ${command}`,
        ),
      ]),
    );
  }
  return ok(
    unlines([
      '    PID TTY          TIME CMD',
      ...rows.map(
        ({ pid, command }) =>
          `${String(pid).padStart(7)} ?        00:00:00 ${command.split(' ')[0]!.split('/').at(-1)}`,
      ),
    ]),
  );
};

/** The rows of /proc/meminfo by their names, KiB. */
const memoryOf =
  (context: ToolContext) =>
  (key: string): number =>
    Number(new RegExp(`^${key}: *(\\d+)`, 'm').exec(readOr(context, '/proc/meminfo'))?.[1] ?? 0);

const top: Tool = (context) => {
  const rows = processes(context);
  const memory = memoryOf(context);
  return ok(
    unlines([
      `Mem: ${memory('MemTotal') - memory('MemFree')}K used, ${memory('MemFree')}K free, 3412K shrd, ${memory('Buffers')}K buff, ${memory('Cached')}K cached`,
      'CPU:   1% usr   1% sys   0% nic  98% idle   0% io   0% irq   0% sirq',
      'Load average: 0.10 0.12 0.09 1/412 12',
      '  PID  PPID USER     STAT   VSZ %VSZ CPU %CPU COMMAND',
      ...rows.map(
        ({ pid, ppid, user, command }) =>
          `${String(pid).padStart(5)} ${String(ppid).padStart(5)} ${user.padEnd(8)} S     4408   0%   0   0% ${command}`,
      ),
    ]),
  );
};

/** A process's own name, as `/proc/PID/comm` has it. */
const programOf = (command: string): string => command.split(' ')[0]!.split('/').at(-1)!.replace(/:$/, '');

const pidof: Tool = (context) => {
  const pids = processes(context)
    .slice(0, -1)
    .filter(({ command }) => programOf(command) === context.argv[1])
    .map(({ pid }) => pid)
    .reverse();
  return pids.length > 0 ? ok(`${pids.join(' ')}\n`) : fail('');
};

const pgrep: Tool = (context) => {
  const kills = context.argv[0] === 'pkill' || context.argv[0] === 'killall';
  const signal = /^-([A-Z0-9]+)$/.exec(context.argv[1] ?? '')?.[1]?.replace(/^SIG/, '') ?? 'TERM';
  const words = context.argv.slice(1).filter((arg) => !arg.startsWith('-'));
  const whole = context.argv.some((arg) => /^-[a-z]*f/.test(arg));
  const found = processes(context)
    .slice(0, -1)
    .filter(({ command }) => new RegExp(words[0] ?? '').test(whole ? command : programOf(command)));
  if (!kills)
    return found.length > 0
      ? ok(
          unlines(
            found.map(({ pid, command }) =>
              context.argv.some((arg) => /^-[a-z]*[al]/.test(arg)) ? `${pid} ${command}` : String(pid),
            ),
          ),
        )
      : fail('');
  const name = Object.keys(SIGNALS).find((key) => String(SIGNALS[key]) === signal) ?? signal;
  for (const { pid } of found) context.kill(pid, name);
  if (found.length === 0 && context.argv[0] === 'killall') return fail(`killall: ${words[0]}: no process killed\n`);
  return found.length > 0 ? ok('') : fail('');
};

const free: Tool = (context) => {
  const options = parseOptions(context, 'mhgkbt', ['human']);
  const memory = memoryOf(context);
  const total = memory('MemTotal') || 24_684_096;
  const [unused, cached] = [memory('MemFree'), memory('Cached') + memory('Buffers')];
  const kilobytes = [total, total - unused - cached, unused, 3412, cached, memory('MemAvailable')];
  const unit = options.has('m') ? 1024 : options.has('g') ? 1_048_576 : 1;
  const shown = kilobytes.map((value) =>
    options.has('h', 'human')
      ? `${(value / 1_048_576).toFixed(1)}G${isBusybox(context) ? '' : 'i'}`
      : String(Math.floor(value / unit)),
  );
  const row = (name: string, values: string[]) =>
    name.padEnd(isBusybox(context) ? 8 : 7) +
    values
      .map((value) => value.padStart(12))
      .join('')
      .slice(isBusybox(context) ? 1 : 0);
  return ok(
    unlines([
      `${' '.repeat(14)}total        used        free      shared  buff/cache   available`.slice(
        isBusybox(context) ? 0 : 0,
      ),
      row('Mem:', shown),
      row('Swap:', ['0', '0', '0']),
    ]),
  );
};

const uptime: Tool = (context) => {
  const now = context.machine.now();
  return ok(
    ` ${new Date(now).toISOString().slice(11, 19)} up 1 day,  2:14,  0 users,  load average: 0.10, 0.12, 0.09\n`,
  );
};

const which: Tool = (context) => {
  const { files } = context.machine;
  const folders = (context.env.PATH ?? '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin').split(':');
  const names = context.argv.slice(1).filter((arg) => !arg.startsWith('-'));
  const found = names.flatMap(
    (name) => folders.map((folder) => `${folder}/${name}`).find((path) => files.stat(path)) ?? [],
  );
  return { stdout: unlines(found), stderr: '', code: found.length === names.length ? 0 : 1 };
};

const printenv: Tool = (context) => {
  const names = context.argv.slice(1);
  if (names.length === 0) return ok(unlines(Object.entries(context.env).map(([name, value]) => `${name}=${value}`)));
  const found = names.filter((name) => context.env[name] !== undefined);
  return {
    stdout: unlines(found.map((name) => context.env[name]!)),
    stderr: '',
    code: found.length === names.length ? 0 : 1,
  };
};

const echo: Tool = ({ argv }) => {
  const quiet = argv[1] === '-n';
  return ok(argv.slice(quiet ? 2 : 1).join(' ') + (quiet ? '' : '\n'));
};

const getent: Tool = (context) => {
  const [, kind, name = ''] = context.argv;
  if (kind === 'hosts' || kind === 'ahosts' || kind === 'ahostsv4') return getentHosts(context);
  const row = database(context, `/etc/${kind}`).find(([first, , third]) => first === name || third === name);
  return row ? ok(`${row.join(':')}\n`) : fail('', 2);
};

const nothing: Tool = () => ok('');

/** Settings are taken and mean nothing; `size` and what is shown of them are the terminal's. */
const stty: Tool = (context) => {
  const { argv, columns, rows } = context;
  if (columns === undefined)
    return fail(
      isBusybox(context)
        ? 'stty: standard input: Not a tty\n'
        : "stty: 'standard input': Inappropriate ioctl for device\n",
    );
  if (argv.includes('size')) return ok(`${rows} ${columns}\n`);
  const head = argv.includes('-a') ? `; rows ${rows}; columns ${columns};` : ';';
  return ok(argv.length === 1 || argv.includes('-a') ? `speed 38400 baud${head} line = 0;\n` : '');
};

const tput: Tool = ({ argv, columns = 80, rows = 24 }) =>
  ok(argv[1] === 'cols' ? `${columns}\n` : argv[1] === 'lines' ? `${rows}\n` : '');

/** A shell's builtin as a program. */
const builtin: Tool = ({ argv }) => ({ ...ok(''), run: ['sh', '-c', `${argv[0]} "$@"`, argv[0]!, ...argv.slice(1)] });

export const SYSTEM_TOOLS: Record<string, Tool> = {
  date,
  id,
  whoami,
  hostname,
  uname,
  ps,
  top,
  pidof,
  pgrep,
  pkill: pgrep,
  killall: pgrep,
  free,
  uptime,
  which,
  printenv,
  echo,
  getent,
  true: nothing,
  false: () => fail(''),
  sync: nothing,
  clear: () => ok('\x1b[H\x1b[2J'),
  reset: nothing,
  stty,
  tput,
  arch: () => ok('x86_64\n'),
  nproc: (context) => ok(`${(readOr(context, '/proc/cpuinfo').match(/^processor/gm) ?? [0, 0]).length}\n`),
  tty: () => fail('not a tty\n'),
  groups: (context) => ok(`${userIds(context).group}\n`),
  logname: (context) => ok(`${userIds(context).name}\n`),
  lsb_release: () => ok('No LSB modules are available.\n'),
  mount: (context) =>
    ok(
      unlines(
        readOr(context, '/proc/mounts')
          .split('\n')
          .filter(Boolean)
          .map((line) => line.replace(/^(\S+) (\S+) (\S+) (\S+) .*$/, '$1 on $2 type $3 ($4)')),
      ),
    ),
  pwd: ({ cwd }) => ok(`${cwd}\n`),
  kill: builtin,
  test: builtin,
  '[': builtin,
  printf: builtin,
};
