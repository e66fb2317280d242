import type { ActorWorld } from '../../runtime/actor.ts';
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
import { PodControl } from '../shared/pod-control.ts';
import { isPodAvailable, isPodFinished, isPodReady, nextAvailable } from '../shared/pods.ts';
import { isUpdatedDaemon, podFor, shouldRun, targetNode } from './placement.ts';

export const COMPONENT = 'daemonset-controller';

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
      this.manage(this.byNode(pods));
      if (this.set.spec!.updateStrategy?.type === 'RollingUpdate') this.rollingUpdate(this.byNode(this.pods()));
      const live = new Set(pods.map((pod) => pod.metadata.labels?.[REVISION_LABEL] ?? ''));
      truncateHistory(this.world, history.old, live, this.set.spec!.revisionHistoryLimit ?? 10);
    } finally {
      this.writeStatus();
    }
    const available = nextAvailable(pods, this.minReady, this.world.now());
    const { namespace, name } = this.set.metadata;
    if (available !== undefined) this.world.wake(`${namespace}/${name}`, available);
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

  private get surge(): boolean {
    return this.maxSurge > 0;
  }

  private get maxSurge(): number {
    const surge = this.set.spec!.updateStrategy?.rollingUpdate?.maxSurge;
    return surge ? this.limit(surge) : 0;
  }

  private limit(value: number | string): number {
    return scaledValue(value, this.places.filter(({ run }) => run).length, true);
  }

  /** Starts daemons where one is missing, ends those that should not be (any more). */
  private manage(byNode: Map<string, Pod[]>): void {
    const missing: string[] = [];
    const surplus: Pod[] = [];
    for (const [index, node] of this.nodes.entries()) {
      const name = node.metadata.name!;
      const pods = byNode.get(name) ?? [];
      const { run, stay } = this.places[index]!;
      if (run && pods.length === 0) missing.push(name);
      else if (stay) surplus.push(...this.surplusOn(name, pods));
      else surplus.push(...pods.filter((pod) => !pod.metadata.deletionTimestamp));
    }
    const known = new Set(this.nodes.map(({ metadata }) => metadata.name!));
    for (const [node, pods] of byNode) {
      if (!known.has(node))
        surplus.push(...pods.filter((pod) => !pod.spec?.nodeName && !pod.metadata.deletionTimestamp));
    }
    this.sync(surplus, missing);
  }

  /** Daemons that have ended, and all but the oldest of those that run. */
  private surplusOn(node: string, pods: Pod[]): Pod[] {
    const alive = pods.filter((pod) => !pod.metadata.deletionTimestamp);
    const ended = alive.filter(isPodFinished);
    for (const pod of ended) this.tellEnded(pod, node);
    const running = alive.filter((pod) => !isPodFinished(pod)).sort(byCreation);
    if (!this.surge) return [...ended, ...running.slice(1)];
    const fresh = running.filter((pod) => this.isUpdated(pod));
    const stale = running.filter((pod) => !this.isUpdated(pod));
    const replaced = fresh.some((pod) => this.isAvailable(pod)) ? stale : stale.slice(1);
    return [...ended, ...fresh.slice(1), ...replaced];
  }

  private tellEnded(pod: Pod, node: string): void {
    const failed = pod.status?.phase === 'Failed';
    const [type, reason, what] = failed
      ? ([
          'Warning',
          'FailedDaemonPod',
          `Found failed daemon pod ${name(pod)} on node ${node}, will try to kill it`,
        ] as const)
      : ([
          'Normal',
          'SucceededDaemonPod',
          `Found succeeded daemon pod ${name(pod)} on node ${node}, will try to delete it`,
        ] as const);
    this.world.events.event(this.set, type, reason, what, { component: COMPONENT });
  }

  private sync(surplus: Pod[], missing: string[]): void {
    for (const node of missing) this.control.create(podFor(this.set, node, this.hash));
    for (const pod of surplus) this.control.delete(pod);
  }

  private isUpdated(pod: Pod): boolean {
    return isUpdatedDaemon(pod, this.set, this.hash);
  }

  private isAvailable(pod: Pod): boolean {
    return isPodAvailable(pod, this.minReady, this.world.now());
  }

  private rollingUpdate(byNode: Map<string, Pod[]>): void {
    const broken: Pod[] = [];
    const candidates: Pod[] = [];
    let unavailable = 0;
    let surging = 0;
    for (const pods of byNode.values()) {
      const alive = pods.filter((pod) => !pod.metadata.deletionTimestamp);
      const fresh = alive.find((pod) => this.isUpdated(pod));
      const stale = alive.find((pod) => !this.isUpdated(pod));
      if (fresh && stale) surging++;
      if (fresh) unavailable += this.isAvailable(fresh) ? 0 : 1;
      else if (!stale) unavailable++;
      else if (this.isAvailable(stale)) candidates.push(stale);
      else {
        broken.push(stale);
        unavailable++;
      }
    }
    if (this.surge) {
      const nodes = [...broken, ...candidates.slice(0, Math.max(0, this.maxSurge - surging))].map(
        (pod) => targetNode(pod)!,
      );
      return this.sync([], nodes);
    }
    const most = this.limit(this.set.spec!.updateStrategy?.rollingUpdate?.maxUnavailable ?? 1) || 1;
    this.sync([...broken, ...candidates.slice(0, Math.max(0, most - unavailable))], []);
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
