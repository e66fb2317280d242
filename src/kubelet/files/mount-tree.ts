import { type FileStat, type FileSystem, FsError } from '../../sh/process.ts';

export interface Mount {
  /** Absolute, without a trailing slash. */
  path: string;
  files: FileSystem;
  /** The path within `files` that appears at `path`; a file's own path mounts that file. */
  root: string;
  readOnly: boolean;
}

const MAX_LINKS = 40;
const join = (dir: string, name: string) => (dir === '/' ? `/${name}` : `${dir}/${name}`);

/** A container's whole file system: its root and what is mounted into it, with symbolic links followed across both. */
export class MountTree implements FileSystem {
  readonly #mounts: Mount[];

  constructor(root: FileSystem, mounts: Mount[], readOnlyRoot = false) {
    this.#mounts = [{ path: '/', files: root, root: '/', readOnly: readOnlyRoot }, ...mounts].sort(
      (a, b) => b.path.length - a.path.length,
    );
  }

  #at(path: string): { mount: Mount; inner: string } {
    const mount = this.#mounts.find((m) => m.path === '/' || path === m.path || path.startsWith(`${m.path}/`))!;
    const rest = mount.path === '/' ? path : path.slice(mount.path.length);
    const inner = mount.root === '/' ? rest || '/' : `${mount.root}${rest === '/' ? '' : rest}`;
    return { mount, inner };
  }

  /** Whether something is mounted at or below `path`, so that it must be a directory. */
  #leadsToMount(path: string): boolean {
    return this.#mounts.some((m) => m.path.startsWith(path === '/' ? '/' : `${path}/`));
  }

  #lstat(path: string): FileStat | undefined {
    const { mount, inner } = this.#at(path);
    const stat = mount.files.stat(inner);
    return stat ?? (this.#leadsToMount(path) ? { type: 'directory', size: 4096, mode: 0o755, mtime: 0 } : undefined);
  }

  /** The real path: links in directories are followed always, one at the end if `follow`. */
  #resolve(path: string, follow: boolean): string {
    let rest = path.split('/').filter((part) => part !== '' && part !== '.');
    let current = '/';
    let links = 0;
    while (rest.length > 0) {
      const [name, ...more] = rest as [string, ...string[]];
      rest = more;
      if (name === '..') {
        current = current.slice(0, current.lastIndexOf('/')) || '/';
        continue;
      }
      const next = join(current, name);
      const stat = this.#lstat(next);
      if (stat?.type === 'symlink' && (rest.length > 0 || follow)) {
        if (++links > MAX_LINKS) throw new FsError('ENOENT', path);
        const target = stat.target!;
        if (target.startsWith('/')) current = '/';
        rest = [...target.split('/').filter((part) => part !== '' && part !== '.'), ...rest];
        continue;
      }
      if (rest.length > 0 && stat && stat.type !== 'directory') throw new FsError('ENOTDIR', path);
      current = next;
    }
    return current;
  }

  #writable(path: string, follow = true): { files: FileSystem; inner: string } {
    const { mount, inner } = this.#at(this.#resolve(path, follow));
    if (mount.readOnly) throw new FsError('EROFS', path);
    return { files: mount.files, inner };
  }

  /** Does `work` and names the path in its failure as the caller knows it. */
  #named<T>(path: string, work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw error instanceof FsError ? new FsError(error.code, path) : error;
    }
  }

  stat(path: string): FileStat | undefined {
    try {
      return this.#lstat(this.#resolve(path, false));
    } catch {
      return undefined;
    }
  }

  read(path: string): string {
    return this.#named(path, () => {
      const { mount, inner } = this.#at(this.#resolve(path, true));
      return mount.files.read(inner);
    });
  }

  write(path: string, text: string, options?: { append?: boolean; mode?: number }): void {
    this.#named(path, () => {
      const { files, inner } = this.#writable(path);
      files.write(inner, text, options);
    });
  }

  list(path: string): string[] {
    return this.#named(path, () => {
      const real = this.#resolve(path, true);
      const { mount, inner } = this.#at(real);
      const names = new Set(mount.files.stat(inner) ? mount.files.list(inner) : []);
      const prefix = real === '/' ? '/' : `${real}/`;
      for (const { path: mounted } of this.#mounts) {
        if (mounted !== '/' && mounted.startsWith(prefix)) names.add(mounted.slice(prefix.length).split('/')[0]!);
      }
      if (names.size === 0 && !this.#lstat(real)) throw new FsError('ENOENT', path);
      return [...names].sort();
    });
  }

  makeDir(path: string): void {
    this.#named(path, () => {
      if (this.#lstat(this.#resolve(path, true))) throw new FsError('EEXIST', path);
      const { files, inner } = this.#writable(path);
      files.makeDir(inner);
    });
  }

  remove(path: string, options?: { recursive?: boolean }): void {
    this.#named(path, () => {
      const { files, inner } = this.#writable(path, false);
      files.remove(inner, options);
    });
  }

  symlink(target: string, path: string): void {
    this.#named(path, () => {
      const { files, inner } = this.#writable(path, false);
      files.symlink(target, inner);
    });
  }

  chmod(path: string, mode: number): void {
    this.#named(path, () => {
      const { files, inner } = this.#writable(path);
      files.chmod(inner, mode);
    });
  }
}
