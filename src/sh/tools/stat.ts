import { followed } from '../evaluator/condition.ts';
import { FsError } from '../process.ts';
import { ownersOf, readOr } from './accounts.ts';
import { busyboxHuman, human, inode, modeText } from './ls.ts';
import { join } from './paths.ts';
import { forEachFile, isBusybox, ok, parseOptions, type Tool, type ToolContext, unlines } from './tool.ts';

export const stat: Tool = (context) => {
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
    const owners = ownersOf(context, found);
    const format = options.value('c', 'format', 'printf');
    const values: Record<string, string> = {
      n: file,
      s: String(found.size),
      a: octal,
      A: modeText(found),
      F: kind,
      U: owners.user ?? 'UNKNOWN',
      G: owners.group ?? 'UNKNOWN',
      u: owners.uid,
      g: owners.gid,
      Y: String(Math.floor(found.mtime / 1000)),
      y: time,
      h: '1',
      i: String(inode(file)),
      N: found.target ? `'${file}' -> '${found.target}'` : `'${file}'`,
    };
    if (format)
      return `${format.replace(/%([a-zA-Z])/g, (whole, letter: string) => values[letter] ?? whole)}${options.has('printf') ? '' : '\n'}`;
    const shown = `${file}${found.target ? ` -> ${found.target}` : ''}`;
    return `  File: ${shown}\n  Size: ${String(found.size).padEnd(10)}\tBlocks: ${String(Math.ceil(found.size / 4096) * 8).padEnd(10)} IO Block: 4096   ${kind}\nDevice: 0,50\tInode: ${String(inode(file)).padEnd(11)} Links: 1\nAccess: (${octal.padStart(4, '0')}/${modeText(found)})  Uid: (${owners.uid.padStart(5)}/${(owners.user ?? 'UNKNOWN').padStart(8)})   Gid: (${owners.gid.padStart(5)}/${(owners.group ?? 'UNKNOWN').padStart(8)})\nAccess: ${time}\nModify: ${time}\nChange: ${time}\n${isBusybox(context) ? '' : ' Birth: -\n'}`;
  });
};

export const du: Tool = (context) => {
  const options = parseOptions(context, 'shakcmd:x', ['summarize', 'human-readable', 'max-depth:']);
  const shown = (bytes: number) =>
    options.has('h', 'human-readable')
      ? bytes < 1024
        ? `${(bytes / 1024).toFixed(1)}K`.replace('0.0K', '0')
        : (isBusybox(context) ? busyboxHuman : human)(bytes)
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

/** Kilobytes of a machine's disk, all and used. */
const DISK = [264_212_084, 24_000_000] as const;

/** What is mounted and has a size: device, kilobytes, those in use, place. */
function fileSystems(context: ToolContext): [string, number, number, string][] {
  const rows = readOr(context, '/proc/mounts')
    .split('\n')
    .flatMap((line): [string, number, number, string][] => {
      const [device = '', place = '', kind, options = ''] = line.split(' ');
      const size = /size=(\d+)k/.exec(options)?.[1];
      if (kind === 'tmpfs' && size) return [[device, Number(size), 0, place]];
      return kind === 'overlay' || kind === 'ext4' ? [[device, ...DISK, place]] : [];
    });
  return rows.length > 0 ? rows : [['overlay', ...DISK, '/']];
}

export const df: Tool = (context) => {
  const options = parseOptions(context, 'hkTiPa', ['human-readable']);
  const readable = options.has('h', 'human-readable');
  const rows = fileSystems(context);
  const scaled = isBusybox(context) ? busyboxHuman : human;
  const shown = (kilobytes: number) =>
    readable ? (kilobytes === 0 ? '0' : scaled(kilobytes * 1024)) : String(kilobytes);
  const head = [
    'Filesystem',
    readable ? 'Size' : '1K-blocks',
    'Used',
    readable && !isBusybox(context) ? 'Avail' : 'Available',
    'Use%',
    'Mounted on',
  ];
  const targets = options.rest.map((file) => context.path(file));
  const holds = (mount: string, path: string) => mount === '/' || path === mount || path.startsWith(`${mount}/`);
  const devices = new Set<string>();
  const listed =
    targets.length > 0
      ? targets.map((path) => rows.filter((row) => holds(row[3], path)).sort((a, b) => b[3].length - a[3].length)[0]!)
      : rows.filter(
          ([name]) => isBusybox(context) || !name.startsWith('/dev/') || (!devices.has(name) && devices.add(name)),
        );
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
  // What df of coreutils leaves at least: 14 for the name, 5 for a size.
  const least = (index: number) => (index === 0 ? 14 : readable && index < 4 ? 5 : 0);
  const widths = head.map((text, index) =>
    Math.max(least(index), text.length, ...table.map((row) => row[index]!.length)),
  );
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
