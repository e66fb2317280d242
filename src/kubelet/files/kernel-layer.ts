import type { FileStat, FileSystem } from '../../sh/process.ts';
import { ReadOnlyFiles } from '../../sh/read-only-files.ts';
import { type FileTexts, WithFiles } from './with-files.ts';

/** Where the kernel's own files are. */
const KERNEL = /^\/(?:(?:proc|sys)(?:\/|$)|$)/;

/** Files with the kernel's over them, which are made when somebody looks for one: most programs never do. */
export class KernelLayer extends ReadOnlyFiles {
  #whole: FileSystem | undefined;

  constructor(
    private readonly lower: FileSystem,
    private readonly texts: () => FileTexts,
  ) {
    super();
  }

  #at(path: string): FileSystem {
    if (!KERNEL.test(path)) return this.lower;
    this.#whole ??= new WithFiles(this.lower, this.texts());
    return this.#whole;
  }

  stat(path: string): FileStat | undefined {
    return this.#at(path).stat(path);
  }

  read(path: string): string {
    return this.#at(path).read(path);
  }

  list(path: string): string[] {
    return this.#at(path).list(path);
  }
}
