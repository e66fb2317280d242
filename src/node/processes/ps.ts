import { Quantity } from '../../base/quantity.ts';
import type { CommandContext, CommandResult } from '../../sh/process.ts';
import type { NodeHost } from '../host.ts';
import { two } from '../systemd/format.ts';
import { commOf, type ProcessRow, processesOf } from './table.ts';

interface View {
  now: number;
  totalKib: number;
}

/** A column of ps: its header, its width, and on which side its text stands. */
interface Column {
  header: string;
  width: number;
  right?: boolean;
  text(row: ProcessRow, view: View): string;
}

const DAY = 86_400_000;

/** `02:22`, or `Jun18` when it was on another day. */
export function startTime(started: number, now: number): string {
  const t = new Date(started);
  if (now - started < DAY && t.getUTCDate() === new Date(now).getUTCDate())
    return `${two(t.getUTCHours())}:${two(t.getUTCMinutes())}`;
  return t.toUTCString().slice(8, 11) + two(t.getUTCDate());
}

/** CPU seconds, of which kernel threads use none. */
export const cpuSeconds = (row: ProcessRow, now: number): number =>
  row.rss ? Math.floor(((now - row.started) / 1000) * (row.rss > 20_000 ? 0.018 : 0.0002)) : 0;

export const cpuShare = (row: ProcessRow): string => (row.rss > 20_000 ? '1.8' : '0.0');

const clock = (seconds: number): string =>
  `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;

/** `[[DD-]hh:]mm:ss` */
function elapsed(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const days = Math.floor(seconds / 86_400);
  const text = clock(seconds % 86_400);
  if (days) return `${days}-${text}`;
  return seconds >= 3600 ? text : text.slice(3);
}

const column = (header: string, width: number, text: Column['text'], right = true): Column => ({
  header,
  width,
  text,
  right,
});
const left = (header: string, width: number, text: Column['text']): Column => column(header, width, text, false);

const args = (row: ProcessRow): string => row.command;
const vsz = (row: ProcessRow): string => String(row.rss * 18);
const ids: Record<string, number> = { root: 0, '65535': 65_535, 'systemd+': 997, 'message+': 101, syslog: 103 };
const uid = (row: ProcessRow): string => String(ids[row.user] ?? (/^\d+$/.test(row.user) ? row.user : 1000));

/** Columns by the names that -o knows. Source: procps' output.c. */
const COLUMNS: Record<string, Column> = {
  pid: column('PID', 7, ({ pid }) => String(pid)),
  ppid: column('PPID', 7, ({ ppid }) => String(ppid)),
  pgid: column('PGID', 7, ({ pid }) => String(pid)),
  sid: column('SID', 7, ({ pid }) => String(pid)),
  tgid: column('TGID', 7, ({ pid }) => String(pid)),
  lwp: column('LWP', 7, ({ pid }) => String(pid)),
  user: left('USER', 8, ({ user }) => user),
  ruser: left('RUSER', 8, ({ user }) => user),
  group: left('GROUP', 8, ({ user }) => user),
  uid: column('UID', 5, uid),
  gid: column('GID', 5, uid),
  pcpu: column('%CPU', 4, cpuShare),
  c: column('C', 2, (row) => String(Math.floor(Number(cpuShare(row))))),
  pmem: column('%MEM', 4, ({ rss }, { totalKib }) => ((rss * 100) / totalKib).toFixed(1)),
  vsz: column('VSZ', 6, vsz),
  rss: column('RSS', 5, ({ rss }) => String(rss)),
  tty: left('TT', 8, ({ tty = '?' }) => tty),
  stat: left('STAT', 4, ({ state }) => state),
  s: left('S', 1, ({ state }) => state[0]!),
  start: column('STARTED', 8, ({ started }, { now }) =>
    now - started < DAY
      ? new Date(started).toISOString().slice(11, 19)
      : startTime(started, now).replace(/(\d+)$/, ' $1'),
  ),
  lstart: column('STARTED', 24, ({ started }) => {
    const [day = '', date = '', month = '', year = '', time = ''] = new Date(started).toUTCString().split(' ');
    return `${day.replace(',', '')} ${month} ${date.replace(/^0/, ' ')} ${time} ${year}`;
  }),
  stime: left('STIME', 5, ({ started }, { now }) => startTime(started, now)),
  bsdstart: left('START', 5, ({ started }, { now }) => startTime(started, now)),
  bsdtime: column('TIME', 6, (row, { now }) => {
    const seconds = cpuSeconds(row, now);
    return `${Math.floor(seconds / 60)}:${two(seconds % 60)}`;
  }),
  time: column('TIME', 8, (row, { now }) => clock(cpuSeconds(row, now))),
  etime: column('ELAPSED', 11, ({ started }, { now }) => elapsed(now - started)),
  etimes: column('ELAPSED', 7, ({ started }, { now }) => String(Math.floor((now - started) / 1000))),
  comm: left('COMMAND', 15, commOf),
  ucmd: left('CMD', 15, commOf),
  args: left('COMMAND', 27, args),
  cmd: left('CMD', 27, args),
  ni: column('NI', 3, ({ state }) => (state.includes('<') ? '-20' : '0')),
  pri: column('PRI', 3, ({ state }) => (state.includes('<') ? '39' : '19')),
  nlwp: column('NLWP', 4, ({ state }) => (state.includes('l') ? '12' : '1')),
  psr: column('PSR', 3, () => '0'),
  f: column('F', 1, () => '4'),
  addr: column('ADDR', 4, () => '-'),
  sz: column('SZ', 5, (row) => String(Math.floor((row.rss * 18) / 4))),
  wchan: left('WCHAN', 6, () => '-'),
  cgroup: left('CGROUP', 27, ({ cgroup = '0::/' }) => cgroup),
};

const ALIASES: Record<string, string> = {
  '%cpu': 'pcpu',
  '%mem': 'pmem',
  euser: 'user',
  uname: 'user',
  command: 'args',
  ucomm: 'comm',
  state: 's',
  tt: 'tty',
  tname: 'tty',
  rssize: 'rss',
  rsz: 'rss',
  vsize: 'vsz',
  cputime: 'time',
  start_time: 'stime',
  nice: 'ni',
  thcount: 'nlwp',
  euid: 'uid',
};

const named = (name: string): Column | undefined => COLUMNS[ALIASES[name] ?? name];
const headed = (name: string, header: string): Column => ({ ...COLUMNS[name]!, header });
const TTY = (): Column => headed('tty', 'TTY');

const FORMATS: Record<string, () => Column[]> = {
  short: () => [COLUMNS.pid!, TTY(), COLUMNS.time!, COLUMNS.ucmd!],
  bsd: () => [COLUMNS.pid!, TTY(), COLUMNS.stat!, COLUMNS.bsdtime!, COLUMNS.args!],
  user: () => [
    ...['user', 'pid', 'pcpu', 'pmem', 'vsz', 'rss'].map((name) => COLUMNS[name]!),
    TTY(),
    ...['stat', 'bsdstart', 'bsdtime', 'args'].map((name) => COLUMNS[name]!),
  ],
  full: () => [
    headed('user', 'UID'),
    ...['pid', 'ppid', 'c', 'stime'].map((name) => COLUMNS[name]!),
    TTY(),
    COLUMNS.time!,
    COLUMNS.cmd!,
  ],
  long: () => [
    ...['f', 's', 'uid', 'pid', 'ppid', 'c', 'pri', 'ni', 'addr', 'sz', 'wchan'].map((name) => COLUMNS[name]!),
    TTY(),
    COLUMNS.time!,
    COLUMNS.ucmd!,
  ],
};

const USAGE =
  "\nUsage:\n ps [options]\n\n Try 'ps --help <simple|list|output|threads|misc|all>'\n  or 'ps --help <s|l|o|t|m|a>'\n for additional help text.\n\nFor more details see ps(1).\n";

/** What a command line of ps asks for. */
interface Wish {
  all: boolean;
  format: string;
  columns: Column[];
  sort: string[];
  forest: boolean;
  headers: boolean;
  negate: boolean;
  only: ((row: ProcessRow) => boolean)[];
}

class Wrong extends Error {}

function addColumns(wish: Wish, list: string): void {
  for (const part of list.split(/[, ]+/).filter(Boolean)) {
    const [name = '', ...header] = part.split('=');
    const found = named(name.toLowerCase());
    if (!found) throw new Wrong(`error: unknown user-defined format specifier "${name}"`);
    wish.columns.push(part.includes('=') ? { ...found, header: header.join('=') } : found);
  }
}

const listOf = (value: string): string[] => value.split(/[, ]+/).filter(Boolean);

/** Options that take a value, by letter or long name. */
const VALUED: Record<string, (wish: Wish, value: string) => void> = {
  o: addColumns,
  format: addColumns,
  C: (wish, value) => void wish.only.push((row) => listOf(value).some((name) => commOf(row) === name.slice(0, 15))),
  p: (wish, value) => {
    const wanted = listOf(value);
    if (wanted.some((word) => !/^\d+$/.test(word))) throw new Wrong('error: process ID list syntax error');
    wish.only.push(({ pid }) => wanted.includes(String(pid)));
  },
  u: (wish, value) =>
    void wish.only.push((row) => listOf(value).some((name) => row.user === name || uid(row) === name)),
  ppid: (wish, value) => void wish.only.push(({ ppid }) => listOf(value).includes(String(ppid))),
  t: (wish, value) => void wish.only.push(({ tty = '?' }) => listOf(value).includes(tty)),
  sort: (wish, value) => void wish.sort.push(...listOf(value)),
  k: (wish, value) => void wish.sort.push(...listOf(value)),
};
const SAME: Record<string, string> = { U: 'u', user: 'u', User: 'u', pid: 'p', q: 'p', 'quick-pid': 'p', tty: 't' };

const LETTERS: Record<string, (wish: Wish) => void> = {
  e: (wish) => {
    wish.all = true;
  },
  A: (wish) => {
    wish.all = true;
  },
  a: (wish) => void wish.only.push(({ tty }) => tty !== undefined),
  f: (wish) => {
    wish.format = 'full';
  },
  F: (wish) => {
    wish.format = 'full';
  },
  l: (wish) => {
    wish.format = 'long';
  },
  H: (wish) => {
    wish.forest = true;
  },
  N: (wish) => {
    wish.negate = true;
  },
  h: (wish) => {
    wish.headers = false;
  },
  L: () => {},
  w: () => {},
  y: () => {},
  m: () => {},
  M: () => {},
  j: () => {},
  T: () => {},
};

const BSD: Record<string, (wish: Wish) => void> = {
  ...LETTERS,
  a: (wish) => {
    wish.all = true;
  },
  x: (wish) => {
    wish.all = true;
  },
  u: (wish) => {
    wish.format = 'user';
  },
  f: (wish) => {
    wish.forest = true;
  },
  e: () => {},
};

function wishOf(words: string[]): Wish {
  const wish: Wish = {
    all: false,
    format: 'short',
    columns: [],
    sort: [],
    forest: false,
    headers: true,
    negate: false,
    only: [],
  };
  const rest = [...words];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word.startsWith('--')) longOption(wish, word.slice(2), rest);
    else letters(wish, word, rest);
  }
  return wish;
}

function longOption(wish: Wish, text: string, rest: string[]): void {
  const [name = '', ...value] = text.split('=');
  const valued = VALUED[SAME[name] ?? name];
  if (valued) valued(wish, value.length > 0 ? value.join('=') : (rest.shift() ?? ''));
  else if (name === 'forest') wish.forest = true;
  else if (/^no-?head/.test(name)) wish.headers = false;
  else if (name === 'deselect') wish.negate = true;
  else if (!['headers', 'width', 'cols', 'columns'].includes(name)) throw new Wrong('error: unknown gnu long option');
}

function letters(wish: Wish, word: string, rest: string[]): void {
  const bsd = !word.startsWith('-');
  if (bsd && /^\d/.test(word)) return VALUED.p!(wish, word);
  const given = bsd ? word : word.slice(1);
  if (bsd && wish.format === 'short') wish.format = 'bsd';
  for (let i = 0; i < given.length; i++) {
    const letter = given[i]!;
    const valued = bsd && letter === 'u' ? undefined : VALUED[SAME[letter] ?? letter];
    const known = (bsd ? BSD : LETTERS)[letter];
    if (valued) {
      valued(wish, given.slice(i + 1) || (rest.shift() ?? ''));
      return;
    }
    if (letter === 'u' && !bsd && given.length === 1) return VALUED.u!(wish, rest.shift() ?? '');
    if (!known) throw new Wrong(bsd ? 'error: unsupported option (BSD syntax)' : 'error: unsupported SysV option');
    known(wish);
  }
}

const SORTS: Record<string, (row: ProcessRow) => number | string> = {
  pid: ({ pid }) => pid,
  ppid: ({ ppid }) => ppid,
  pcpu: (row) => Number(cpuShare(row)),
  pmem: ({ rss }) => rss,
  rss: ({ rss }) => rss,
  vsz: ({ rss }) => rss,
  start: ({ started }) => started,
  lstart: ({ started }) => started,
  etime: ({ started }) => -started,
  time: ({ rss, started }) => (rss > 20_000 ? -started : 0),
  user: ({ user }) => user,
  comm: commOf,
  args,
};

function sorted(rows: ProcessRow[], keys: string[]): ProcessRow[] {
  return keys.reduceRight((list, key) => {
    const name = key.replace(/^[-+]/, '').toLowerCase();
    const by = SORTS[ALIASES[name] ?? name];
    if (!by) throw new Wrong('error: unknown sort specifier');
    const sign = key.startsWith('-') ? -1 : 1;
    return list.toSorted((a, b) => (by(a) < by(b) ? -sign : by(a) > by(b) ? sign : 0));
  }, rows);
}

/** Children below their parents, with the branches that lead to them. */
function forest(rows: ProcessRow[]): ProcessRow[] {
  const there = new Set(rows.map(({ pid }) => pid));
  const below = (parent: number) => rows.filter(({ ppid, pid }) => ppid === parent && pid !== parent);
  // `last`: whether nobody follows on its level; undefined for the first of a tree.
  const walk = (row: ProcessRow, prefix: string, last: boolean | undefined): ProcessRow[] => {
    const children = below(row.pid);
    const inner = last === undefined ? '' : last ? '    ' : ' |  ';
    return [
      { ...row, command: `${prefix}${last === undefined ? '' : ' \\_ '}${row.command}` },
      ...children.flatMap((child, i) => walk(child, `${prefix}${inner}`, i === children.length - 1)),
    ];
  };
  // The kernel's own come first.
  const roots = rows.filter(({ ppid }) => !there.has(ppid));
  return [...roots.filter(({ rss }) => !rss), ...roots.filter(({ rss }) => rss)].flatMap((root) =>
    walk(root, '', undefined),
  );
}

function render(rows: ProcessRow[], columns: Column[], headers: boolean, view: View): string {
  const line = (cells: string[]) =>
    cells
      .map((cell, i) => {
        const { width, right } = columns[i]!;
        if (right) return cell.padStart(width);
        return i === cells.length - 1 ? cell : cell.padEnd(width);
      })
      .join(' ');
  const cells = rows.map((row) => columns.map((one) => one.text(row, view)));
  const shown = headers && columns.some(({ header }) => header !== '');
  return [...(shown ? [columns.map(({ header }) => header)] : []), ...cells].map((row) => `${line(row)}\n`).join('');
}

/** Processes of whoever looks: the shell of a login, and ps itself. */
export function ownProcesses(user: string, argv: string[], now: number): ProcessRow[] {
  const row = (pid: number, ppid: number, command: string, state: string): ProcessRow => ({
    pid,
    ppid,
    user,
    started: now - 1000,
    rss: 4096,
    state,
    command,
    tty: 'pts/0',
    cgroup: '0::/user.slice/user-0.slice/session-1.scope',
  });
  return [row(20_000, 1, '-bash', 'Ss'), row(20_017, 20_000, argv.join(' '), 'R+')];
}

/** ps on a node. Source: procps. */
export function ps(host: NodeHost, { argv, user }: CommandContext): CommandResult {
  const view = {
    now: host.now(),
    totalKib: Quantity.parse(host.record().capacity.memory ?? '1Gi').toNumber() / 1024,
  };
  try {
    const wish = wishOf(argv.slice(1));
    const everything = [...processesOf(host), ...ownProcesses(user, argv, view.now)];
    const picked = everything.filter((row) => {
      if (wish.only.length > 0 && !wish.all) return wish.only.some((only) => only(row)) !== wish.negate;
      return wish.all !== wish.negate || row.tty === 'pts/0';
    });
    const rows = sorted(picked, wish.sort);
    const columns = wish.columns.length > 0 ? wish.columns : FORMATS[wish.format]!();
    const stdout = render(wish.forest ? forest(rows) : rows, columns, wish.headers, view);
    return { stdout, stderr: '', code: rows.length > 0 ? 0 : 1 };
  } catch (error) {
    if (!(error instanceof Wrong)) throw error;
    return { stdout: '', stderr: `${error.message}\n${USAGE}`, code: 1 };
  }
}
