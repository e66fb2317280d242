import type { ActorWorld } from '../../runtime/actor.ts';
import { type Backoff, isInBackoffSinceUpdate, nextBackoff } from '../../runtime/component-helpers/backoff.ts';
import type { ControllerRevision, DaemonSet, Node, Pod } from '../../types/objects.ts';
import { claim } from '../shared/claim.ts';
import { computeHash } from '../shared/hash.ts';
import {
  createRevision,
  REVISION_LABEL,
  revisionHash,
  revisionsOf,
  sameRevision,
  truncateHistory,
} from '../shared/history.ts';
import { byCreation, omitEmpty, sameJson, scaledValue } from '../shared/objects.ts';
import { PodControl, slowStart } from '../shared/pod-control.ts';
import { isPodAvailable, isPodFinished, isPodReady, nextAvailable } from '../shared/pods.ts';
import { isUpdatedDaemon, podFor, shouldRun, targetNode } from './placement.ts';
import { replaceStep, surgeStep } from './rolling-update.ts';

export const COMPONENT = 'daemonset-controller';

/** So many daemons are created or deleted in one go (daemon.BurstReplicas). */
const BURST = 250;
/** Section: how long the next failed daemon of a set's generation on a node must stay. */
const FAILURES = 'daemonset-failures';
const BACK_OFF = { first: 1000, most: 900_000 };

const failuresOf = ({ metadata, status }: DaemonSet): string =>
  `${metadata.namespace}/${metadata.name}/${metadata.uid}/${status?.observedGeneration ?? 0}/`;

/** Forgets the back-offs of a set (`namespace/name`) that is gone. */
export function forgetFailures(world: ActorWorld, key: string): void {
  const failures = world.state.section<Backoff>(FAILURES);
  for (const one of failures.keys(`${key}/`)) failures.delete(one);
}

/** One look at a daemon set, its pods and the nodes (pkg/controller/daemon). */
export class Daemons {
  private readonly nodes: Node[];
  /** On each of `nodes`, whether a daemon should start there and may stay. */
  private readonly places: ReturnType<typeof shouldRun>[];
  private readonly control: PodControl;
  private hash = '';
  private collisions: number | undefined;

  constructor(
    private readonly world: ActorWorld,
    private readonly set: DaemonSet,
  ) {
    this.nodes = world.client.list('nodes');
    this.places = this.nodes.map((node) => shouldRun(set, node));
    this.control = new PodControl(world, set, COMPONENT);
    this.collisions = set.status?.collisionCount;
  }

  run(): void {
    const history = this.syncHistory();
    const pods = this.pods();
    try {
      const busy = this.manage(this.byNode(pods));
      if (!busy && this.set.spec!.updateStrategy?.type === 'RollingUpdate')
        this.rollingUpdate(this.byNode(this.pods()));
      const live = new Set(pods.map((pod) => pod.metadata.labels?.[REVISION_LABEL] ?? ''));
      truncateHistory(this.world, history.old, live, this.set.spec!.revisionHistoryLimit ?? 10);
    } finally {
      this.writeStatus();
    }
    const available = nextAvailable(pods, this.minReady, this.world.now());
    if (available !== undefined) this.wake(available);
  }

  private get minReady(): number {
    return this.set.spec!.minReadySeconds ?? 0;
  }

  private pods(): Pod[] {
    return claim(this.world, 'pods', this.set, this.set.spec!.selector);
  }

  /** Pods by node; those that have ended and are being deleted do not count. */
  private byNode(pods: Pod[]): Map<string, Pod[]> {
    const found = new Map<string, Pod[]>();
    for (const pod of pods) {
      const node = targetNode(pod);
      if (!node || (isPodFinished(pod) && pod.metadata.deletionTimestamp)) continue;
      found.set(node, [...(found.get(node) ?? []), pod]);
    }
    return found;
  }

  /** Brings the newest revision up to the template, and finds its hash. */
  private syncHistory(): { old: ControllerRevision[] } {
    const revisions = revisionsOf(this.world, this.set, this.set.spec!.selector);
    const current = revisions.find((revision) => sameRevision(revision, this.set.spec!.template));
    const old = revisions.filter((revision) => revision !== current);
    const number = Math.max(0, ...old.map(({ revision }) => revision)) + 1;
    if (!current) {
      const hash = (count: number | undefined) => computeHash(this.set.spec!.template, count);
      const made = createRevision(this.world, this.set, number, hash, this.collisions);
      this.hash = revisionHash(made.revision);
      this.collisions = made.collisions;
    } else {
      this.hash = revisionHash(current);
      if (current.revision < number)
        this.world.client.update('controllerrevisions.apps', { ...current, revision: number });
    }
    return { old };
  }

  /** Starts daemons where one is missing, ends those that should not be (any more); tells whether there was any to do. */
  private manage(byNode: Map<string, Pod[]>): boolean {
    const missing: string[] = [];
    const surplus: Pod[] = [];
    for (const [index, node] of this.nodes.entries()) {
      const name = node.metadata.name!;
      const pods = byNode.get(name);
      const alive = (pods ?? []).filter((pod) => !pod.metadata.deletionTimestamp);
      const { run, stay } = this.places[index]!;
      if (run && !pods) missing.push(name);
      else if (!stay) surplus.push(...alive);
      else {
        const running = alive.filter((pod) => !isPodFinished(pod)).sort(byCreation);
        surplus.push(...alive.filter((pod) => isPodFinished(pod) && this.mayGo(pod, name)));
        if (!this.surges) surplus.push(...running.slice(1));
        else if (running.length === 0 && run) missing.push(name);
        else if (running.length > 1) surplus.push(...this.surplusWhileSurging(running));
      }
    }
    const known = new Set(this.nodes.map(({ metadata }) => metadata.name!));
    for (const [node, pods] of byNode) {
      if (!known.has(node)) surplus.push(...pods.filter((pod) => !pod.spec?.nodeName));
    }
    this.sync(surplus, missing);
    return surplus.length + missing.length > 0;
  }

  /** daemonset util.AllowsSurge. */
  private get surges(): boolean {
    const { type, rollingUpdate } = this.set.spec!.updateStrategy ?? {};
    return type === 'RollingUpdate' && scaledValue(rollingUpdate?.maxSurge ?? 0, 100, true) > 0;
  }

  /** Of a new and an old daemon on a node, the old one when it is not ready or the new one is available. */
  private surplusWhileSurging(running: Pod[]): Pod[] {
    const fresh = running.filter((pod) => pod.metadata.labels?.[REVISION_LABEL] === this.hash);
    const stale = running.filter((pod) => !fresh.includes(pod));
    const [[newest, ...others], [oldest, ...more]] = [fresh, stale];
    const replaced = newest && oldest && (!isPodReady(oldest) || this.isAvailable(newest));
    return [...others, ...more, ...(replaced ? [oldest] : [])];
  }

  /** Whether a daemon that has ended goes now: one that failed must not be replaced faster and faster. */
  private mayGo(pod: Pod, node: string): boolean {
    if (pod.status?.phase === 'Succeeded') {
      this.tell(
        'Normal',
        'SucceededDaemonPod',
        `Found succeeded daemon pod ${name(pod)} on node ${node}, will try to delete it`,
      );
      return true;
    }
    const failures = this.world.state.section<Backoff>(FAILURES);
    const key = `${failuresOf(this.set)}${node}`;
    const entry = failures.get(key);
    const now = this.world.now();
    if (isInBackoffSinceUpdate(entry, now, BACK_OFF)) {
      this.wake(entry!.updated + entry!.delay);
      return false;
    }
    failures.set(key, nextBackoff(entry, now, now, BACK_OFF));
    this.tell(
      'Warning',
      'FailedDaemonPod',
      `Found failed daemon pod ${name(pod)} on node ${node}, will try to kill it`,
    );
    return true;
  }

  private tell(type: 'Normal' | 'Warning', reason: string, message: string): void {
    this.world.events.event(this.set, type, reason, message, { component: COMPONENT });
  }

  private wake(time: number): void {
    const { namespace, name } = this.set.metadata;
    this.world.wake(`${namespace}/${name}`, time);
  }

  private sync(surplus: Pod[], missing: string[]): void {
    let failure: unknown;
    try {
      slowStart(Math.min(missing.length, BURST), (index) =>
        this.control.create(podFor(this.set, missing[index]!, this.hash)),
      );
    } catch (error) {
      failure = error;
    }
    for (const pod of surplus.slice(0, BURST)) this.control.delete(pod);
    if (failure) throw failure;
  }

  private isUpdated(pod: Pod): boolean {
    return isUpdatedDaemon(pod, this.set, this.hash);
  }

  private isAvailable(pod: Pod): boolean {
    return isPodAvailable(pod, this.minReady, this.world.now());
  }

  private rollingUpdate(byNode: Map<string, Pod[]>): void {
    const rollout = {
      byNode,
      ...this.limits(),
      wanted: new Set(this.wanted),
      isUpdated: (pod: Pod) => this.isUpdated(pod),
      isAvailable: (pod: Pod) => this.isAvailable(pod),
    };
    for (const node of this.wanted) if (!byNode.has(node)) byNode.set(node, []);
    const { ending, starting } = rollout.maxSurge > 0 ? surgeStep(rollout) : replaceStep(rollout);
    this.sync(ending, starting);
  }

  /** Nodes that should have a daemon. */
  private get wanted(): string[] {
    return this.nodes.filter((_, index) => this.places[index]!.run).map(({ metadata }) => metadata.name!);
  }

  /** How many nodes may have two daemons, or none, while an update goes on (updatedDesiredNodeCounts). */
  private limits(): { maxSurge: number; maxUnavailable: number } {
    const { maxSurge: over = 0, maxUnavailable: under = 0 } = this.set.spec!.updateStrategy?.rollingUpdate ?? {};
    const count = this.wanted.length;
    const maxSurge = scaledValue(over, count, true);
    const maxUnavailable = scaledValue(under, count, true);
    return { maxSurge, maxUnavailable: count > 0 && maxSurge + maxUnavailable === 0 ? 1 : maxUnavailable };
  }

  private writeStatus(): void {
    const byNode = this.byNode(this.pods());
    let [desired, current, misscheduled, ready, available, updated] = [0, 0, 0, 0, 0, 0];
    for (const [index, node] of this.nodes.entries()) {
      const pods = [...(byNode.get(node.metadata.name!) ?? [])].sort(byCreation);
      if (!this.places[index]!.run) {
        if (pods.length > 0) misscheduled++;
        continue;
      }
      desired++;
      const pod = pods[0];
      if (!pod) continue;
      current++;
      if (isPodReady(pod)) ready++;
      if (this.isAvailable(pod)) available++;
      if (this.isUpdated(pod)) updated++;
    }
    const status = {
      currentNumberScheduled: current,
      numberMisscheduled: misscheduled,
      desiredNumberScheduled: desired,
      numberReady: ready,
      ...omitEmpty({
        observedGeneration: this.set.metadata.generation,
        updatedNumberScheduled: updated,
        numberAvailable: available,
        numberUnavailable: desired - available,
        collisionCount: this.collisions,
        conditions: this.set.status?.conditions,
      }),
    };
    if (!sameJson(status, this.set.status)) this.world.client.updateStatus('daemonsets.apps', { ...this.set, status });
  }
}

const name = ({ metadata }: Pod): string => `${metadata.namespace}/${metadata.name}`;
