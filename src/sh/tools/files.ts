import { followed } from '../evaluator/condition.ts';
import { absolute } from '../evaluator/evaluation.ts';
import { matches } from '../evaluator/pattern.ts';
import { type FileStat, FsError } from '../process.ts';
import {
  fail,
  forEachFile,
  isBusybox,
  type Options,
  ok,
  parseOptions,
  type Tool,
  type ToolContext,
  ToolError,
  type ToolResult,
  unlines,
} from './tool.ts';

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

function timeText(ms: number, now: number): string {
  const date = new Date(ms);
  const day = `${MONTHS[date.getUTCMonth()]} ${String(date.getUTCDate()).padStart(2)}`;
  const iso = date.toISOString();
  return Math.abs(now - ms) < HALF_YEAR ? `${day} ${iso.slice(11, 16)}` : `${day}  ${iso.slice(0, 4)}`;
}

const human = (size: number): string => {
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

const join = (folder: string, name: string) => (folder.endsWith('/') ? folder + name : `${folder}/${name}`);

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
    return unlines(names);
  }
  const busybox = isBusybox(context);
  const now = context.machine.now();
  const rows = entries.map((entry) => {
    const size = options.has('h', 'human-readable') ? human(entry.stat.size) : String(entry.stat.size);
    const links = entry.folders === undefined ? '1' : String(2 + entry.folders);
    const owner = options.has('n') ? '0' : context.user === 'root' ? 'root' : 'root';
    return {
      mode: modeText(entry.stat),
      links,
      owner,
      size,
      time: timeText(entry.stat.mtime, now),
      name: shown(entry),
    };
  });
  const width = (key: 'links' | 'owner' | 'size') => Math.max(...rows.map((row) => row[key].length));
  return unlines(
    rows.map((row) =>
      busybox
        ? `${row.mode} ${row.links.padStart(4)} ${row.owner.padEnd(8)} ${row.owner.padEnd(8)} ${row.size.padStart(9)} ${row.time} ${row.name}`
        : `${row.mode} ${row.links.padStart(width('links'))} ${row.owner.padEnd(width('owner'))} ${row.owner.padEnd(width('owner'))} ${row.size.padStart(width('size'))} ${row.time} ${row.name}`,
    ),
  );
}

const inode = (name: string) => 1000 + [...name].reduce((sum, char) => (sum * 31 + char.charCodeAt(0)) % 90_000, 7);

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

const ls: Tool = (context) => {
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
    if (options.has('l'))
      stdout += `total ${entries.reduce((sum, { stat }) => sum + (stat.type === 'symlink' ? 0 : Math.ceil(stat.size / 4096) * 4), 0)}\n`;
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

/** `mkdir: can't create directory 'x': File exists` and its GNU form. */
const cannot = (context: ToolContext, verb: string) => (file: string, reason: string) =>
  `${isBusybox(context) ? "can't" : 'cannot'} ${verb} '${file}': ${reason}`;

const mkdir: Tool = (context) => {
  const options = parseOptions(context, 'pm:v', ['parents', 'mode:']);
  const { files } = context.machine;
  if (options.rest.length === 0) return fail("mkdir: missing operand\nTry 'mkdir --help' for more information.\n");
  const message = (file: string, reason: string) =>
    isBusybox(context) ? `can't create directory '${file}': ${reason}` : `cannot create directory '${file}': ${reason}`;
  return forEachFile(options.rest, context, message, (file) => {
    const path = context.path(file);
    if (options.has('p', 'parents')) {
      const parts = path.split('/').filter(Boolean);
      parts.forEach((_, index) => {
        const folder = `/${parts.slice(0, index + 1).join('/')}`;
        const stat = followed(files, folder);
        if (!stat) files.makeDir(folder);
        else if (stat.type !== 'directory')
          throw new FsError(index === parts.length - 1 ? 'EEXIST' : 'ENOTDIR', folder);
      });
    } else files.makeDir(path);
    const mode = options.value('m', 'mode');
    if (mode) files.chmod(path, Number.parseInt(mode, 8));
    return undefined;
  });
};

const rmdir: Tool = (context) => {
  const options = parseOptions(context, 'p', ['ignore-fail-on-non-empty']);
  const { files } = context.machine;
  const message = (file: string, reason: string) =>
    isBusybox(context) ? `'${file}': ${reason}` : `failed to remove '${file}': ${reason}`;
  return forEachFile(options.rest, context, message, (file) => {
    const stat = files.stat(context.path(file));
    if (!stat) throw new FsError('ENOENT', file);
    if (stat.type !== 'directory') throw new FsError('ENOTDIR', file);
    files.remove(context.path(file));
    return undefined;
  });
};

const rm: Tool = (context) => {
  const options = parseOptions(context, 'rRfvid', ['recursive', 'force']);
  const { files } = context.machine;
  const force = options.has('f', 'force');
  if (options.rest.length === 0)
    return force
      ? ok('')
      : fail(
          isBusybox(context) ? 'rm: missing operand\n' : "rm: missing operand\nTry 'rm --help' for more information.\n",
        );
  return forEachFile(options.rest, context, cannot(context, 'remove'), (file) => {
    const stat = files.stat(context.path(file));
    if (!stat) {
      if (force) return undefined;
      throw new FsError('ENOENT', file);
    }
    if (stat.type === 'directory' && !options.has('r', 'R', 'recursive'))
      throw isBusybox(context) ? new ToolError(`'${file}' is a directory`) : new FsError('EISDIR', file);
    files.remove(context.path(file), { recursive: true });
    return options.has('v') ? `removed '${file}'\n` : undefined;
  });
};

function copyTree(context: ToolContext, from: string, to: string): void {
  const { files } = context.machine;
  const stat = files.stat(from);
  if (!stat) throw new FsError('ENOENT', from);
  if (stat.type === 'directory') {
    if (!files.stat(to)) files.makeDir(to);
    for (const name of files.list(from)) copyTree(context, join(from, name), join(to, name));
  } else if (stat.type === 'symlink') files.symlink(stat.target ?? '', to);
  else files.write(to, files.read(from), { mode: stat.mode });
}

const lastPart = (path: string) => path.replace(/\/+$/, '').split('/').at(-1)!;

/** `cp` and `mv`: into a folder if the last operand is one. */
const transfer =
  (moves: boolean): Tool =>
  (context) => {
    const options = parseOptions(context, 'rRapfvnuidLPTxt:', [
      'recursive',
      'archive',
      'force',
      'no-clobber',
      'parents',
    ]);
    const { files } = context.machine;
    const [target, ...sources] = [...options.rest].reverse();
    const name = context.argv[0]!;
    if (target === undefined)
      return fail(
        isBusybox(context)
          ? `${name}: missing operand\n`
          : `${name}: missing file operand\nTry '${name} --help' for more information.\n`,
      );
    if (sources.length === 0)
      return fail(
        `${name}: missing destination file operand after '${target}'\nTry '${name} --help' for more information.\n`,
      );
    const into = followed(files, context.path(target))?.type === 'directory';
    const message = (file: string, reason: string) =>
      isBusybox(context)
        ? `can't ${moves ? 'rename' : 'stat'} '${file}': ${reason}`
        : `cannot stat '${file}': ${reason}`;
    return forEachFile(sources.reverse(), context, message, (file) => {
      const from = context.path(file);
      const to = into ? join(context.path(target), lastPart(from)) : context.path(target);
      const stat = moves ? files.stat(from) : followed(files, from);
      if (!stat) throw new FsError('ENOENT', file);
      if (stat.type === 'directory' && !moves && !options.has('r', 'R', 'a', 'recursive', 'archive'))
        throw new ToolError(
          isBusybox(context) ? `omitting directory '${file}'` : `-r not specified; omitting directory '${file}'`,
        );
      try {
        if (stat.type === 'directory' || stat.type === 'symlink') copyTree(context, from, to);
        else files.write(to, files.read(from), { mode: stat.mode });
        if (moves) files.remove(from, { recursive: true });
      } catch (error) {
        if (!(error instanceof FsError)) throw error;
        const reason =
          { ENOENT: 'No such file or directory', EROFS: 'Read-only file system', EACCES: 'Permission denied' }[
            error.code as string
          ] ?? error.code;
        throw new ToolError(
          isBusybox(context)
            ? `can't create '${into ? join(target, lastPart(from)) : target}': ${reason}`
            : `cannot create regular file '${into ? join(target, lastPart(from)) : target}': ${reason}`,
        );
      }
      return undefined;
    });
  };

const ln: Tool = (context) => {
  const options = parseOptions(context, 'sfnvT', ['symbolic', 'force', 'no-dereference']);
  const { files } = context.machine;
  const [target, link = '.'] = options.rest as [string, string?];
  let path = context.path(link);
  if (files.stat(path)?.type === 'directory') path = join(path, lastPart(target));
  try {
    if (files.stat(path) && options.has('f', 'force')) files.remove(path);
    if (options.has('s', 'symbolic')) files.symlink(target, path);
    else files.write(path, files.read(context.path(target)), { mode: files.stat(context.path(target))!.mode });
    return ok('');
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    const reason =
      error.code === 'EEXIST'
        ? 'File exists'
        : error.code === 'EROFS'
          ? 'Read-only file system'
          : 'No such file or directory';
    return fail(
      isBusybox(context) ? `ln: ${path}: ${reason}\n` : `ln: failed to create symbolic link '${link}': ${reason}\n`,
    );
  }
};

const touch: Tool = (context) => {
  const options = parseOptions(context, 'acmt:d:r:', ['date:', 'no-create', 'reference:']);
  if (options.rest.length === 0) return fail("touch: missing file operand\nTry 'touch --help' for more information.\n");
  const { files } = context.machine;
  const message = (file: string, reason: string) =>
    isBusybox(context) ? `${file}: ${reason}` : `cannot touch '${file}': ${reason}`;
  return forEachFile(options.rest, context, message, (file) => {
    const stat = files.stat(context.path(file));
    if (stat?.type === 'directory' || (!stat && options.has('c', 'no-create'))) return undefined;
    files.write(context.path(file), '', { append: true });
    return undefined;
  });
};

function newMode(text: string, old: number, directory: boolean): number {
  if (/^[0-7]+$/.test(text)) return Number.parseInt(text, 8);
  return text.split(',').reduce((mode, clause) => {
    const [, who = '', operator, letters = ''] = /^([ugoa]*)([-+=])([rwxXst]*)$/.exec(clause) ?? [];
    if (!operator) throw new ToolError(`invalid mode: '${text}'`);
    const bits = [...letters].reduce(
      (sum, letter) => sum | ({ r: 4, w: 2, x: 1, X: directory || mode & 0o111 ? 1 : 0 }[letter] ?? 0),
      0,
    );
    const groups = who === '' || who.includes('a') ? 'ugo' : who;
    const mask = [...groups].reduce((sum, group) => sum | (bits << { u: 6, g: 3, o: 0 }[group as 'u' | 'g' | 'o']), 0);
    const clear = [...groups].reduce((sum, group) => sum | (7 << { u: 6, g: 3, o: 0 }[group as 'u' | 'g' | 'o']), 0);
    return operator === '+' ? mode | mask : operator === '-' ? mode & ~mask : (mode & ~clear) | mask;
  }, old);
}

const chmod: Tool = (context) => {
  const args = context.argv.slice(1).filter((arg) => !/^-[Rvcf]+$/.test(arg));
  const recursive = context.argv.some((arg) => /^-[vcf]*R/.test(arg));
  const { files } = context.machine;
  const [mode, ...operands] = args as [string, ...string[]];
  const apply = (path: string): void => {
    const stat = followed(files, path);
    if (!stat) throw new FsError('ENOENT', path);
    files.chmod(path, newMode(mode, stat.mode, stat.type === 'directory'));
    if (recursive && stat.type === 'directory') for (const name of files.list(path)) apply(join(path, name));
  };
  const message = (file: string, reason: string) =>
    isBusybox(context) ? `${file}: ${reason}` : `cannot access '${file}': ${reason}`;
  return forEachFile(operands, context, message, (file) => {
    apply(context.path(file));
    return undefined;
  });
};

const chown: Tool = (context) => {
  const [, ...operands] = context.argv.slice(1).filter((arg) => !/^-[Rvcfh]+$/.test(arg));
  const message = (file: string, reason: string) =>
    isBusybox(context) ? `${file}: ${reason}` : `cannot access '${file}': ${reason}`;
  return forEachFile(operands, context, message, (file) => {
    if (!context.machine.files.stat(context.path(file))) throw new FsError('ENOENT', file);
    return undefined;
  });
};

const stat: Tool = (context) => {
  const options = parseOptions(context, 'c:Lft', ['format:', 'printf:']);
  const { files } = context.machine;
  const message = (file: string, reason: string) =>
    isBusybox(context) ? `can't stat '${file}': ${reason}` : `cannot statx '${file}': ${reason}`;
  return forEachFile(options.rest, context, message, (file) => {
    const found = options.has('L') ? followed(files, context.path(file)) : files.stat(context.path(file));
    if (!found) throw new FsError('ENOENT', file);
    const kind =
      found.type === 'file'
        ? found.size === 0
          ? 'regular empty file'
          : 'regular file'
        : found.type === 'directory'
          ? 'directory'
          : 'symbolic link';
    const octal = found.mode.toString(8);
    const time = `${new Date(found.mtime).toISOString().slice(0, 19).replace('T', ' ')}.000000000 +0000`;
    const format = options.value('c', 'format', 'printf');
    const values: Record<string, string> = {
      n: file,
      s: String(found.size),
      a: octal,
      A: modeText(found),
      F: kind,
      U: 'root',
      G: 'root',
      u: '0',
      g: '0',
      Y: String(Math.floor(found.mtime / 1000)),
      y: time,
      h: '1',
      i: String(inode(file)),
      N: found.target ? `'${file}' -> '${found.target}'` : `'${file}'`,
    };
    if (format)
      return `${format.replace(/%([a-zA-Z])/g, (whole, letter: string) => values[letter] ?? whole)}${options.has('printf') ? '' : '\n'}`;
    const shown = `${file}${found.target ? ` -> ${found.target}` : ''}`;
    return `  File: ${shown}\n  Size: ${String(found.size).padEnd(10)}\tBlocks: ${String(Math.ceil(found.size / 4096) * 8).padEnd(10)} IO Block: 4096   ${kind}\nDevice: 0,50\tInode: ${String(inode(file)).padEnd(11)} Links: 1\nAccess: (${octal.padStart(4, '0')}/${modeText(found)})  Uid: (    0/    root)   Gid: (    0/    root)\nAccess: ${time}\nModify: ${time}\nChange: ${time}\n${isBusybox(context) ? '' : ' Birth: -\n'}`;
  });
};

const readlink: Tool = (context) => {
  const options = parseOptions(context, 'fenm', ['canonicalize']);
  const { files } = context.machine;
  const [file = ''] = options.rest;
  const path = context.path(file);
  if (options.has('f', 'e', 'm', 'canonicalize') || context.argv[0] === 'realpath') {
    const real = realPath(context, path);
    if (!files.stat(real) && !options.has('m'))
      return context.argv[0] === 'realpath' ? fail(`realpath: ${file}: No such file or directory\n`) : fail('');
    return ok(`${real}\n`);
  }
  const found = files.stat(path);
  return found?.type === 'symlink' ? ok(`${found.target}${options.has('n') ? '' : '\n'}`) : fail('');
};

/** A path with every symbolic link in it followed. */
function realPath(context: ToolContext, path: string, depth = 0): string {
  let current = '';
  const parts = path.split('/').filter(Boolean);
  for (const [index, part] of parts.entries()) {
    current = `${current}/${part}`;
    const found = context.machine.files.stat(current);
    if (found?.type !== 'symlink' || depth > 40) continue;
    const target = found.target!.startsWith('/')
      ? found.target!
      : `${current.slice(0, current.lastIndexOf('/'))}/${found.target}`;
    const normal = new URL(`file://${[target, ...parts.slice(index + 1)].join('/')}`).pathname;
    return realPath(context, normal, depth + 1);
  }
  return current || '/';
}

function walk(
  context: ToolContext,
  path: string,
  visit: (path: string, stat: FileStat, depth: number) => boolean,
  depth = 0,
): void {
  const { files } = context.machine;
  const found = files.stat(context.path(path));
  if (!found) throw new FsError('ENOENT', path);
  if (!visit(path, found, depth) || found.type !== 'directory') return;
  for (const name of files.list(context.path(path))) {
    try {
      walk(context, join(path, name), visit, depth + 1);
    } catch (error) {
      if (!(error instanceof FsError)) throw error;
    }
  }
}

const du: Tool = (context) => {
  const options = parseOptions(context, 'shakcmd:x', ['summarize', 'human-readable', 'max-depth:']);
  const shown = (bytes: number) =>
    options.has('h', 'human-readable')
      ? bytes < 1024
        ? `${(bytes / 1024).toFixed(1)}K`.replace('0.0K', '0')
        : human(bytes)
      : String(Math.ceil(bytes / 1024));
  const operands = options.rest.length > 0 ? options.rest : ['.'];
  const limit = options.has('s', 'summarize') ? 0 : Number(options.value('d', 'max-depth') ?? 99);
  return forEachFile(
    operands,
    context,
    (file, reason) => (isBusybox(context) ? `${file}: ${reason}` : `cannot access '${file}': ${reason}`),
    (file) => {
      const lines: string[] = [];
      const measure = (path: string, depth: number): number => {
        const found = context.machine.files.stat(context.path(path));
        if (!found) throw new FsError('ENOENT', path);
        if (found.type !== 'directory') return Math.ceil(found.size / 4096) * 4096;
        const total = context.machine.files
          .list(context.path(path))
          .reduce((sum, name) => sum + measure(join(path, name), depth + 1), 4096);
        if (depth <= limit) lines.push(`${shown(total)}\t${path}`);
        return total;
      };
      const size = measure(file, 0);
      return lines.length > 0 ? unlines(lines) : `${shown(size)}\t${file}\n`;
    },
  );
};

/** `find`: tests and -exec; actions other than printing become a script. */
const find: Tool = (context) => {
  const args = context.argv.slice(1);
  const first = args.findIndex((arg) => /^[-!(]/.test(arg));
  const roots = first === 0 ? ['.'] : args.slice(0, first < 0 ? undefined : first);
  const expression = first < 0 ? [] : args.slice(first);
  if (roots.length === 0) roots.push('.');
  const { files } = context.machine;
  const found: string[] = [];
  const script: string[] = [];
  const batches = new Map<number, string[]>();
  let at = 0;
  let maxDepth = Number.POSITIVE_INFINITY;
  let minDepth = 0;
  type Test = (path: string, stat: FileStat, depth: number) => boolean;
  let acts = false;
  const compare = (text: string, value: number) =>
    text.startsWith('+')
      ? value > Number(text.slice(1))
      : text.startsWith('-')
        ? value < Number(text.slice(1))
        : value === Number(text);
  const now = context.machine.now();
  const quote = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
  const primary = (): Test => {
    const word = expression[at++];
    if (word === '!' || word === '-not') {
      const inner = primary();
      return (...given) => !inner(...given);
    }
    if (word === '(') {
      const inner = or();
      at++;
      return inner;
    }
    const value = () => expression[at++] ?? '';
    switch (word) {
      case '-name':
      case '-iname': {
        const pattern = value();
        const lower = word === '-iname';
        return (path) =>
          matches(
            lower ? pattern.toLowerCase() : pattern,
            lower ? lastPart(path).toLowerCase() : lastPart(path) || '/',
          );
      }
      case '-path':
      case '-wholename': {
        const pattern = value();
        return (path) => matches(pattern, path);
      }
      case '-type': {
        const type = { f: 'file', d: 'directory', l: 'symlink' }[value()];
        return (_, stat) => stat.type === type;
      }
      case '-maxdepth':
        maxDepth = Number(value());
        return () => true;
      case '-mindepth':
        minDepth = Number(value());
        return () => true;
      case '-empty':
        return (path, stat) =>
          stat.type === 'directory' ? files.list(context.path(path)).length === 0 : stat.size === 0;
      case '-size': {
        const text = value();
        const unit = { c: 1, k: 1024, M: 1048576, G: 1073741824 }[text.at(-1)!] ?? 512;
        return (_, stat) => compare(text.replace(/[a-zA-Z]$/, ''), Math.ceil(stat.size / unit));
      }
      case '-mtime':
      case '-mmin': {
        const text = value();
        const unit = word === '-mtime' ? 86_400_000 : 60_000;
        return (_, stat) => compare(text, Math.floor((now - stat.mtime) / unit));
      }
      case '-perm': {
        const text = value();
        return (_, stat) =>
          text.startsWith('-')
            ? (stat.mode & Number.parseInt(text.slice(1), 8)) === Number.parseInt(text.slice(1), 8)
            : (stat.mode & 0o7777) === Number.parseInt(text, 8);
      }
      case '-newer': {
        const other = files.stat(context.path(value()))?.mtime ?? 0;
        return (_, stat) => stat.mtime > other;
      }
      case '-print':
        acts = true;
        return (path) => {
          found.push(path);
          script.push(`printf '%s\\n' ${quote(path)}`);
          return true;
        };
      case '-print0':
        acts = true;
        return (path) => {
          found.push(`${path}\0`);
          return true;
        };
      case '-delete':
        acts = true;
        return (path) => {
          files.remove(context.path(path), { recursive: true });
          return true;
        };
      case '-exec': {
        acts = true;
        const end = expression.findIndex((arg, index) => index >= at && (arg === ';' || arg === '+'));
        const command = expression.slice(at, end);
        const batch = expression[end] === '+';
        const key = at;
        at = end + 1;
        return (path) => {
          if (batch)
            batches.set(key, [
              ...(batches.get(key) ?? [
                command
                  .filter((word) => word !== '{}')
                  .map(quote)
                  .join(' '),
              ]),
              quote(path),
            ]);
          else script.push(command.map((word) => quote(word.replaceAll('{}', path))).join(' '));
          return true;
        };
      }
      case '-prune':
        return () => true;
      default:
        throw new ToolError(isBusybox(context) ? `unrecognized: ${word}` : `unknown predicate \`${word}'`);
    }
  };
  const and = (): Test => {
    const tests = [primary()];
    while (at < expression.length && expression[at] !== ')' && expression[at] !== '-o' && expression[at] !== '-or') {
      if (expression[at] === '-a' || expression[at] === '-and') at++;
      tests.push(primary());
    }
    return (...given) => tests.every((test) => test(...given));
  };
  const or = (): Test => {
    const tests = [and()];
    while (expression[at] === '-o' || expression[at] === '-or') {
      at++;
      tests.push(and());
    }
    return (...given) => tests.some((test) => test(...given));
  };
  const test = expression.length > 0 ? or() : () => true;
  const result = forEachFile(
    roots,
    context,
    (file, reason) => (isBusybox(context) ? `${file}: ${reason}` : `'${file}': ${reason}`),
    (root) => {
      walk(context, root, (path, stat, depth) => {
        if (depth >= minDepth && test(path, stat, depth) && !acts) found.push(path);
        return depth < maxDepth;
      });
      return undefined;
    },
  );
  for (const batch of batches.values()) script.push(batch.join(' '));
  const runs = script.some((line) => !line.startsWith("printf '%s\\n'"));
  if (runs) return { ...result, run: ['sh', '-c', script.join('\n')] };
  return { ...result, stdout: found.map((path) => (path.endsWith('\0') ? path : `${path}\n`)).join('') };
};

const df: Tool = (context) => {
  const options = parseOptions(context, 'hkTiPa', ['human-readable']);
  const readable = options.has('h', 'human-readable');
  const rows: [string, number, number, string][] = [
    ['overlay', 264_212_084, 24_000_000, '/'],
    ['tmpfs', 65_536, 0, '/dev'],
    ['shm', 65_536, 0, '/dev/shm'],
  ];
  const shown = (kilobytes: number) =>
    readable ? (kilobytes === 0 ? '0' : human(kilobytes * 1024)) : String(kilobytes);
  const head = [
    'Filesystem',
    readable ? 'Size' : '1K-blocks',
    'Used',
    readable && !isBusybox(context) ? 'Avail' : 'Available',
    'Use%',
    'Mounted on',
  ];
  const [target] = options.rest;
  const listed = target ? rows.slice(0, 1) : rows;
  const table = listed.map(([name, size, used, mount]) => [
    name,
    shown(size),
    shown(used),
    shown(size - used),
    `${Math.ceil((used / size) * 100)}%`,
    mount,
  ]);
  if (isBusybox(context)) {
    return ok(
      unlines([
        `Filesystem           ${readable ? '     Size' : '1K-blocks'}      Used Available Use% Mounted on`,
        ...table.map(
          (row) =>
            `${row[0]!.padEnd(20)} ${row[1]!.padStart(9)} ${row[2]!.padStart(9)} ${row[3]!.padStart(9)} ${row[4]!.padStart(3)} ${row[5]}`,
        ),
      ]),
    );
  }
  const widths = head.map((text, index) => Math.max(text.length, ...table.map((row) => row[index]!.length)));
  return ok(
    unlines(
      [head, ...table].map((row) =>
        row
          .map((cell, index) =>
            index === 5 ? cell : index === 0 ? cell.padEnd(Math.max(widths[0]!, 14)) : cell.padStart(widths[index]!),
          )
          .join(' '),
      ),
    ),
  );
};

const mktemp: Tool = (context) => {
  const options = parseOptions(context, 'dup:qt', ['directory', 'tmpdir:']);
  const template = options.rest[0] ?? `${options.value('p', 'tmpdir') ?? '/tmp'}/tmp.XXXXXX`;
  let number = 0;
  for (;;) {
    const path = template.replace(/X{3,}$/, (marks) =>
      (2_176_782_336 * 36 + context.machine.now() * 7919 + number)
        .toString(36)
        .replace(/[aeiou]/g, 'K')
        .slice(-marks.length),
    );
    if (!context.machine.files.stat(context.path(path))) {
      if (options.has('d', 'directory')) context.machine.files.makeDir(context.path(path));
      else context.machine.files.write(context.path(path), '', { mode: 0o600 });
      return ok(`${path}\n`);
    }
    number++;
  }
};

const basename: Tool = ({ argv }) => {
  const args = argv.slice(1).filter((arg) => arg !== '-a');
  const suffix = args[0] === '-s' ? args.splice(0, 2)[1] : args[1];
  const name = lastPart(args[0] ?? '') || '/';
  return ok(`${suffix && name !== suffix && name.endsWith(suffix) ? name.slice(0, -suffix.length) : name}\n`);
};

const dirname: Tool = ({ argv }) =>
  ok(
    unlines(
      argv.slice(1).map((path) => {
        const trimmed = path.replace(/\/+$/, '');
        const at = trimmed.lastIndexOf('/');
        return at < 0 ? '.' : trimmed.slice(0, at) || '/';
      }),
    ),
  );

/** A tar file as text: what `kubectl cp` exchanges is made of it by the client's own code; here only names and plain contents count. */
const tar: Tool = (context): ToolResult => {
  const args = context.argv.slice(1);
  const letters = (args[0] ?? '').replace(/^-/, '');
  const { files } = context.machine;
  const value = (letter: string) => {
    const index = args.findIndex((arg) => arg === `-${letter}` || (arg === args[0] && letters.endsWith(letter)));
    return index < 0 ? undefined : args[index + 1];
  };
  const folder = context.path(value('C') ?? '.');
  const archive = value('f') ?? '-';
  const operands = args
    .slice(1)
    .filter((arg, index, all) => !arg.startsWith('-') && !/^-[Cf]$/.test(all[index - 1] ?? '') && arg !== archive);
  if (letters.includes('c')) {
    let stderr = '';
    let out = '';
    for (const operand of operands) {
      const path = operand.startsWith('/') ? operand : join(folder, operand);
      if (!files.stat(path)) {
        stderr += isBusybox(context)
          ? `tar: ${operand}: No such file or directory\n`
          : `tar: ${operand}: Cannot stat: No such file or directory\n`;
        continue;
      }
      if (operand.startsWith('/') && out === '' && !isBusybox(context))
        stderr += "tar: Removing leading `/' from member names\n";
      walk(
        { ...context, path: (name) => (name.startsWith('/') ? name : join(folder, name)) } as ToolContext,
        operand,
        (name, stat) => {
          out += tarEntry(
            name.replace(/^\/+/, ''),
            stat,
            stat.type === 'file' ? files.read(name.startsWith('/') ? name : join(folder, name)) : '',
          );
          return true;
        },
      );
    }
    out += '\0'.repeat(1024);
    const failed = /No such file/.test(stderr);
    if (failed)
      stderr += isBusybox(context)
        ? 'tar: error exit delayed from previous errors\n'
        : 'tar: Exiting with failure status due to previous errors\n';
    const code = failed ? (isBusybox(context) ? 1 : 2) : 0;
    if (archive === '-') return { stdout: out, stderr, code };
    files.write(context.path(archive), out);
    return { stdout: '', stderr, code };
  }
  const text = archive === '-' ? context.stdin : files.read(context.path(archive));
  let stdout = '';
  for (const entry of tarEntries(text)) {
    if (letters.includes('t') || letters.includes('v')) stdout += `${entry.name}\n`;
    if (!letters.includes('x')) continue;
    const path = join(folder, entry.name.replace(/\/$/, ''));
    const parts = path.split('/').filter(Boolean);
    parts.slice(0, entry.type === '5' ? undefined : -1).forEach((_, index) => {
      const dir = `/${parts.slice(0, index + 1).join('/')}`;
      if (!files.stat(dir)) files.makeDir(dir);
    });
    if (entry.type === '2') {
      if (files.stat(path)) files.remove(path);
      files.symlink(entry.target, path);
    } else if (entry.type !== '5') files.write(path, entry.text, { mode: entry.mode });
  }
  return ok(stdout);
};

/** A ustar header and content; the content's bytes are characters of Latin-1, as in a stream of bytes. */
function tarEntry(name: string, stat: FileStat, text: string): string {
  const bytes = Buffer.from(text, 'utf8').toString('latin1');
  const octal = (value: number, width: number) => `${value.toString(8).padStart(width - 1, '0')}\0`;
  const type = stat.type === 'directory' ? '5' : stat.type === 'symlink' ? '2' : '0';
  const shown = type === '5' ? `${name.replace(/\/$/, '')}/` : name;
  const fields = (checksum: string) =>
    shown.padEnd(100, '\0').slice(0, 100) +
    octal(stat.mode & 0o7777, 8) +
    octal(0, 8) +
    octal(0, 8) +
    octal(type === '0' ? bytes.length : 0, 12) +
    octal(Math.floor(stat.mtime / 1000), 12) +
    checksum +
    type +
    (stat.target ?? '').padEnd(100, '\0') +
    'ustar  \0' +
    'root'.padEnd(32, '\0') +
    'root'.padEnd(32, '\0');
  const sum = [...fields('        ')].reduce((total, char) => total + char.charCodeAt(0), 0);
  return (
    fields(`${sum.toString(8).padStart(6, '0')}\0 `).padEnd(512, '\0') +
    (type === '0' ? bytes.padEnd(Math.ceil(bytes.length / 512) * 512, '\0') : '')
  );
}

function* tarEntries(
  archive: string,
): Generator<{ name: string; mode: number; type: string; target: string; text: string }> {
  const field = (at: number, length: number) => archive.slice(at, at + length).replace(/\0[\s\S]*$/, '');
  for (let at = 0; at + 512 <= archive.length && archive[at] !== '\0'; ) {
    const size = Number.parseInt(field(at + 124, 12).trim() || '0', 8);
    const prefix = archive.slice(at + 257, at + 263) === 'ustar\0' ? field(at + 345, 155) : '';
    const content = archive.slice(at + 512, at + 512 + size);
    yield {
      name: prefix ? `${prefix}/${field(at, 100)}` : field(at, 100),
      mode: Number.parseInt(field(at + 100, 8).trim() || '644', 8),
      type: archive[at + 156] ?? '0',
      target: field(at + 157, 100),
      text: Buffer.from(content, 'latin1').toString('utf8'),
    };
    at += 512 + Math.ceil(size / 512) * 512;
  }
}

export const FILE_TOOLS: Record<string, Tool> = {
  ls,
  dir: ls,
  mkdir,
  rmdir,
  rm,
  unlink: rm,
  cp: transfer(false),
  mv: transfer(true),
  ln,
  touch,
  chmod,
  chown,
  chgrp: chown,
  stat,
  readlink,
  realpath: readlink,
  du,
  df,
  find,
  mktemp,
  basename,
  dirname,
  tar,
};
