import { BINARY_MARK } from '../../evaluator/commands.ts';
import type { FileSystem } from '../../process.ts';
import type { Package } from './catalogue.ts';

const folderOf = (path: string) => path.slice(0, path.lastIndexOf('/')) || '/';

/** Makes a folder with those above it. */
export function makeFolders(files: FileSystem, path: string): void {
  if (path === '/' || files.stat(path)) return;
  makeFolders(files, folderOf(path));
  files.makeDir(path);
}

/** What a manager of packages keeps: one file for each package, `NAME VERSION` in the first line and its programs below. */
export class Installed {
  constructor(
    private readonly files: FileSystem,
    private readonly folder: string,
  ) {}

  names(): string[] {
    return this.files.stat(this.folder) ? this.files.list(this.folder).sort() : [];
  }

  version(name: string): string | undefined {
    return this.names().includes(name) ? this.#lines(name)[0] : undefined;
  }

  /** Throws FsError where the file system cannot be written. */
  add({ name, version, programs }: Package): void {
    makeFolders(this.files, this.folder);
    this.files.write(`${this.folder}/${name}`, [version, ...programs, ''].join('\n'));
    for (const path of programs) {
      makeFolders(this.files, folderOf(path));
      this.files.write(path, `${BINARY_MARK}${path.split('/').at(-1)}`, { mode: 0o755 });
    }
  }

  remove(name: string): void {
    for (const path of this.#lines(name).slice(1)) if (path && this.files.stat(path)) this.files.remove(path);
    this.files.remove(`${this.folder}/${name}`);
  }

  #lines(name: string): string[] {
    return this.files.read(`${this.folder}/${name}`).split('\n');
  }
}
