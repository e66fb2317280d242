import { BINARY_MARK } from '../evaluator/commands.ts';
import { type FileStat, FsError } from '../process.ts';
import { ReadOnlyFiles } from '../read-only-files.ts';

/** When an image's files were made, unless it says so: all the same. */
const BUILT = Date.UTC(2025, 7, 13, 16, 0, 0);

/** Folders that every image has, the last with the sticky bit. */
const FOLDERS: Record<string, number> = {
  '/': 0o755,
  '/bin': 0o755,
  '/etc': 0o755,
  '/dev': 0o755,
  '/proc': 0o555,
  '/sys': 0o555,
  '/tmp': 0o1777,
  '/root': 0o700,
  '/var': 0o755,
  '/run': 0o755,
};

/** Where databases keep their data, whoever they run as. */
const DATA_FOLDERS: Record<string, number> = {
  '/data': 0o777,
  '/data/db': 0o777,
  '/var/lib/mysql': 0o1777,
  '/var/lib/postgresql': 0o1777,
  '/var/lib/postgresql/data': 0o1777,
};

/** What the kernel shows in every container. */
const PROC: Record<string, string> = {
  '/proc/loadavg': '0.10 0.12 0.09 1/412 12\n',
  '/proc/uptime': '94454.21 187302.55\n',
};

/** The files of an image, read only: texts and programs by path, folders as they follow from them. */
export class ImageFiles extends ReadOnlyFiles {
  readonly #folders = new Map<string, Set<string>>();
  private readonly texts: Record<string, string>;

  constructor(own: Record<string, string>, programs: string[]) {
    super();
    const texts = { ...PROC, ...own };
    this.texts = texts;
    for (const path of programs) this.texts[path] ??= `${BINARY_MARK}${path.split('/').at(-1)}`;
    for (const folder of Object.keys(FOLDERS)) this.#addFolder(folder);
    for (const path of Object.keys(texts)) {
      // A path that ends with a slash is an empty folder.
      if (path.endsWith('/')) this.#addFolder(path.slice(0, -1));
      else {
        const parent = path.slice(0, path.lastIndexOf('/')) || '/';
        this.#addFolder(parent);
        this.#folders.get(parent)!.add(path.slice(path.lastIndexOf('/') + 1));
      }
    }
  }

  #addFolder(path: string): void {
    if (this.#folders.has(path)) return;
    this.#folders.set(path, new Set());
    if (path === '/') return;
    const parent = path.slice(0, path.lastIndexOf('/')) || '/';
    this.#addFolder(parent);
    this.#folders.get(parent)!.add(path.slice(path.lastIndexOf('/') + 1));
  }

  stat(path: string): FileStat | undefined {
    if (this.#folders.has(path))
      return { type: 'directory', size: 4096, mode: FOLDERS[path] ?? DATA_FOLDERS[path] ?? 0o755, mtime: BUILT };
    const text = this.texts[path];
    if (text === undefined) return undefined;
    if (text.startsWith('-> '))
      return { type: 'symlink', size: text.length - 3, mode: 0o777, mtime: BUILT, target: text.slice(3) };
    const program = text.startsWith(BINARY_MARK) || text.startsWith('#!');
    return {
      type: 'file',
      size: text.startsWith(BINARY_MARK) ? 35_000 + text.length * 64 : Buffer.byteLength(text),
      mode: program ? 0o755 : 0o644,
      mtime: BUILT,
    };
  }

  read(path: string): string {
    const text = this.texts[path];
    if (text !== undefined) return text;
    throw new FsError(this.#folders.has(path) ? 'EISDIR' : 'ENOENT', path);
  }

  list(path: string): string[] {
    const names = this.#folders.get(path);
    if (!names) throw new FsError(this.texts[path] === undefined ? 'ENOENT' : 'ENOTDIR', path);
    return [...names].sort();
  }
}
