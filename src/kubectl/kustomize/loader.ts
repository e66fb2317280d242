import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { asError } from '../errors.ts';
import type { HostMachine } from '../io.ts';
import { isRemoteFile, repositoryOf, unreachableFile, unreachableRepository } from './remote.ts';

const FILE_NAMES = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'];

/** Whether `path` is `root` or lies below it. */
const isWithin = (path: string, root: string) =>
  path === root || path.startsWith(root.endsWith('/') ? root : `${root}/`);

/** A path below `root`, cleaned as filepath.Join does. */
const within = (root: string, path: string) => join(root, path).replace(/(.)\/$/, '$1');

/** Reads the files of one kustomization: by default only those in or below its folder. */
export class Loader {
  private constructor(
    readonly host: HostMachine,
    readonly root: string,
    private readonly restricted: boolean,
    private readonly referrer?: Loader,
  ) {}

  /** Opens the folder that a build starts at. */
  static open(host: HostMachine, path: string, restricted: boolean): Loader {
    refuseRepository(path);
    return new Loader(host, confirmFolder(host, path, resolve(host.cwd, path)), restricted);
  }

  /** Opens a folder that this kustomization refers to. */
  enter(path: string): Loader {
    if (path === '') throw new Error('new root cannot be empty');
    refuseRepository(path);
    if (isAbsolute(path)) throw new Error(`new root '${path}' cannot be absolute`);
    const absolute = within(this.root, path);
    const root = confirmFolder(this.host, absolute, absolute);
    this.refuseCycle(root);
    return new Loader(this.host, root, this.restricted, this);
  }

  private refuseCycle(root: string): void {
    if (isWithin(this.root, root)) {
      throw new Error(`cycle detected: candidate root '${root}' contains visited root '${this.root}'`);
    }
    this.referrer?.refuseCycle(root);
  }

  read(path: string): string {
    return this.host.readFile(this.locate(path));
  }

  readBytes(path: string): Uint8Array {
    return this.host.readBytes(this.locate(path));
  }

  /** Whether the folder holds a file of this name. */
  has(name: string): boolean {
    return this.host.stat(join(this.root, name))?.directory === false;
  }

  /** The path below the folder of the build's start, for origins. */
  relativeTo(start: string, path: string): string {
    return relative(start, join(this.root, path));
  }

  private locate(path: string): string {
    if (isRemoteFile(path)) throw unreachableFile(path);
    const absolute = isAbsolute(path) ? path : within(this.root, path);
    if (!this.restricted) return absolute;
    const found = statOf(this.host, absolute, absolute);
    if (found.directory) throw new Error(`'${absolute}' must resolve to a file`);
    if (!isWithin(dirname(absolute), this.root)) {
      throw new Error(`security; file '${absolute}' is not in or below '${this.root}'`);
    }
    return absolute;
  }

  /** The text of the folder's kustomization and its file's name. */
  kustomization(): { text: string; name: string } {
    const found = FILE_NAMES.filter((name) => this.has(name));
    if (found.length === 0) {
      const names = FILE_NAMES.map((name) => `'${name}'`);
      throw new Error(
        `unable to find one of ${names.slice(0, -1).join(', ')} or ${names.at(-1)} in directory '${this.root}'`,
      );
    }
    if (found.length > 1) throw new Error(`Found multiple kustomization files under: ${this.root}\n`);
    return { text: this.read(found[0]!), name: found[0]! };
  }
}

function refuseRepository(path: string): void {
  const repository = repositoryOf(path);
  if (repository) throw unreachableRepository(repository);
}

/** What is at `absolute`; throws what filepath.EvalSymlinks says of the first part that is not there. */
function statOf(host: HostMachine, path: string, absolute: string): { directory: boolean } {
  let known = '/';
  for (const part of absolute.split('/').filter(Boolean)) {
    known = join(known, part);
    if (!host.stat(known))
      throw new Error(`evalsymlink failure on '${path}' : lstat ${known}: no such file or directory`);
  }
  return host.stat(absolute) ?? { directory: true };
}

function confirmFolder(host: HostMachine, path: string, absolute: string): string {
  let found: { directory: boolean };
  try {
    found = statOf(host, path, absolute);
  } catch (error) {
    throw new Error(`must build at directory: not a valid directory: ${asError(error).message}`);
  }
  if (!found.directory) throw new Error(`must build at directory: '${path}': file is not directory`);
  return absolute;
}
