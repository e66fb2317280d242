import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { choose } from '../../src/cluster/choices.ts';
import { type ClusterConfig, validateConfig } from '../../src/cluster/config.ts';
import { createCluster } from '../../src/cluster/create.ts';
import { ClusterSession } from '../../src/cluster/session.ts';
import { type ContainerRecord, RUNTIME_SECTIONS, type SandboxRecord } from '../../src/types/node-runtime.ts';
import { login, loginMachine, runOnNode } from '../../src/workstation/login.ts';

export interface Answer {
  stdout: string;
  stderr: string;
  code: number;
}

/** A cluster of its own on a manual clock, and what programs on its nodes answer. */
export class Cluster {
  readonly session: ClusterSession;

  private constructor(
    private readonly folder: string,
    path: string,
  ) {
    this.session = new ClusterSession({ path, command: 'test' });
  }

  /** `source`: a configuration's file; `preset`: the name of the preset that it is. */
  static async create(source: string, preset?: string, addon: string[] = []): Promise<Cluster> {
    const folder = mkdtempSync(join(tmpdir(), 'kubemu-node-'));
    const path = join(folder, 'state.json');
    const read = validateConfig(parse(readFileSync(source, 'utf8')), source);
    const config: ClusterConfig = addon.length > 0 ? choose(read, { addon }) : read;
    config.spec.clock = { ...config.spec.clock, mode: 'manual' };
    config.spec.seed = 1;
    await createCluster({ config, path, ...(preset && addon.length === 0 && { preset }) });
    return new Cluster(folder, path);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }

  async run(node: string, command: string): Promise<Answer> {
    const output = { stdout: '', stderr: '' };
    const streams = {
      out: (text: string) => {
        output.stdout += text;
      },
      err: (text: string) => {
        output.stderr += text;
      },
      flush: () => {},
      stdin: () => (async function* () {})(),
    };
    const program = login(node, 'root', [command], { hasHome: true });
    const code = await runOnNode(this.session, loginMachine(this.session, node), program, streams);
    return { ...output, code };
  }

  async advance(ms: number): Promise<void> {
    const { simulation, clock } = await this.session.writing();
    await simulation.runUntil(clock.now() + ms);
  }

  /** A kubectl line, as the cluster's administrator types it. */
  kubectl(line: string): Promise<Answer> {
    return this.run('k8s-master', `export KUBECONFIG=/etc/kubernetes/super-admin.conf; ${line}`);
  }

  async records(): Promise<{ containers: ContainerRecord[]; sandboxes: SandboxRecord[] }> {
    const { state } = await this.session.writing();
    const all = <T>(name: string) => {
      const section = state.section<T>(name);
      return section.keys().map((key) => section.get(key)!);
    };
    return { containers: all(RUNTIME_SECTIONS.containers), sandboxes: all(RUNTIME_SECTIONS.sandboxes) };
  }
}
