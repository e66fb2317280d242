import { Random } from '../../base/random.ts';
import { formatTime } from '../../base/time.ts';
import type { Actor, ActorWorld } from '../../runtime/actor.ts';
import type { Client } from '../../runtime/client.ts';
import type { EventRecorder } from '../../runtime/event-recorder.ts';
import { NO_NETWORK } from '../../sh/testing.ts';
import type { ObjectIndex } from '../../store/object-index.ts';
import type { StoreEvent } from '../../store/object-store.ts';
import type { Section, State } from '../../store/section.ts';
import { type MachineRecord, RUNTIME_SECTIONS } from '../../types/node-runtime.ts';
import type { KubeObject, Pod } from '../../types/objects.ts';
import { kubeletActor } from '../actor.ts';
import { containerLog } from '../agent/logs.ts';
import { parseImage } from '../image-reference.ts';
import { storeImage } from '../images.ts';
import type { Platform } from '../platform.ts';
import { fakePrograms } from './fake-programs.ts';

class MapState implements State {
  readonly #sections = new Map<string, Map<string, unknown>>();

  section<T>(name: string): Section<T> {
    const map = (this.#sections.get(name) ?? new Map()) as Map<string, T>;
    this.#sections.set(name, map as Map<string, unknown>);
    return {
      get: (key) => map.get(key),
      set: (key, value) => void map.set(key, value),
      delete: (key) => void map.delete(key),
      has: (key) => map.has(key),
      mentions: () => true,
      keys: (prefix = '') => [...map.keys()].filter((key) => key.startsWith(prefix)).sort(),
    };
  }

  sections(): string[] {
    return [...this.#sections.keys()].filter((name) => this.#sections.get(name)!.size > 0).sort();
  }
}

export const EPOCH = Date.UTC(2026, 10, 21, 4, 23, 6);

export const machine = (name: string, ip: string): MachineRecord => ({
  name,
  internalIP: ip,
  roles: [],
  osImage: 'Debian GNU/Linux 12 (bookworm)',
  kernelVersion: '6.1',
  containerRuntimeVersion: 'containerd://1.6.20',
  kubeletVersion: 'v1.33.13',
  capacity: { cpu: '2', memory: '24684096Ki', pods: '110', 'ephemeral-storage': '264212084Ki' },
  machineID: 'm',
  systemUUID: 's',
  bootID: 'b',
  bootedAt: EPOCH - 900_000,
  kubelet: { active: true, since: EPOCH - 900_000 },
});

/** One line of what happened to a pod: `[seconds, pod, what]`. */
export type Line = [number, string, string];

/** A cluster of one node and a manual clock, that tells what pods and events went through. */
export class FakeWorld implements ActorWorld {
  readonly state = new MapState();
  readonly random = new Random(1);
  readonly lines: Line[] = [];
  /** Texts of all events. */
  readonly messages: string[] = [];
  /** `REASON FIELD` of the events that tell of a part of a pod. */
  readonly fields: string[] = [];
  readonly objects = new Map<string, KubeObject>();
  readonly #timers = new Map<string, number>();
  readonly #counts = new Map<string, number>();
  readonly actor: Actor;
  readonly client: Client;
  readonly platform: Platform;
  time = EPOCH;
  #revision = 0;

  constructor(node = machine('node-1', '192.168.50.11'), programs = fakePrograms) {
    this.platform = {
      programs,
      network: () => NO_NETWORK,
      hostFiles: () => fakePrograms.files(fakePrograms.resolve('docker.io/library/busybox:1.36')!),
      settings: {
        clusterDomain: 'cluster.local',
        clusterDNS: ['10.96.0.10'],
        apiServer: { host: '10.96.0.1', port: 443 },
        token: () => 'token',
      },
    };
    this.actor = kubeletActor(this.platform);
    this.client = this.#client();
    this.state.section<MachineRecord>(RUNTIME_SECTIONS.machines).set(node.name, node);
    this.put('nodes', {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name: node.name, uid: 'n' },
      spec: { podCIDR: '10.244.1.0/24' },
      status: { allocatable: node.capacity },
    } as KubeObject);
  }

  now(): number {
    return this.time;
  }

  readonly events: EventRecorder = {
    event: (regarding, type, reason, message, options) => {
      const key = `${regarding.metadata.name}|${type}|${reason}|${message}|${options?.fieldPath}`;
      const count = (this.#counts.get(key) ?? 0) + 1;
      this.#counts.set(key, count);
      this.tell(regarding.metadata.name!, `${type} ${reason}${count > 1 ? ` x${count}` : ''}`);
      this.messages.push(message);
      if (options?.fieldPath) this.fields.push(`${reason} ${options.fieldPath}`);
    },
  };

  tell(pod: string, what: string): void {
    this.lines.push([(this.time - EPOCH) / 1000, pod, what]);
  }

  wake(key: string, time: number): void {
    const old = this.#timers.get(key);
    this.#timers.set(key, Math.min(old ?? time, time));
  }

  #key = (resource: string, namespace: string, name: string) => `${resource}/${namespace}/${name}`;

  put(resource: string, object: KubeObject): void {
    const key = this.#key(resource, object.metadata.namespace ?? '', object.metadata.name!);
    const previous = this.objects.get(key);
    const stamped = { ...object, metadata: { ...object.metadata, resourceVersion: String(++this.#revision) } };
    this.objects.set(key, stamped);
    this.#notify({
      type: previous ? 'MODIFIED' : 'ADDED',
      resource,
      revision: this.#revision,
      object: stamped,
      ...(previous && { previous }),
    });
  }

  #remove(resource: string, namespace: string, name: string): void {
    const key = this.#key(resource, namespace, name);
    const object = this.objects.get(key);
    if (!object) return;
    this.objects.delete(key);
    if (resource === 'pods') this.tell(name, 'DELETED');
    this.#notify({ type: 'DELETED', resource, revision: ++this.#revision, object });
  }

  #notify(event: StoreEvent): void {
    for (const rule of this.actor.watches) {
      if (rule.resource !== event.resource) continue;
      for (const key of rule.keys(event, this)) this.wake(key, this.time + this.actor.latency);
    }
  }

  #client(): Client {
    const list = (resource: string, namespace?: string) =>
      [...this.objects.entries()]
        .filter(
          ([key, object]) =>
            key.startsWith(`${resource}/`) && (namespace === undefined || object.metadata.namespace === namespace),
        )
        .map(([, object]) => object);
    const write = (resource: string, object: KubeObject) => {
      this.put(resource, object);
      return this.objects.get(this.#key(resource, object.metadata.namespace ?? '', object.metadata.name!))!;
    };
    return {
      get: (resource: string, namespace: string, name: string) =>
        this.objects.get(this.#key(resource, namespace, name)),
      list,
      under: (resource: string, index: ObjectIndex, value: string) =>
        list(resource).filter((object) => index.valueOf(object) === value),
      create: write,
      update: write,
      updateStatus: (resource: string, object: KubeObject) => {
        if (resource === 'pods') this.tell(object.metadata.name!, describePod(object as Pod));
        return write(resource, object);
      },
      patch: (resource: string, _namespace: string, _name: string, patch: unknown) =>
        write(resource, patch as KubeObject),
      delete: (resource: string, namespace: string, name: string) => this.#remove(resource, namespace, name),
      createSubresource: () => {},
    } as unknown as Client;
  }

  /** Creates a pod that is already bound to the node. */
  createPod(name: string, spec: Record<string, unknown>, metadata: Record<string, unknown> = {}): void {
    this.put('pods', {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace: 'tl', uid: `uid-${name}`, generation: 1, ...metadata },
      spec: { nodeName: 'node-1', restartPolicy: 'Always', terminationGracePeriodSeconds: 30, ...spec },
      status: {
        phase: 'Pending',
        qosClass: 'BestEffort',
        conditions: [
          { type: 'PodScheduled', status: 'True', lastProbeTime: null, lastTransitionTime: formatTime(this.time) },
        ],
      },
    } as unknown as KubeObject);
  }

  /** Somebody removes a pod's object at once. */
  forcePod(name: string): void {
    this.#remove('pods', 'tl', name);
  }

  pod(name: string): Pod | undefined {
    return this.objects.get(this.#key('pods', 'tl', name)) as Pod | undefined;
  }

  deletePod(name: string, grace?: number): void {
    const pod = this.pod(name)!;
    const seconds = grace ?? pod.spec!.terminationGracePeriodSeconds!;
    this.tell(name, `delete ${name}`);
    this.put('pods', {
      ...pod,
      metadata: {
        ...pod.metadata,
        generation: 2,
        deletionTimestamp: formatTime(this.time + seconds * 1000),
        deletionGracePeriodSeconds: seconds,
      },
    } as KubeObject);
  }

  /** Lets time pass until the next event, or until `limit` (ms). */
  async step(limit: number): Promise<void> {
    const next = Math.min(limit, ...this.#timers.values());
    await this.run((next - EPOCH) / 1000);
  }

  #setKubelet(active: boolean): void {
    const machines = this.state.section<MachineRecord>(RUNTIME_SECTIONS.machines);
    machines.set('node-1', { ...machines.get('node-1')!, kubelet: { active, since: this.time } });
    this.wake('node-1', this.time);
  }

  stopKubelet(): void {
    this.#setKubelet(false);
  }

  startKubelet(): void {
    this.#setKubelet(true);
  }

  /** What a container of a pod has written. */
  log(pod: string, container: string): string {
    return containerLog(this, this.pod(pod)!, { container });
  }

  /** Lets time pass until `seconds` after the beginning, event by event. */
  async run(seconds: number): Promise<void> {
    const end = EPOCH + seconds * 1000;
    for (let turns = 0; turns < 10_000; turns++) {
      const [key, time] = [...this.#timers.entries()].sort((a, b) => a[1] - b[1])[0] ?? ['', Number.POSITIVE_INFINITY];
      if (time > end) break;
      this.#timers.delete(key);
      this.time = Math.max(this.time, time);
      await this.actor.reconcile(key, this);
    }
    this.time = end;
  }

  /** Puts an image on the node before anybody asks for it. */
  pull(...references: string[]): void {
    for (const text of references) {
      const reference = parseImage(text)!;
      storeImage(this.state, 'node-1', this.platform.programs.resolve(reference.normalised)!, reference, this.time);
    }
  }

  /** Keys that still wait, with their times in seconds. */
  pending(): Record<string, number> {
    return Object.fromEntries([...this.#timers.entries()].map(([key, time]) => [key, (time - EPOCH) / 1000]));
  }
}

/** A pod's status in one line: phase, conditions, containers. */
export function describePod(pod: Pod): string {
  const { phase, conditions = [], initContainerStatuses = [], containerStatuses = [] } = pod.status!;
  const shown = conditions.map((c) => `${c.type}=${c.status[0]}${c.reason ? `/${c.reason}` : ''}`).join(' ');
  const containers = [...initContainerStatuses, ...containerStatuses].map((status) => {
    const [[state, detail]] = Object.entries(status.state ?? {}) as [[string, { reason?: string; exitCode?: number }]];
    const last = status.lastState?.terminated ? ` last=${status.lastState.terminated.exitCode}` : '';
    const what =
      state === 'running'
        ? 'running'
        : state === 'waiting'
          ? `waiting/${detail.reason}`
          : `terminated/${detail.reason}/${detail.exitCode}`;
    return `${status.name}:${what}${last} ready=${status.ready} started=${status.started} restarts=${status.restartCount}`;
  });
  return `POD ${phase} | ${shown} | ${containers.join(' ; ')}`;
}
