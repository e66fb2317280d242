import { type FileStat, type FileSystem, FsError, type Machine, type NetworkAccess } from './process.ts';

interface Entry {
  type: FileStat['type'];
  mode: number;
  text: string;
}

/** A file system in memory, for tests. */
export class MemoryFiles implements FileSystem {
  readonly #entries = new Map<string, Entry>();

  constructor(files: Record<string, string> = {}) {
    for (const folder of ['/', '/etc', '/tmp', '/root'])
      this.#entries.set(folder, { type: 'directory', mode: 0o755, text: '' });
    for (const [path, text] of Object.entries(files)) {
      const parts = path.split('/').slice(1, -1);
      parts.forEach((_, index) => {
        this.#entries.set(`/${parts.slice(0, index + 1).join('/')}`, { type: 'directory', mode: 0o755, text: '' });
      });
      this.#entries.set(path, { type: 'file', mode: 0o644, text });
    }
  }

  #entry(path: string): Entry {
    const entry = this.#entries.get(path);
    if (!entry) throw new FsError('ENOENT', path);
    return entry;
  }

  read(path: string): string {
    const entry = this.#entry(path);
    if (entry.type === 'directory') throw new FsError('EISDIR', path);
    return entry.text;
  }

  write(path: string, text: string, options: { append?: boolean; mode?: number } = {}): void {
    this.#entry(path.slice(0, path.lastIndexOf('/')) || '/');
    const old = this.#entries.get(path);
    if (old?.type === 'directory') throw new FsError('EISDIR', path);
    this.#entries.set(path, {
      type: 'file',
      mode: options.mode ?? old?.mode ?? 0o644,
      text: (options.append ? (old?.text ?? '') : '') + text,
    });
  }

  list(path: string): string[] {
    if (this.#entry(path).type !== 'directory') throw new FsError('ENOTDIR', path);
    const prefix = path === '/' ? '/' : `${path}/`;
    const inside = [...this.#entries.keys()]
      .filter((key) => key !== path && key.startsWith(prefix))
      .map((key) => key.slice(prefix.length));
    return inside.filter((name) => !name.includes('/')).sort();
  }

  stat(path: string): FileStat | undefined {
    const entry = this.#entries.get(path);
    if (!entry) return undefined;
    return {
      type: entry.type,
      size: entry.text.length,
      mode: entry.mode,
      mtime: 0,
      ...(entry.type === 'symlink' && { target: entry.text }),
    };
  }

  makeDir(path: string): void {
    if (this.#entries.has(path)) throw new FsError('EEXIST', path);
    this.#entry(path.slice(0, path.lastIndexOf('/')) || '/');
    this.#entries.set(path, { type: 'directory', mode: 0o755, text: '' });
  }

  remove(path: string, options: { recursive?: boolean } = {}): void {
    if (this.#entry(path).type === 'directory' && !options.recursive && this.list(path).length > 0)
      throw new FsError('ENOTEMPTY', path);
    for (const key of [...this.#entries.keys()])
      if (key === path || key.startsWith(`${path}/`)) this.#entries.delete(key);
  }

  symlink(target: string, path: string): void {
    this.#entries.set(path, { type: 'symlink', mode: 0o777, text: target });
  }

  chmod(path: string, mode: number): void {
    this.#entry(path).mode = mode;
  }
}

/** Nobody answers. */
export const NO_NETWORK: NetworkAccess = {
  query: () => ({ failure: 'timeout' }),
  connect: () => 'refused',
  ping: () => 'timeout',
  http: () => ({ failure: 'refused' }),
  talk: () => ({ failure: 'refused' }),
};

/** A machine for tests: nothing answers on its network, and its clock is moved by hand. */
export function testMachine(options: Partial<Machine> & { files?: FileSystem } = {}): Machine & { time: number } {
  const machine = {
    time: Date.parse('2026-11-21T04:00:00Z'),
    hostname: 'box',
    files: new MemoryFiles(),
    now: (): number => machine.time,
    network: NO_NETWORK,
    commands: {},
    flavour: 'busybox' as const,
    ...options,
  };
  return machine;
}
