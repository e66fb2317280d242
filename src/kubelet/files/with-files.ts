import { type FileStat, type FileSystem, FsError } from '../../sh/process.ts';

const parent = (path: string) => path.slice(0, path.lastIndexOf('/')) || '/';

/** Read-only files with a few more over them: what the runtime puts into every container. */
export class WithFiles implements FileSystem {
  constructor(
    private readonly lower: FileSystem,
    private readonly files: Record<string, string>,
  ) {}

  #names(directory: string): string[] {
    const prefix = directory === '/' ? '/' : `${directory}/`;
    return Object.keys(this.files)
      .filter((path) => path.startsWith(prefix))
      .map((path) => path.slice(prefix.length).split('/')[0]!);
  }

  stat(path: string): FileStat | undefined {
    const text = this.files[path];
    if (text !== undefined) return { type: 'file', size: Buffer.byteLength(text), mode: 0o644, mtime: 0 };
    const below = this.lower.stat(path);
    if (below) return below;
    return this.#names(path).length > 0 ? { type: 'directory', size: 4096, mode: 0o755, mtime: 0 } : undefined;
  }

  read(path: string): string {
    return this.files[path] ?? this.lower.read(path);
  }

  list(path: string): string[] {
    const below = this.lower.stat(path) ? this.lower.list(path) : [];
    const names = [...new Set([...below, ...this.#names(path)])].sort();
    if (names.length === 0 && !this.stat(path)) throw new FsError('ENOENT', path);
    return names;
  }

  write(path: string): void {
    throw new FsError('EROFS', path);
  }

  makeDir(path: string): void {
    throw new FsError('EROFS', path);
  }

  remove(path: string): void {
    throw new FsError('EROFS', path);
  }

  symlink(_target: string, path: string): void {
    throw new FsError('EROFS', path);
  }

  chmod(path: string): void {
    throw new FsError('EROFS', parent(path));
  }
}
