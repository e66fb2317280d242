import { emitYaml } from '../../base/yaml/emit.ts';
import type { FlagValues } from '../command.ts';
import type { KubectlEnvironment } from '../io.ts';
import { emptyKubeconfig, type Kubeconfig, kubeconfigPaths, toFile } from './config.ts';
import { loadFile, loadKubeconfig } from './load.ts';

const SECTIONS = ['clusters', 'users', 'contexts'] as const;
const PRIVATE = 0o600;

/** Reads and changes the user's kubeconfig files, as `kubectl config` does (clientcmd.ConfigAccess). */
export class KubeconfigStore {
  private constructor(
    private readonly environment: KubectlEnvironment,
    private readonly paths: string[],
  ) {}

  static async open(environment: KubectlEnvironment, flags: FlagValues): Promise<KubeconfigStore> {
    return new KubeconfigStore(environment, await kubeconfigPaths(environment, flags.string('kubeconfig')));
  }

  /** The file that messages name, and that new stanzas go to: the first that exists, else the last. */
  get defaultFile(): string {
    return this.paths.find((path) => this.environment.host.stat(path)) ?? this.paths.at(-1)!;
  }

  /** All files merged, their paths as they are written. */
  load(): Promise<Kubeconfig> {
    return loadKubeconfig(this.environment, this.paths, { keepPaths: true });
  }

  /** Changes the merged configuration, and writes each file that holds something of what changed. */
  async modify(change: (config: Kubeconfig) => void): Promise<void> {
    const files = new Map<string, Kubeconfig>();
    for (const path of this.paths) {
      const file = await loadFile(this.environment, path);
      if (file) files.set(path, file);
    }
    const before = await this.load();
    const after = await this.load();
    change(after);
    const dirty = new Set<string>();
    const fileWith = (has: (file: Kubeconfig) => boolean): Kubeconfig => {
      const path = [...files].find(([, file]) => has(file))?.[0] ?? this.defaultFile;
      dirty.add(path);
      if (!files.has(path)) files.set(path, emptyKubeconfig());
      return files.get(path)!;
    };
    for (const section of SECTIONS) {
      const [old, now] = [before[section] as Map<string, object>, after[section] as Map<string, object>];
      for (const name of new Set([...old.keys(), ...now.keys()])) {
        if (JSON.stringify(old.get(name)) === JSON.stringify(now.get(name))) continue;
        const stanzas = fileWith((file) => file[section].has(name))[section] as Map<string, object>;
        const value = now.get(name);
        if (value) stanzas.set(name, value);
        else stanzas.delete(name);
      }
    }
    if (before.currentContext !== after.currentContext) {
      fileWith((file) => file.currentContext !== '').currentContext = after.currentContext;
    }
    if (JSON.stringify(before.preferences) !== JSON.stringify(after.preferences)) {
      fileWith(() => true).preferences = after.preferences;
    }
    for (const path of dirty) this.write(path, files.get(path)!);
  }

  private write(path: string, config: Kubeconfig): void {
    const { host } = this.environment;
    const folder = path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '';
    if (folder && !host.stat(folder)) host.makeDir(folder);
    host.writeFile(path, emitYaml(toFile(config)), PRIVATE);
  }
}
