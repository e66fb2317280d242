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
  '/media',
  '/mnt',
  '/opt',
  '/proc',
  '/root',
  '/run',
  '/sbin',
  '/srv',
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
  if (/^\/(usr\/(local\/)?s?bin|opt\/cni\/bin)\//.test(path)) return 0o755;
  return (path.startsWith('/etc/kubernetes') && !path.endsWith('.crt')) || /\.(key|pem)$/.test(path) ? 0o600 : 0o644;
}

const isWithin = (path: string, folder: string): boolean =>
  folder === '/' || path === folder || path.startsWith(`${folder}/`);

/** Folders, and the files in them: all that is there below the nearest of them, and nothing else. */
export interface FileSource {
  folders: string[];
  files(): FileTable;
}

/** The table of one source, made when first somebody looks there. */
class SourceTree {
  readonly table: FileTable;
  readonly children = new Map<string, Set<string>>();

  constructor({ files }: FileSource) {
    this.table = files();
    for (const path of Object.keys(this.table)) addToParents(this.children, path);
  }
}

function addToParents(children: Map<string, Set<string>>, path: string): void {
  for (let at = path; at !== '/'; ) {
    const cut = at.lastIndexOf('/');
    const parent = at.slice(0, cut) || '/';
    const names = children.get(parent);
    if (names?.has(at.slice(cut + 1))) return;
    if (names) names.add(at.slice(cut + 1));
    else children.set(parent, new Set([at.slice(cut + 1)]));
    at = parent;
  }
}

/** A read-only tree over files that are made when they are read. */
export class RenderedFiles extends ReadOnlyFiles {
  private readonly folders: { folder: string; source: FileSource }[];
  private readonly trees = new Map<FileSource, SourceTree>();

  constructor(
    sources: FileSource[],
    private readonly mtime: number,
  ) {
    super();
    this.folders = sources.flatMap((source) => source.folders.map((folder) => ({ folder, source })));
  }

  private tree(source: FileSource): SourceTree {
    let tree = this.trees.get(source);
    if (!tree) {
      tree = new SourceTree(source);
      this.trees.set(source, tree);
    }
    return tree;
  }

  /** Who knows what is at a path. */
  private treesAt(path: string): SourceTree[] {
    let nearest = '';
    for (const { folder } of this.folders)
      if (folder.length > nearest.length && isWithin(path, folder)) nearest = folder;
    return this.folders.filter(({ folder }) => folder === nearest).map(({ source }) => this.tree(source));
  }

  private isFolder(path: string): boolean {
    if (FOLDERS.includes(path) || this.folders.some(({ folder }) => isWithin(folder, path))) return true;
    return this.treesAt(path).some(({ children }) => children.has(path));
  }

  private text(path: string): string | undefined {
    for (const { table } of this.treesAt(path)) if (Object.hasOwn(table, path)) return table[path]!();
    return undefined;
  }

  stat(path: string): FileStat | undefined {
    if (this.isFolder(path)) return { type: 'directory', size: 4096, mode: 0o755, mtime: this.mtime };
    const text = this.text(path);
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
    if (this.isFolder(path)) throw new FsError('EISDIR', path);
    const text = this.text(path);
    if (text === undefined) throw new FsError('ENOENT', path);
    return text;
  }

  list(path: string): string[] {
    if (!this.isFolder(path)) throw new FsError(this.text(path) === undefined ? 'ENOENT' : 'ENOTDIR', path);
    const children = new Map<string, Set<string>>();
    for (const folder of [...FOLDERS, ...this.folders.map((one) => one.folder)]) addToParents(children, folder);
    const names = new Set(children.get(path));
    for (const tree of this.treesAt(path)) for (const name of tree.children.get(path) ?? []) names.add(name);
    return [...names].sort();
  }
}
