import type { ApiServer } from '../api/server.ts';
import type { Clock } from '../base/clock.ts';
import type { Waiting } from '../kubectl/transport.ts';
import { runningVersion } from '../runtime/control-plane.ts';
import { SectionedStore } from '../store/sectioned-store.ts';
import type { MemoryState } from '../store/state.ts';
import { ClusterClock } from './cluster-clock.ts';
import type { ClusterSpec } from './config.ts';
import { reportDefect } from './defects.ts';
import { heldBack } from './held-back.ts';
import { LazyNodeAgent } from './lazy-node-agent.ts';
import { PendingAudit } from './pending-audit.ts';
import { Simulation, StoredRandom } from './simulation.ts';
import type { Wiring } from './wiring.ts';

export interface ClusterOptions {
  wall: Clock;
  onProgress?(): void;
  /** Lets time pass for somebody who waits: see ClusterSession. Without it nobody can wait. */
  live?(limit: number, waiting: Waiting, until?: Promise<void>): Promise<number | undefined>;
  /** This cluster as it was read last: another process may have changed it while this one waited. */
  latest?(): Cluster;
}

/** One living cluster over a state: the rooms below, wired together. */
export class Cluster {
  readonly store: SectionedStore;
  readonly clock: ClusterClock;
  readonly random: StoredRandom;
  readonly simulation: Simulation;
  readonly spec: ClusterSpec;
  readonly #audit: PendingAudit;
  #api: ApiServer | undefined;
  #wired: Wiring | undefined;

  constructor(
    readonly state: MemoryState,
    readonly options: ClusterOptions,
  ) {
    this.spec = state.section<ClusterSpec>('cluster').get('spec')!;
    this.store = new SectionedStore(state);
    this.clock = new ClusterClock(state, options.wall);
    this.random = new StoredRandom(state);
    this.#audit = new PendingAudit(state, () => this.#wired);
    this.simulation = new Simulation({
      state,
      store: this.store,
      clock: this.clock,
      load: () => this.wire(),
      held: () => heldBack(state),
      onDefect: reportDefect,
      onProgress: options.onProgress,
    });
  }

  /** The API server over this cluster's objects. */
  async api(): Promise<ApiServer> {
    const kubernetesVersion = runningVersion(this.state) ?? this.spec.kubernetesVersion;
    if (this.#api) {
      // It may have been upgraded meanwhile.
      this.#api.world.kubernetesVersion = kubernetesVersion;
      return this.#api;
    }
    const { ApiServer } = await import('../api/server.ts');
    this.#api ??= new ApiServer({
      store: this.store,
      state: this.state,
      random: this.random,
      now: () => this.clock.now(),
      serviceCIDR: this.spec.network.serviceCIDR,
      serverAddress: advertisedAddress(this.spec),
      kubernetesVersion,
      audit: () => this.#audit.log(),
      nodeAgent: new LazyNodeAgent(async () => (await this.wire()).nodeAgent),
    });
    return this.#api;
  }

  /** Whether `wire` has been called: its parts are there. */
  get isWired(): boolean {
    return this.#wired !== undefined;
  }

  /** The parts that `wire` loaded. */
  get wiring(): Wiring {
    return this.#wired!;
  }

  /** Loads what the cluster's own programs write through. */
  async wire(): Promise<Wiring> {
    if (this.#wired) return this.#wired;
    const api = await this.api();
    await api.prepare();
    const { wire } = await import('./wiring.ts');
    this.#wired ??= await wire(this, api);
    return this.#wired;
  }

  /** A command begins: the cluster lives up to it. */
  async begin(): Promise<void> {
    await this.simulation.runUntil(this.clock.beginCommand());
  }

  /** The cluster lives up to where its clock should be. */
  async catchUp(): Promise<void> {
    await this.simulation.runUntil(this.clock.target());
  }

  /** Brings the state up to what the cluster remembers, so that it can be saved. */
  async flush(): Promise<void> {
    await this.simulation.dispatch();
    if (this.#audit.isPending) this.#audit.flush(await this.wire());
    this.simulation.timers.flush();
    this.random.flush();
    this.clock.flush(this.state.changed);
  }
}

/** Where the API server says that it is: on its own node, whatever address clients know it by. */
function advertisedAddress({ nodes, apiServer }: ClusterSpec): string {
  const node = nodes.find(({ roles }) => roles?.includes('control-plane'));
  return node ? `${node.internalIP}:6443` : new URL(apiServer).host;
}
