import type { ActorWorld } from '../../runtime/actor.ts';
import type { CommandAnswer } from '../../sh/process.ts';
import type { Section } from '../../store/section.ts';
import {
  type ContainerRecord,
  type MachineRecord,
  RUNTIME_SECTIONS,
  type SandboxRecord,
} from '../../types/node-runtime.ts';
import type { Pod } from '../../types/objects.ts';
import { FIELDS, findContainer, isMirror, staticUid } from '../names.ts';
import type { Platform } from '../platform.ts';
import { nextRelist } from '../timing.ts';
import { type PodWorker, WORKERS, withText, workerKey } from '../worker.ts';

/** One pod on one node while its kubelet works on it: its worker's draft, its API object, its records. */
export class PodScope {
  readonly #containers: Section<ContainerRecord>;
  readonly #sandboxes: Section<SandboxRecord>;
  #saved: string;
  /** Answers that programs of the node owe to processes of this pod. */
  readonly pending: { id: string; answer: Promise<CommandAnswer> }[] = [];

  constructor(
    readonly world: ActorWorld,
    readonly platform: Platform,
    readonly machine: MachineRecord,
    readonly worker: PodWorker,
    public pod: Pod | undefined,
    /** The worker as it was stored, as text. */
    saved = JSON.stringify(worker),
  ) {
    this.#containers = world.state.section(RUNTIME_SECTIONS.containers);
    this.#sandboxes = world.state.section(RUNTIME_SECTIONS.sandboxes);
    this.#saved = saved;
  }

  get now(): number {
    return this.world.now();
  }

  setPod(pod: Pod): void {
    this.pod = pod;
  }

  /** Records of the pod's containers, newest first. */
  containers(): ContainerRecord[] {
    return this.worker.containers
      .map((id) => this.#containers.get(`${this.worker.node}/${id}`))
      .filter((record) => record !== undefined)
      .reverse();
  }

  container(id: string): ContainerRecord | undefined {
    return this.#containers.get(`${this.worker.node}/${id}`);
  }

  latest(name: string): ContainerRecord | undefined {
    return this.containers().find((record) => record.name === name);
  }

  running(): ContainerRecord[] {
    return this.containers().filter((record) => record.state === 'running');
  }

  saveContainer(record: ContainerRecord): void {
    if (!this.worker.containers.includes(record.id)) this.worker.containers.push(record.id);
    this.#containers.set(`${record.node}/${record.id}`, record);
  }

  forgetContainer(id: string): void {
    this.worker.containers = this.worker.containers.filter((other) => other !== id);
    this.#containers.delete(`${this.worker.node}/${id}`);
  }

  /** The newest sandbox. */
  sandbox(): SandboxRecord | undefined {
    const id = this.worker.sandboxes.at(-1);
    return id === undefined ? undefined : this.#sandboxes.get(`${this.worker.node}/${id}`);
  }

  saveSandbox(record: SandboxRecord): void {
    if (!this.worker.sandboxes.includes(record.id)) this.worker.sandboxes.push(record.id);
    this.#sandboxes.set(`${record.node}/${record.id}`, record);
  }

  forgetSandboxes(): void {
    for (const id of this.worker.sandboxes) this.#sandboxes.delete(`${this.worker.node}/${id}`);
    this.worker.sandboxes = [];
  }

  /** Until a pod's termination is over, something of it may run. */
  couldHaveRunningContainers(): boolean {
    return this.worker.stage !== 'terminated';
  }

  /** Asks for a sync at `time`; the kubelet looks at containers only once a second. */
  requestSync(time: number): void {
    this.worker.syncDue = Math.min(this.worker.syncDue ?? Number.POSITIVE_INFINITY, time);
  }

  /** A container changed: the next relist sees it. */
  requestRelist(): void {
    this.requestSync(nextRelist(this.worker.node, this.now));
  }

  /** Records an event about a container, or about the pod. */
  event(type: 'Normal' | 'Warning', reason: string, message: string, container?: string): void {
    const target = this.#regarding();
    const kind = container && ((this.pod && findContainer(this.pod, container)) ?? this.latest(container))?.kind;
    this.world.events.event(target, type, reason, message, {
      component: 'kubelet',
      host: this.worker.node,
      ...(kind && { fieldPath: `spec.${FIELDS[kind]}{${container}}` }),
    });
  }

  /** The pod as events know it: a static one by its own uid, and one whose object is gone still. */
  #regarding(): Pod {
    if (this.pod)
      return isMirror(this.pod) ? { ...this.pod, metadata: { ...this.pod.metadata, uid: this.uid } } : this.pod;
    const { namespace, name, uid } = this.worker;
    return { apiVersion: 'v1', kind: 'Pod', metadata: { namespace, name, uid } } as Pod;
  }

  get uid(): string {
    return this.pod ? staticUid(this.pod) : this.worker.uid;
  }

  /** Keeps the worker. `done`: nobody works on it in this scope any more, so that no copy need be kept. */
  save(done = false): void {
    const text = JSON.stringify(this.worker);
    if (text === this.#saved) return;
    this.#saved = text;
    const kept = withText(done ? this.worker : (JSON.parse(text) as PodWorker), text);
    this.world.state.section<PodWorker>(WORKERS).set(workerKey(kept), kept);
  }

  /** Forgets the pod for good. */
  drop(): void {
    this.world.state.section<PodWorker>(WORKERS).delete(workerKey(this.worker));
    this.#saved = JSON.stringify(this.worker);
  }
}
