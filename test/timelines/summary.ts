import type { CoreEvent, KubeObject, Pod } from '../../src/types/objects.ts';

/** A state that an object came into, and when, in ms since the timeline began. */
export type Moment = [t: number, state: string];

/** What a timeline shows of its objects; those of one generated name stand together, in no order. */
export interface Summary {
  /** By class of pods (`web-8444cc486d-*`): the states that each pod went through. */
  pods: Record<string, Moment[][]>;
  /** By object (`deployments/web`): what each condition was, and of each count the values between which it rose or fell. */
  workloads: Record<string, { conditions: Record<string, Moment[]>; counts: Record<string, number[]> }>;
  /** By what happened (`Pod web-8444cc486d-* Scheduled`): when it was told, each time. */
  events: Record<string, number[]>;
}

type Status = Record<string, unknown> & {
  conditions?: { type: string; status: string; reason?: string }[];
};
type ContainerStatus = NonNullable<NonNullable<Pod['status']>['containerStatuses']>[number];

const WORKLOADS = ['deployments', 'replicasets', 'statefulsets', 'daemonsets', 'jobs', 'cronjobs', 'nodes'];
const AUTOSCALERS = 'horizontalpodautoscalers';
const POD_CONDITIONS = [
  'PodScheduled',
  'PodReadyToStartContainers',
  'Initialized',
  'ContainersReady',
  'Ready',
  'DisruptionTarget',
];
/** Pulls and probes of unready pods depend on what the machine was doing. */
const UNTOLD = new Set(['Pulled', 'Pulling']);

function containerState({ name, state, lastState, ready, started, restartCount }: ContainerStatus): string {
  const one = (value: ContainerStatus['state']) => {
    if (value?.waiting) return value.waiting.reason ?? 'waiting';
    if (value?.running) return 'running';
    return value?.terminated ? `${value.terminated.reason}(${value.terminated.exitCode})` : '';
  };
  const last = one(lastState);
  return [
    `${name}=${one(state)}`,
    ...(last ? [`after ${last}`] : []),
    ...(ready ? ['ready'] : []),
    ...(started ? ['started'] : []),
    ...(restartCount ? [`restarts ${restartCount}`] : []),
  ].join(' ');
}

/** `Running PodScheduled+ Ready- c=running started`. */
function podState({ metadata, status }: Pod): string {
  const conditions = POD_CONDITIONS.flatMap((type) => {
    const found = status?.conditions?.find((condition) => condition.type === type);
    if (!found) return [];
    const reason = found.reason && found.status !== 'True' ? `(${found.reason})` : '';
    return [`${type}${found.status === 'True' ? '+' : '-'}${reason}`];
  });
  const containers = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  return [
    status?.phase ?? '',
    ...(status?.reason ? [status.reason] : []),
    ...(metadata.deletionTimestamp ? ['deleting'] : []),
    ...conditions,
    ...containers.map(containerState),
  ].join(' ');
}

/** The values of a count between which it only rose or only fell. */
function turns(values: number[]): number[] {
  const turned: number[] = [];
  for (const value of values) {
    const [before, last] = [turned.at(-2), turned.at(-1)];
    if (value === last) continue;
    if (before !== undefined && value > last! === last! > before) turned.pop();
    turned.push(value);
  }
  return turned;
}

/** Follows the objects of a timeline and tells what they went through. */
export class Follower {
  readonly #pods = new Map<string, { group: string; moments: Moment[] }>();
  /** Some events tell a pod by its name alone. */
  readonly #groups = new Map<string, string>();
  readonly #workloads = new Map<string, { conditions: Map<string, Moment[]>; counts: Map<string, number[]> }>();
  readonly #events = new Map<string, number[]>();
  readonly #counts = new Map<string, number>();

  /** Takes a change: `plural` as in a path (`pods`), and the object as it is now. */
  see(t: number, plural: string, type: 'ADDED' | 'MODIFIED' | 'DELETED', object: KubeObject): void {
    if (plural === 'pods') this.#seePod(t, type, object as Pod);
    else if (plural === 'events' && type !== 'DELETED') this.#seeEvent(t, object as CoreEvent);
    else if (type !== 'DELETED' && (WORKLOADS.includes(plural) || plural === AUTOSCALERS))
      this.#seeWorkload(t, `${plural}/${object.metadata.name}`, object);
  }

  #seePod(t: number, type: string, pod: Pod): void {
    const { name = '', uid = '', generateName } = pod.metadata;
    const entry = this.#pods.get(uid) ?? { group: generateName ? `${generateName}*` : name, moments: [] };
    this.#pods.set(uid, entry);
    this.#groups.set(name, entry.group);
    note(entry.moments, t, type === 'DELETED' ? 'gone' : podState(pod));
  }

  #seeWorkload(t: number, key: string, object: KubeObject): void {
    const { status = {}, spec } = object as unknown as { status?: Status; spec?: { taints?: { key: string }[] } };
    const entry = this.#workloads.get(key) ?? {
      conditions: new Map<string, Moment[]>(),
      counts: new Map<string, number[]>(),
    };
    this.#workloads.set(key, entry);
    const told = (status.conditions ?? []).map(({ type, status: value, reason = '' }) => [
      type,
      `${value} ${reason}`.trim(),
    ]);
    const taints = (spec?.taints ?? []).map((taint) => taint.key).sort();
    for (const [type, state] of [
      ...told,
      ...(taints.length > 0 || entry.conditions.has('taints') ? [['taints', taints.join()]] : []),
    ]) {
      const moments = entry.conditions.get(type!) ?? [];
      entry.conditions.set(type!, moments);
      note(moments, t, state!);
    }
    const counts = Object.entries(status).filter(
      ([name, value]) => typeof value === 'number' && !name.startsWith('observed'),
    );
    for (const name of new Set([...entry.counts.keys(), ...counts.map(([name]) => name)])) {
      const values = entry.counts.get(name) ?? [0];
      values.push(Number(status[name] ?? 0));
      entry.counts.set(name, values);
    }
  }

  #seeEvent(t: number, event: CoreEvent): void {
    const { involvedObject, reason = '', metadata } = event;
    if (UNTOLD.has(reason)) return;
    const group =
      this.#pods.get(involvedObject.uid ?? '')?.group ??
      this.#groups.get(involvedObject.name ?? '') ??
      involvedObject.name;
    const key = `${involvedObject.kind} ${group} ${reason}`;
    const count = event.series?.count ?? event.count ?? 1;
    const before = this.#counts.get(metadata.name!) ?? 0;
    this.#counts.set(metadata.name!, count);
    const times = this.#events.get(key) ?? [];
    times.push(...Array.from({ length: count - before }, () => t));
    this.#events.set(key, times);
  }

  summary(): Summary {
    const pods: Summary['pods'] = {};
    for (const { group, moments } of this.#pods.values()) pods[group] = [...(pods[group] ?? []), moments];
    // Nodes were there before: only what changes of them is of this timeline.
    const changed = [...this.#workloads].filter(
      ([key, { conditions }]) => !key.startsWith('nodes/') || [...conditions.values()].some(({ length }) => length > 1),
    );
    const workloads = Object.fromEntries(
      changed.map(([key, { conditions, counts }]) => [
        key,
        {
          conditions: Object.fromEntries([...conditions].sort()),
          counts: Object.fromEntries([...counts].sort().map(([name, values]) => [name, turns(values)])),
        },
      ]),
    );
    return { pods, workloads, events: Object.fromEntries([...this.#events].sort(([a], [b]) => (a < b ? -1 : 1))) };
  }
}

function note(moments: Moment[], t: number, state: string): void {
  if (moments.at(-1)?.[1] !== state) moments.push([t, state]);
}
