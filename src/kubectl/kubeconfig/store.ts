import { posix } from 'node:path';
import { emitYaml } from '../../base/yaml/emit.ts';
import type { Invocation } from '../command.ts';
import { CommandError } from '../errors.ts';
import type { KubectlEnvironment } from '../io.ts';
import type { Klog } from '../log/klog.ts';
import { emptyKubeconfig, type Kubeconfig, kubeconfigPaths, toFile } from './config.ts';
import { loadFile, loadKubeconfig } from './load.ts';

const SECTIONS = ['clusters', 'users', 'contexts'] as const;
const PATH_FIELDS = ['certificate-authority', 'client-certificate', 'client-key', 'tokenFile'];
const PRIVATE = 0o600;

type Values = Record<string, unknown>;

const originOf = ({ origins }: Kubeconfig, stanza?: object) => stanza && origins?.get(stanza);

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** Reads and changes the user's kubeconfig files, as `kubectl config` does (clientcmd.ConfigAccess). */
export class KubeconfigStore {
  private constructor(
    private readonly environment: KubectlEnvironment,
    private readonly paths: string[],
    private readonly log: Klog,
  ) {}

  static async open({ environment, flags, factory }: Invocation): Promise<KubeconfigStore> {
    return new KubeconfigStore(
      environment,
      await kubeconfigPaths(environment, flags.string('kubeconfig')),
      factory.log,
    );
  }

  /** The file that messages name, and that new stanzas go to: the first that exists, else the last. */
  get defaultFile(): string {
    return this.paths.find((path) => this.environment.host.stat(path)) ?? this.paths.at(-1)!;
  }

  /** All files merged, their paths as they are written. */
  load(): Promise<Kubeconfig> {
    return loadKubeconfig(this.environment, this.paths, { keepPaths: true, log: this.log });
  }

  /**
   * Changes the merged configuration, and writes each file that holds something of what changed (clientcmd.ModifyConfig); `relativize`
   * shortens the paths of what changed to those below the file's own folder.
   */
  async modify(change: (config: Kubeconfig) => void, { relativize = false } = {}): Promise<void> {
    const before = await this.load();
    const after = await this.load();
    change(after);
    for (const path of [...this.paths].sort()) this.requireUnlocked(path);
    const files = new Map<string, Kubeconfig>();
    for (const path of this.paths) {
      const file = await loadFile(this.environment, path, this.log);
      if (file) files.set(path, file);
    }
    const dirty = new Set<string>();
    const changed = (path = this.defaultFile): Kubeconfig => {
      dirty.add(path);
      if (!files.has(path)) files.set(path, emptyKubeconfig());
      return files.get(path)!;
    };
    const fileWith = (has: (file: Kubeconfig) => boolean) => [...files].find(([, file]) => has(file))?.[0];
    for (const section of SECTIONS) {
      const [old, now] = [before[section] as Map<string, object>, after[section] as Map<string, object>];
      for (const name of new Set([...old.keys(), ...now.keys()])) {
        const value = now.get(name);
        if (same(old.get(name), value)) continue;
        const path = originOf(before, old.get(name)) ?? originOf(after, value) ?? this.defaultFile;
        const stanzas = changed(path)[section] as Map<string, object>;
        if (!value) stanzas.delete(name);
        else stanzas.set(name, relativize ? this.relativized(value as Values, path) : value);
      }
    }
    if (before.currentContext !== after.currentContext) {
      const path = after.currentContext === '' ? fileWith((file) => file.currentContext !== '') : undefined;
      changed(path).currentContext = after.currentContext;
    }
    if (!same(before.preferences, after.preferences)) {
      changed(fileWith((file) => !same(file.preferences, after.preferences))).preferences = after.preferences;
    }
    for (const path of dirty) this.write(path, files.get(path)!);
  }

  private requireUnlocked(path: string): void {
    const lock = `${path}.lock`;
    if (this.environment.host.stat(lock)) throw new CommandError(`open ${lock}: file exists`);
  }

  private relativized(stanza: Values, path: string): Values {
    const base = posix.resolve(this.environment.host.cwd, posix.dirname(path));
    const short = PATH_FIELDS.flatMap((field): [string, string][] => {
      if (!stanza[field]) return [];
      const absolute = posix.resolve(base, String(stanza[field]));
      const relative = posix.relative(base, absolute) || '.';
      return [[field, /^\.\.(\/|$)/.test(relative) ? absolute : relative]];
    });
    return { ...stanza, ...Object.fromEntries(short) };
  }

  private write(path: string, config: Kubeconfig): void {
    const { host } = this.environment;
    const folder = path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '';
    if (folder && !host.stat(folder)) host.makeDir(folder);
    host.writeFile(path, emitYaml(toFile(config)), PRIVATE);
  }
}
