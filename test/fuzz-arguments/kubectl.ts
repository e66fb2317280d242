import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { Random } from '../../src/base/random.ts';
import { validateConfig } from '../../src/cluster/config.ts';
import { makeSnapshot, openSnapshot } from '../../src/cluster/in-memory.ts';
import type { ClusterSession } from '../../src/cluster/session.ts';
import { InProcessTransport } from '../../src/cluster/transport.ts';
import { runKubectl } from '../../src/kubectl/main.ts';
import { fakeEnvironment } from '../../src/kubectl/testing/fake-environment.ts';
import { snapshotState } from '../../src/store/memory-keeper.ts';

const root = join(import.meta.dirname, '..', '..');

export interface Answered {
  out: string;
  err: string;
  /** Undefined when there was no end. */
  code: number | undefined;
}

/** How long a command may take, ms. */
const PATIENCE = 20_000;

function files(folder: string, below = ''): Record<string, string> {
  const entries = readdirSync(join(folder, below), { withFileTypes: true });
  return Object.assign(
    {},
    ...entries.map((entry) => {
      const path = join(below, entry.name);
      return entry.isDirectory() ? files(folder, path) : { [path]: readFileSync(join(folder, path), 'utf8') };
    }),
  );
}

/** A kubectl in this process on a cluster in memory, which can be put back to where it began. */
export class Kubectl {
  #session!: ClusterSession;
  #snapshot = '';
  readonly #random = new Random(1);
  readonly #files = files(join(root, 'test', 'differential', 'files'));

  /** Makes the cluster with the given command lines. */
  async open(setup: string[][]): Promise<void> {
    const preset = parse(readFileSync(join(root, 'fixtures', 'clusters', 'kubeadm.yaml'), 'utf8'));
    const config = validateConfig(preset, 'kubeadm');
    config.spec.clock = { ...config.spec.clock, mode: 'manual', perCommand: '0' };
    config.spec.seed = 1;
    this.#snapshot = await makeSnapshot({ config, preset: 'kubeadm' });
    this.reset();
    for (const argv of setup) {
      const { code, err } = await this.run(argv);
      if (code !== 0) throw new Error(`${argv.join(' ')}: ${err}`);
    }
    const cluster = await this.#session.writing();
    await cluster.simulation.runUntilSettled();
    await cluster.flush();
    this.#snapshot = snapshotState(cluster.state);
    this.reset();
  }

  reset(): void {
    this.#session = openSnapshot(this.#snapshot);
  }

  async run(argv: string[]): Promise<Answered> {
    const environment = fakeEnvironment(undefined, { files: this.#files });
    environment.randomSuffix = (length) => this.#random.suffix(length);
    const session = this.#session;
    environment.connect = async (target) => {
      const { state } = await session.reading();
      const [token = ''] = Object.keys(state.section<object>('cluster').get('tokens') ?? {});
      return new InProcessTransport({ session, target: { ...target, user: { ...target.user, token } } });
    };
    let timer: NodeJS.Timeout | undefined;
    const end = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => resolve(undefined), PATIENCE);
    });
    const code = await Promise.race([runKubectl(argv, environment), end]);
    clearTimeout(timer);
    await session.letGo();
    return { out: environment.stdout, err: environment.stderr, code };
  }
}
