import { fnv1a32 } from '../../base/hash.ts';
import { type FileStat, FsError } from '../../sh/process.ts';
import { ReadOnlyFiles } from '../../sh/read-only-files.ts';

/** Files that the kubelet projects into a volume: path below the volume → content. */
export type Payload = Record<string, { text: string; mode: number }>;

/** A projected volume as kubelet's atomic writer lays it out: `NAME → ..data/NAME`, `..data → ..TIME`. */
export class PayloadFiles extends ReadOnlyFiles {
  constructor(
    private readonly payload: Payload,
    private readonly at: number,
    /** The group that the pod's volumes belong to: it may read them, and folders hand it on. */
    private readonly fsGroup?: number,
  ) {
    super();
  }

  get #folder(): string {
    const time = new Date(this.at).toISOString();
    return `..${time.slice(0, 19).replace(/[-:T]/g, '_')}.${1_000_000_000 + (fnv1a32(time) % 3_294_967_296)}`;
  }

  #tops(): string[] {
    return [...new Set(Object.keys(this.payload).map((path) => path.split('/')[0]!))].sort();
  }

  /** A folder of a tmpfs: 40 bytes, and 20 for each name in it. The volume's own has the sticky bit. */
  #directory(path = ''): FileStat {
    const setgid = this.fsGroup === undefined ? 0 : 0o2000;
    const mode = (path === '' ? 0o1777 : 0o755) | setgid;
    return { type: 'directory', size: 40 + 20 * this.#names(path).length, mode, mtime: this.at, ...this.#group };
  }

  get #group(): Pick<FileStat, 'gid'> {
    return this.fsGroup === undefined ? {} : { gid: this.fsGroup };
  }

  #link(target: string): FileStat {
    return { type: 'symlink', size: target.length, mode: 0o777, mtime: this.at, target, ...this.#group };
  }

  stat(path: string): FileStat | undefined {
    const parts = path.split('/').filter(Boolean);
    if (parts.length === 0) return this.#directory();
    const [first, ...rest] = parts as [string, ...string[]];
    if (first === '..data') return rest.length === 0 ? this.#link(this.#folder) : undefined;
    if (first !== this.#folder) {
      return rest.length === 0 && this.#tops().includes(first) ? this.#link(`..data/${first}`) : undefined;
    }
    const inner = rest.join('/');
    if (inner === '') return this.#directory(path);
    const file = this.payload[inner];
    if (file) {
      const mode = file.mode | (this.fsGroup === undefined ? 0 : 0o440);
      return { type: 'file', size: Buffer.byteLength(file.text), mode, mtime: this.at, ...this.#group };
    }
    return Object.keys(this.payload).some((name) => name.startsWith(`${inner}/`)) ? this.#directory(path) : undefined;
  }

  read(path: string): string {
    const stat = this.stat(path);
    if (!stat) throw new FsError('ENOENT', path);
    if (stat.type !== 'file') throw new FsError('EISDIR', path);
    return this.payload[path.split('/').filter(Boolean).slice(1).join('/')]!.text;
  }

  list(path: string): string[] {
    const stat = this.stat(path);
    if (stat?.type !== 'directory') throw new FsError(stat ? 'ENOTDIR' : 'ENOENT', path);
    return this.#names(path);
  }

  #names(folder: string): string[] {
    const parts = folder.split('/').filter(Boolean);
    if (parts.length === 0) return [this.#folder, '..data', ...this.#tops()];
    const prefix = parts.length === 1 ? '' : `${parts.slice(1).join('/')}/`;
    const inside = Object.keys(this.payload).filter((name) => name.startsWith(prefix));
    return [...new Set(inside.map((name) => name.slice(prefix.length).split('/')[0]!))].sort();
  }
}
