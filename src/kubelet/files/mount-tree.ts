import { type FileStat, type FileSystem, FsError, type Owner, type WriteOptions } from '../../sh/process.ts';

export interface Mount {
  /** Absolute, without a trailing slash. */
  path: string;
  files: FileSystem;
  /** The path within `files` that appears at `path`; a file's own path mounts that file. */
  root: string;
  readOnly: boolean;
}

/** Who looks: a user by number, and all the groups that it is in, its own first. */
export interface Credentials {
  uid: number;
  gids: number[];
}

const READ = 4;
const WRITE = 2;
const SEARCH = 1;
const STICKY = 0o1000;

/** Whether somebody may do all of `wanted` (bits of READ, WRITE, SEARCH); root may everything. */
function mayDo({ uid, gids }: Credentials, stat: FileStat, wanted: number): boolean {
  if (uid === 0) return true;
  const shift = (stat.uid ?? 0) === uid ? 6 : gids.includes(stat.gid ?? 0) ? 3 : 0;
  return ((stat.mode >> shift) & wanted) === wanted;
}

const ROOT: Credentials = { uid: 0, gids: [0] };

const MAX_LINKS = 40;
const join = (dir: string, name: string) => (dir === '/' ? `/${name}` : `${dir}/${name}`);

/** Every folder of a path that is not there yet. */
function makeFolders(files: FileSystem, path: string): void {
  if (path === '' || files.stat(path)) return;
  makeFolders(files, path.slice(0, path.lastIndexOf('/')));
  files.makeDir(path);
}

/** A container's whole file system: its root and what is mounted into it, with symbolic links followed across both. */
export class MountTree implements FileSystem {
  readonly #mounts: Mount[];

  constructor(
    root: FileSystem,
    mounts: Mount[],
    readOnlyRoot = false,
    private readonly who: Credentials = ROOT,
  ) {
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
      // Below what is not there is nothing to look for.
      if (!stat && !rest.includes('..')) return [next, ...rest].join('/');
      if (stat?.type === 'symlink' && (rest.length > 0 || follow)) {
        if (++links > MAX_LINKS) throw new FsError('ENOENT', path);
        const target = stat.target!;
        if (target.startsWith('/')) current = '/';
        rest = [...target.split('/').filter((part) => part !== '' && part !== '.'), ...rest];
        continue;
      }
      if (rest.length > 0 && stat && stat.type !== 'directory') throw new FsError('ENOTDIR', path);
      if (rest.length > 0 && stat && !mayDo(this.who, stat, SEARCH)) throw new FsError('EACCES', path);
      current = next;
    }
    return current;
  }

  /** The file behind a path that is to be changed: itself if it is there and may be, or its place in a folder. */
  #writable(path: string, change: 'text' | 'entry' | 'mode', follow = true): { files: FileSystem; inner: string } {
    const real = this.#resolve(path, follow);
    const { mount, inner } = this.#at(real);
    if (mount.readOnly) throw new FsError('EROFS', path);
    if (this.who.uid !== 0) this.#check(real, change);
    // A folder that is only there for what is mounted below it becomes one of its file system's own.
    if (change !== 'mode' && this.#leadsToMount(real.slice(0, real.lastIndexOf('/')) || '/'))
      makeFolders(mount.files, inner.slice(0, inner.lastIndexOf('/')));
    return { files: mount.files, inner };
  }

  #check(path: string, change: 'text' | 'entry' | 'mode'): void {
    const stat = this.#lstat(path);
    if (change === 'mode') {
      if (stat && (stat.uid ?? 0) !== this.who.uid) throw new FsError('EPERM', path);
      return;
    }
    if (change === 'text' && stat) {
      if (!mayDo(this.who, stat, WRITE)) throw new FsError('EACCES', path);
      return;
    }
    const folder = this.#lstat(path.slice(0, path.lastIndexOf('/')) || '/');
    if (!folder) return;
    if (!mayDo(this.who, folder, WRITE | SEARCH)) throw new FsError('EACCES', path);
    const owners = [stat?.uid ?? 0, folder.uid ?? 0];
    if (stat && (folder.mode & STICKY) !== 0 && !owners.includes(this.who.uid)) throw new FsError('EPERM', path);
  }

  get #owner(): Owner {
    return { uid: this.who.uid, gid: this.who.gids[0] ?? 0 };
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
      const real = this.#resolve(path, true);
      const { mount, inner } = this.#at(real);
      if (this.who.uid !== 0) this.#mayRead(real);
      return mount.files.read(inner);
    });
  }

  #mayRead(real: string): void {
    const stat = this.#lstat(real);
    if (stat && !mayDo(this.who, stat, READ)) throw new FsError('EACCES', real);
  }

  write(path: string, text: string, options?: WriteOptions): void {
    this.#named(path, () => {
      const { files, inner } = this.#writable(path, 'text');
      files.write(inner, text, { owner: this.#owner, ...options });
    });
  }

  list(path: string): string[] {
    return this.#named(path, () => {
      const real = this.#resolve(path, true);
      const { mount, inner } = this.#at(real);
      if (this.who.uid !== 0) this.#mayRead(real);
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
      const { files, inner } = this.#writable(path, 'entry');
      files.makeDir(inner, this.#owner);
    });
  }

  remove(path: string, options?: { recursive?: boolean }): void {
    this.#named(path, () => {
      const { files, inner } = this.#writable(path, 'entry', false);
      files.remove(inner, options);
    });
  }

  symlink(target: string, path: string): void {
    this.#named(path, () => {
      const { files, inner } = this.#writable(path, 'entry', false);
      files.symlink(target, inner, this.#owner);
    });
  }

  chmod(path: string, mode: number): void {
    this.#named(path, () => {
      const { files, inner } = this.#writable(path, 'mode');
      files.chmod(inner, mode);
    });
  }

  chown(path: string, owner: Partial<Owner>): void {
    this.#named(path, () => {
      const { files, inner } = this.#writable(path, 'mode');
      const { gid } = owner;
      const given = owner.uid !== undefined && owner.uid !== this.who.uid;
      if (this.who.uid !== 0 && (given || (gid !== undefined && !this.who.gids.includes(gid))))
        throw new FsError('EPERM', path);
      files.chown?.(inner, owner);
    });
  }
}
