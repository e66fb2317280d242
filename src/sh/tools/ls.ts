import { followed } from '../evaluator/condition.ts';
import { absolute } from '../evaluator/evaluation.ts';
import type { FileStat } from '../process.ts';
import { ownersOf } from './accounts.ts';
import { inColumns } from './columns.ts';
import { join } from './paths.ts';
import { isBusybox, type Options, parseOptions, type Tool, type ToolContext, unlines } from './tool.ts';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

const HALF_YEAR = 182 * 86_400_000;

/** `-rwxr-xr-x` */
export function modeText({ type, mode }: FileStat): string {
  const bits = [0o400, 0o200, 0o100, 0o40, 0o20, 0o10, 4, 2, 1].map((bit, index) =>
    (mode & bit) !== 0 ? 'rwx'[index % 3]! : '-',
  );
  if (mode & 0o4000) bits[2] = bits[2] === 'x' ? 's' : 'S';
  if (mode & 0o2000) bits[5] = bits[5] === 'x' ? 's' : 'S';
  if (mode & 0o1000) bits[8] = bits[8] === 'x' ? 't' : 'T';
  return `${{ file: '-', directory: 'd', symlink: 'l' }[type]}${bits.join('')}`;
}

/** The blocks that it takes, KiB: links have none, nor folders in memory, whose sizes count their entries. */
const kilobytesOf = ({ type, size }: FileStat): number =>
  type === 'symlink' || (type === 'directory' && size % 4096 !== 0) ? 0 : Math.ceil(size / 4096) * 4;

function timeText(ms: number, now: number): string {
  const date = new Date(ms);
  const day = `${MONTHS[date.getUTCMonth()]} ${String(date.getUTCDate()).padStart(2)}`;
  const iso = date.toISOString();
  return Math.abs(now - ms) < HALF_YEAR ? `${day} ${iso.slice(11, 16)}` : `${day}  ${iso.slice(0, 4)}`;
}

export const human = (size: number): string => {
  if (size < 1024) return String(size);
  const units = 'KMGT';
  let value = size / 1024;
  let unit = 0;
  while (value >= 1024 && unit < 3) {
    value /= 1024;
    unit++;
  }
  return `${value < 10 ? (Math.ceil(value * 10) / 10).toFixed(1) : Math.ceil(value)}${units[unit]}`;
};

/** busybox's form: always one decimal beside a unit. */
export const busyboxHuman = (size: number): string => {
  const power = size < 1024 ? 0 : Math.min(4, Math.floor(Math.log2(size) / 10));
  return power === 0 ? String(size) : `${(size / 1024 ** power).toFixed(1)}${'KMGT'[power - 1]}`;
};

interface Entry {
  name: string;
  stat: FileStat;
  /** How many folders are in it, if it is one: its hard links. */
  folders?: number;
}

function formatEntries(context: ToolContext, options: Options, entries: Entry[]): string {
  const shown = (entry: Entry) => {
    const mark = options.has('F', 'classify')
      ? entry.stat.type === 'directory'
        ? '/'
        : entry.stat.type === 'symlink'
          ? options.has('l')
            ? ''
            : '@'
          : entry.stat.mode & 0o111
            ? '*'
            : ''
      : options.has('p') && entry.stat.type === 'directory'
        ? '/'
        : '';
    return entry.name + mark + (options.has('l') && entry.stat.type === 'symlink' ? ` -> ${entry.stat.target}` : '');
  };
  if (!options.has('l', 'n', 'g')) {
    const names = entries.map((entry) => (options.has('i') ? `${inode(entry.name)} ` : '') + shown(entry));
    const { columns } = context;
    return columns === undefined || options.has('1') ? unlines(names) : inColumns(names, columns, isBusybox(context));
  }
  const busybox = isBusybox(context);
  const now = context.machine.now();
  const rows = entries.map((entry) => {
    const size = options.has('h', 'human-readable')
      ? (isBusybox(context) ? busyboxHuman : human)(entry.stat.size)
      : String(entry.stat.size);
    const links = entry.folders === undefined ? '1' : String(2 + entry.folders);
    const owners = ownersOf(context, entry.stat);
    const owner = options.has('n') ? owners.uid : (owners.user ?? owners.uid);
    const group = options.has('n') ? owners.gid : (owners.group ?? owners.gid);
    return {
      mode: modeText(entry.stat),
      links,
      owner,
      group,
      size,
      time: timeText(entry.stat.mtime, now),
      name: shown(entry),
    };
  });
  const width = (key: 'links' | 'owner' | 'group' | 'size') => Math.max(...rows.map((row) => row[key].length));
  return unlines(
    rows.map((row) =>
      busybox
        ? `${row.mode} ${row.links.padStart(4)} ${row.owner.padEnd(8)} ${row.group.padEnd(8)} ${row.size.padStart(9)} ${row.time} ${row.name}`
        : `${row.mode} ${row.links.padStart(width('links'))} ${row.owner.padEnd(width('owner'))} ${row.group.padEnd(width('group'))} ${row.size.padStart(width('size'))} ${row.time} ${row.name}`,
    ),
  );
}

export const inode = (name: string) =>
  1000 + [...name].reduce((sum, char) => (sum * 31 + char.charCodeAt(0)) % 90_000, 7);

/** What `ls` shows of a path; none if nothing is there. */
function entryOf(context: ToolContext, options: Options, path: string, name: string): Entry[] {
  const { files } = context.machine;
  const real = context.path(path);
  const stat = files.stat(real);
  if (!stat) return [];
  if (stat.type !== 'directory' || !options.has('l')) return [{ name, stat }];
  const isFolder = (inner: string) => files.stat(join(real, inner))?.type === 'directory';
  return [{ name, stat, folders: files.list(real).filter(isFolder).length }];
}

export const ls: Tool = (context) => {
  const options = parseOptions(context, 'laA1hRrtSFidpngLkcuxsGwo', [
    'color',
    'all',
    'almost-all',
    'human-readable',
    'recursive',
    'reverse',
    'classify',
    'full-time',
    'group-directories-first',
  ]);
  const { files } = context.machine;
  const busybox = isBusybox(context);
  const operands = options.rest.length > 0 ? options.rest : ['.'];
  let stdout = '';
  let stderr = '';
  const sort = (entries: Entry[]) => {
    const by = options.has('t')
      ? (a: Entry, b: Entry) => b.stat.mtime - a.stat.mtime
      : options.has('S')
        ? (a: Entry, b: Entry) => b.stat.size - a.stat.size
        : () => 0;
    const sorted = entries.sort((a, b) => by(a, b) || compareNames(a.name, b.name));
    return options.has('r', 'reverse') ? sorted.reverse() : sorted;
  };
  const listFolder = (folder: string): Entry[] => {
    const names = files
      .list(context.path(folder))
      .filter((name) => options.has('a', 'all', 'A', 'almost-all') || !name.startsWith('.'));
    const entries = names.flatMap((name) => entryOf(context, options, join(folder, name), name));
    const dots = options.has('a', 'all')
      ? ['.', '..'].flatMap((name) => entryOf(context, options, absolute(context.path(folder), name), name))
      : [];
    return options.has('r') ? [...sort(entries), ...dots] : [...dots, ...sort(entries)];
  };
  const plain: Entry[] = [];
  const folders: string[] = [];
  for (const operand of operands) {
    const stat =
      options.has('l') && !operand.endsWith('/')
        ? files.stat(context.path(operand))
        : followed(files, context.path(operand));
    if (!stat)
      stderr += busybox
        ? `ls: ${operand}: No such file or directory\n`
        : `ls: cannot access '${operand}': No such file or directory\n`;
    else if (stat.type === 'directory' && !options.has('d')) folders.push(operand);
    else plain.push(...(options.has('l') ? entryOf(context, options, operand, operand) : [{ name: operand, stat }]));
  }
  if (plain.length > 0) stdout += formatEntries(context, options, sort(plain));
  const visit = (folder: string, titled: boolean): void => {
    const entries = listFolder(folder);
    if (titled) stdout += `${stdout ? '\n' : ''}${folder}:\n`;
    if (options.has('l')) stdout += `total ${entries.reduce((sum, { stat }) => sum + kilobytesOf(stat), 0)}\n`;
    stdout += formatEntries(context, options, entries);
    if (options.has('R', 'recursive')) {
      for (const { name, stat } of entries)
        if (stat.type === 'directory' && name !== '.' && name !== '..') visit(join(folder, name), true);
    }
  };
  for (const folder of folders.sort(compareNames))
    visit(
      folder,
      folders.length + plain.length > 1 || options.has('R', 'recursive') || (stderr !== '' && operands.length > 1),
    );
  return { stdout, stderr, code: stderr ? (busybox ? 1 : 2) : 0 };
};

const compareNames = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
