import { type FileStat, type FileSystem, FsError } from './process.ts';

/** Files that can be read and not changed: every change is refused as on a read-only mount. */
export abstract class ReadOnlyFiles implements FileSystem {
  abstract stat(path: string): FileStat | undefined;
  abstract read(path: string): string;
  abstract list(path: string): string[];

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
    throw new FsError('EROFS', path);
  }
}
