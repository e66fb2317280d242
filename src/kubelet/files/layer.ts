import { type FileStat, type FileSystem, FsError, type Owner, type WriteOptions } from '../../sh/process.ts';
import type { Section } from '../../store/section.ts';

/** One file of a layer as the state keeps it. */
export interface LayerEntry {
  type: 'file' | 'directory' | 'symlink' | 'gone';
  mode: number;
  mtime: number;
  text?: string;
  target?: string;
  /** Bytes, where only the beginning is kept. */
  size?: number;
  /** Root's unless given. */
  uid?: number;
  gid?: number;
}

const SETGID = 0o2000;

const parent = (path: string) => path.slice(0, path.lastIndexOf('/')) || '/';

/**
 * A writable layer over files that may not be written: a container's own layer over its image, or a volume over nothing.
 * Paths are absolute and free of `.`, `..` and symbolic links: `MountTree` resolves them.
 */
export class LayerFiles implements FileSystem {
  constructor(
    private readonly section: Section<LayerEntry>,
    private readonly layer: string,
    private readonly now: () => number,
    private readonly lower?: FileSystem,
    /** Told of every path that changes. */
    private readonly changed?: (path: string) => void,
    /** What its topmost folder is like. */
    private readonly top: Pick<FileStat, 'mode' | 'gid' | 'mtime'> = { mode: 0o755, mtime: 0 },
  ) {}

  #key(path: string): string {
    return `${this.layer}:${path}`;
  }

  #own(path: string): LayerEntry | undefined {
    return this.section.get(this.#key(path));
  }

  /** Keeps an entry. A new one is its maker's, with the group of a folder that hands its group on. */
  #set(path: string, entry: Omit<LayerEntry, 'mtime'>, maker?: Owner): void {
    this.#checkParent(path);
    const old = this.stat(path);
    const folder = this.stat(parent(path))!;
    const handsOn = (folder.mode & SETGID) !== 0;
    const uid = old ? old.uid : maker?.uid;
    const gid = old ? old.gid : handsOn ? folder.gid : maker?.gid;
    const inherited = !old && handsOn && entry.type === 'directory' ? SETGID : 0;
    this.section.set(this.#key(path), {
      ...(uid && { uid }),
      ...(gid && { gid }),
      ...entry,
      mode: entry.mode | inherited,
      mtime: this.now(),
    });
    this.changed?.(path);
  }

  #checkParent(path: string): void {
    const dir = parent(path);
    const type = this.stat(dir)?.type;
    if (type !== 'directory') throw new FsError(type ? 'ENOTDIR' : 'ENOENT', path);
  }

  stat(path: string): FileStat | undefined {
    const own = this.#own(path);
    if (path === '/' && !own) return this.lower?.stat('/') ?? { type: 'directory', size: 4096, ...this.top };
    if (!own) return this.#hidden(path) ? undefined : this.lower?.stat(path);
    if (own.type === 'gone') return undefined;
    return {
      type: own.type,
      size: own.type === 'directory' ? 4096 : (own.size ?? Buffer.byteLength(own.text ?? own.target ?? '')),
      mode: own.mode,
      mtime: own.mtime,
      ...(own.target !== undefined && { target: own.target }),
      ...(own.uid && { uid: own.uid }),
      ...(own.gid && { gid: own.gid }),
    };
  }

  /** Whether a directory above was removed here, so that the image's files below it are gone too. */
  #hidden(path: string): boolean {
    for (let dir = parent(path); dir !== '/'; dir = parent(dir)) if (this.#own(dir)?.type === 'gone') return true;
    return false;
  }

  read(path: string): string {
    const stat = this.stat(path);
    if (!stat) throw new FsError('ENOENT', path);
    if (stat.type === 'directory') throw new FsError('EISDIR', path);
    return this.#own(path)?.text ?? this.lower?.read(path) ?? '';
  }

  write(path: string, text: string, options: WriteOptions = {}): void {
    const stat = this.stat(path);
    if (stat?.type === 'directory') throw new FsError('EISDIR', path);
    const before = options.append && stat ? this.read(path) : '';
    const mode = options.mode ?? stat?.mode ?? 0o644;
    const whole = before + text;
    const { size = 0 } = options;
    const sized = size > Buffer.byteLength(whole) && { size };
    this.#set(path, { type: 'file', mode, text: whole, ...sized }, options.owner);
  }

  list(path: string): string[] {
    const stat = this.stat(path);
    if (!stat) throw new FsError('ENOENT', path);
    if (stat.type !== 'directory') throw new FsError('ENOTDIR', path);
    const own = this.#own(path);
    const names = new Set(this.lower && own?.type !== 'gone' && this.lower.stat(path) ? this.lower.list(path) : []);
    const prefix = this.#key(path === '/' ? '/' : `${path}/`);
    for (const key of this.section.keys(prefix)) {
      const name = key.slice(prefix.length);
      if (name.includes('/') || name === '') continue;
      if (this.section.get(key)!.type === 'gone') names.delete(name);
      else names.add(name);
    }
    return [...names].sort();
  }

  makeDir(path: string, owner?: Owner): void {
    if (this.stat(path)) throw new FsError('EEXIST', path);
    this.#set(path, { type: 'directory', mode: 0o755 }, owner);
  }

  remove(path: string, options: { recursive?: boolean } = {}): void {
    const stat = this.stat(path);
    if (!stat) throw new FsError('ENOENT', path);
    if (stat.type === 'directory' && this.list(path).length > 0) {
      if (!options.recursive) throw new FsError('ENOTEMPTY', path);
      for (const name of this.list(path)) this.remove(`${path === '/' ? '' : path}/${name}`, options);
    }
    if (this.lower?.stat(path)) this.section.set(this.#key(path), { type: 'gone', mode: 0, mtime: this.now() });
    else this.section.delete(this.#key(path));
    this.changed?.(path);
  }

  symlink(target: string, path: string, owner?: Owner): void {
    if (this.stat(path)) throw new FsError('EEXIST', path);
    this.#set(path, { type: 'symlink', mode: 0o777, target }, owner);
  }

  chmod(path: string, mode: number): void {
    this.#change(path, { mode });
  }

  chown(path: string, owner: Partial<Owner>): void {
    this.#change(path, owner);
  }

  /** Changes what is said of a file: one of the files below comes up into this layer. */
  #change(path: string, change: Partial<LayerEntry>): void {
    const stat = this.stat(path);
    if (!stat) throw new FsError('ENOENT', path);
    const { type, mode, target, uid, gid } = stat;
    const entry: LayerEntry = {
      type,
      mode,
      ...(uid && { uid }),
      ...(gid && { gid }),
      ...(type === 'file' && { text: this.read(path) }),
      ...(target !== undefined && { target }),
      ...change,
      mtime: stat.mtime,
    };
    this.section.set(this.#key(path), entry);
    this.changed?.(path);
  }
}

/** Bytes that a layer's own files take. */
export const layerSize = (section: Section<LayerEntry>, layer: string): number =>
  section.keys(`${layer}:`).reduce((sum, key) => {
    const { type, size, text = '' } = section.get(key)!;
    return type === 'file' ? sum + (size ?? Buffer.byteLength(text)) : sum;
  }, 0);

/** Forgets every file of a layer. */
export function dropLayer(section: Section<LayerEntry>, layer: string): void {
  for (const key of section.keys(`${layer}:`)) section.delete(key);
}
