import { type FileStat, type FileSystem, FsError, type Owner } from '../../sh/process.ts';
import { ReadOnlyFiles } from '../../sh/read-only-files.ts';

/** Texts by path; a function's is made when somebody reads it. */
export type FileTexts = Record<string, string | (() => string)>;

/** Every folder that a file is in: `/a/b/c` is in `/a/b`, `/a` and `/`. */
function foldersOf(path: string): string[] {
  const folders = ['/'];
  for (let at = path.indexOf('/', 1); at > 0; at = path.indexOf('/', at + 1)) folders.push(path.slice(0, at));
  return folders;
}

/** Read-only files with a few more over them: what the runtime puts into every container. */
export class WithFiles extends ReadOnlyFiles {
  /** The folders that the files make, by all their paths. */
  #folders: Set<string> | undefined;

  constructor(
    private readonly lower: FileSystem,
    private readonly files: FileTexts,
    /** What is said of some paths besides: modes and owners. */
    private readonly said: Record<string, Partial<Owner> & { mode?: number }> = {},
  ) {
    super();
  }

  #names(directory: string): string[] {
    const prefix = directory === '/' ? '/' : `${directory}/`;
    return Object.keys(this.files)
      .filter((path) => path.startsWith(prefix))
      .map((path) => path.slice(prefix.length).split('/')[0]!);
  }

  #isFolder(path: string): boolean {
    this.#folders ??= new Set(Object.keys(this.files).flatMap(foldersOf));
    return this.#folders.has(path);
  }

  #text(path: string): string | undefined {
    const text = this.files[path];
    return typeof text === 'function' ? text() : text;
  }

  stat(path: string): FileStat | undefined {
    const text = this.#text(path);
    if (text !== undefined)
      return { type: 'file', size: Buffer.byteLength(text), mode: 0o644, mtime: 0, ...this.said[path] };
    const below = this.lower.stat(path);
    if (below) return { ...below, ...this.said[path] };
    return this.#isFolder(path) ? { type: 'directory', size: 4096, mode: 0o755, mtime: 0 } : undefined;
  }

  read(path: string): string {
    return this.#text(path) ?? this.lower.read(path);
  }

  list(path: string): string[] {
    const below = this.lower.stat(path) ? this.lower.list(path) : [];
    const names = [...new Set([...below, ...this.#names(path)])].sort();
    if (names.length === 0 && !this.stat(path)) throw new FsError('ENOENT', path);
    return names;
  }
}
