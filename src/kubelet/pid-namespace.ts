import { recordsOn } from '../node/records.ts';
import type { ActorWorld } from '../runtime/actor.ts';
import type { Machine } from '../sh/process.ts';
import { type ContainerRecord, RUNTIME_SECTIONS, type SandboxRecord } from '../types/node-runtime.ts';
import { ownProcesses } from './container-machine.ts';
import type { Platform } from './platform.ts';

export type Processes = ReturnType<NonNullable<Machine['processes']>>;

/** Between the processes of two containers, the numbers of those that set them up. */
const GAP = 7;

/** The number of a container's first process, as the container sees it. */
export const firstPid = ({ innerPid = 1 }: ContainerRecord): number => innerPid;

const runningIn = ({ state }: ActorWorld, { node, sandbox }: ContainerRecord): ContainerRecord[] =>
  recordsOn<ContainerRecord>(state, RUNTIME_SECTIONS.containers, node).filter(
    (one) => one.sandbox === sandbox && one.state === 'running',
  );

/** Other containers whose processes a container sees: all of its pod, or what a debugger and its target have of each other. */
export function sharingPids(world: ActorWorld, record: ContainerRecord): ContainerRecord[] {
  const { spec } = world.client.get('pods', record.pod.namespace, record.pod.name) ?? {};
  const targets = new Map((spec?.ephemeralContainers ?? []).map((one) => [one.name, one.targetContainerName]));
  if (!spec?.shareProcessNamespace && targets.size === 0) return [];
  const group = (name: string) => targets.get(name) ?? name;
  return runningIn(world, record).filter(
    ({ id, name }) => id !== record.id && (spec!.shareProcessNamespace || group(name) === group(record.name)),
  );
}

/** What runs where a container looks: its own processes and those of the containers that share its numbers. */
export function visibleProcesses(world: ActorWorld, platform: Platform, record: ContainerRecord): Processes {
  const { client, state } = world;
  const isWhole = client.get('pods', record.pod.namespace, record.pod.name)?.spec?.shareProcessNamespace;
  const sandbox = state.section<SandboxRecord>(RUNTIME_SECTIONS.sandboxes).get(`${record.node}/${record.sandbox}`);
  const pause = { pid: 1, ppid: 0, user: '65535', command: '/pause', started: sandbox?.createdAt ?? 0 };
  const all = [record, ...sharingPids(world, record)].flatMap((one) => ownProcesses(world, platform, one));
  return [...(isWhole ? [pause] : []), ...all].sort((a, b) => a.pid - b.pid);
}

/** The number that a container's first process gets; undefined where it is 1, as in a namespace of its own. */
export function nextFirstPid(world: ActorWorld, platform: Platform, record: ContainerRecord): number | undefined {
  const others = visibleProcesses(world, platform, record).filter(({ pid }) => pid !== firstPid(record));
  const isShared = sharingPids(world, record).length > 0;
  const { spec } = world.client.get('pods', record.pod.namespace, record.pod.name) ?? {};
  if (!isShared && !spec?.shareProcessNamespace) return undefined;
  return Math.max(1, ...others.map(({ pid }) => pid)) + GAP;
}
