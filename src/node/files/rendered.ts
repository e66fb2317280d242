import { type FileStat, FsError } from '../../sh/process.ts';
import { ReadOnlyFiles } from '../../sh/read-only-files.ts';
import type { FileTable } from './index.ts';

const LINK = '->';
const FOLDERS = [
  '/bin',
  '/boot',
  '/dev',
  '/etc',
  '/home',
  '/opt',
  '/proc',
  '/root',
  '/run',
  '/sbin',
  '/sys',
  '/tmp',
  '/usr',
  '/usr/bin',
  '/usr/lib',
  '/usr/local/bin',
  '/var',
  '/var/lib',
  '/var/log',
  '/var/tmp',
];

/** Programs run, keys and kubeconfigs are root's alone. */
function modeOf(path: string): number {
  if (/^\/usr\/(local\/)?s?bin\//.test(path)) return 0o755;
  return (path.startsWith('/etc/kubernetes') && !path.endsWith('.crt')) || /\.(key|pem)$/.test(path) ? 0o600 : 0o644;
}

/** A read-only tree over a table of files that are made when they are read. */
export class RenderedFiles extends ReadOnlyFiles {
  private readonly children = new Map<string, Set<string>>();

  constructor(
    private readonly table: FileTable,
    private readonly mtime: number,
  ) {
    super();
    for (const path of [...FOLDERS, ...Object.keys(table)]) this.addToParents(path);
    for (const folder of FOLDERS) if (!this.children.has(folder)) this.children.set(folder, new Set());
  }

  private addToParents(path: string): void {
    for (let at = path; at !== '/'; ) {
      const cut = at.lastIndexOf('/');
      const parent = at.slice(0, cut) || '/';
      const names = this.children.get(parent) ?? new Set();
      names.add(at.slice(cut + 1));
      this.children.set(parent, names);
      at = parent;
    }
  }

  stat(path: string): FileStat | undefined {
    if (this.children.has(path)) return { type: 'directory', size: 4096, mode: 0o755, mtime: this.mtime };
    const text = this.table[path]?.();
    if (text === undefined) return undefined;
    if (text.startsWith(LINK))
      return { type: 'symlink', size: text.length - 2, mode: 0o777, mtime: this.mtime, target: text.slice(2) };
    return {
      type: 'file',
      size: Buffer.byteLength(text),
      mode: modeOf(path),
      mtime: this.mtime,
    };
  }

  read(path: string): string {
    if (this.children.has(path)) throw new FsError('EISDIR', path);
    const text = this.table[path]?.();
    if (text === undefined) throw new FsError('ENOENT', path);
    return text;
  }

  list(path: string): string[] {
    const names = this.children.get(path);
    if (!names) throw new FsError(this.table[path] ? 'ENOTDIR' : 'ENOENT', path);
    return [...names].sort();
  }
}
