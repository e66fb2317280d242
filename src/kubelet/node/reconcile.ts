import { isDeepStrictEqual } from 'node:util';
import { comeUp } from '../../node/power.ts';
import { RUNTIME_SILENCE } from '../../node/systemd/supervise.ts';
import { runtimeDownSince } from '../../node/systemd/units.ts';
import type { ActorWorld } from '../../runtime/actor.ts';
import { podsOnNode } from '../../runtime/component-helpers/pods-on-node.ts';
import { type MachineRecord, RUNTIME_SECTIONS } from '../../types/node-runtime.ts';
import type { Node } from '../../types/objects.ts';
import { podKey } from '../actor.ts';
import type { Platform } from '../platform.ts';
import { evictPod } from '../pod/reconcile.ts';
import { syncStaticPods } from '../static-pods.ts';
import { isTerminalPhase } from '../status/phase.ts';
import { nextStatus, TIMING } from '../timing.ts';
import { type PodWorker, REFRESH, WORKERS } from '../worker.ts';
import { attachedVolumes } from './attached-volumes.ts';
import { csiDrivers, newCSINode } from './csi-node.ts';
import { tellBoot, tellConditions, tellSchedulable, tellStart } from './events.ts';
import { chooseEviction } from './eviction.ts';
import { exceededLimit, isLimited } from './local-storage.ts';
import { observePressure, pressuresOf, runningOn, type Signal } from './pressure.ts';
import { SHUTTING_DOWN, shutDown } from './shutdown.ts';
import { newNode, nodeLease, nodeStatus } from './status.ts';

const LEASES = 'leases.coordination.k8s.io';
const NODE_LEASES = 'kube-node-lease';
/** Since when each kubelet runs, as it was last noticed: one that comes back looks at all its pods. */
const STARTED = 'kubelet/started';

/** Kubelets that could not be heard when they were last looked at. */
const AWAY = 'kubelet/away';

/** What of a status is worth a report before its time: all but the heartbeats. */
function content(status: Node['status']): unknown {
  return JSON.parse(
    JSON.stringify({ ...status, conditions: status?.conditions?.map(({ lastHeartbeatTime: _, ...rest }) => rest) }),
  ) as unknown;
}

/** The kubelet as a whole: registers its node, keeps its status and its lease right, and looks at its static pods. */
export async function reconcileNode(world: ActorWorld, platform: Platform, before: MachineRecord): Promise<void> {
  const { client, state } = world;
  const now = world.now();
  const due = before.off ? undefined : await platform.supervise?.(world, before.name);
  if (due !== undefined) world.wake(before.name, due);
  const supervised = state.section<MachineRecord>(RUNTIME_SECTIONS.machines).get(before.name) ?? before;
  const up = powered(world, supervised);
  const machine = up.shutdown ? shutDown(world, platform, up) : up;
  const away = state.section<1>(AWAY);
  if (!machine.kubelet.active) {
    if (machine.cut) away.set(machine.name, 1);
    writeLease(world, machine);
    // The lease may say so already: a silence is no change that could wake its watcher.
    world.wake(machine.name, now, 'node-controller');
    return;
  }
  const started = state.section<number>(STARTED);
  const fresh = started.get(machine.name) !== machine.kubelet.since;
  const found = client.get('nodes', '', machine.name);
  // It registers once, when it starts: a node that somebody deletes stays away until then.
  if (!found && !fresh) return;
  const node = found ?? client.create('nodes', newNode(machine, state, now));
  const met = observePressure(state, machine, now);
  const trouble = machine.shutdown ? SHUTTING_DOWN : platform.trouble?.(world, machine.name);
  const { volumesInUse: _, volumesAttached: __, ...own } = nodeStatus(machine, state, node.status, now, trouble);
  const status = { ...own, ...attachedVolumes(client, machine.name) };
  // What was said when the cluster began is forgotten by now.
  if (fresh && started.has(machine.name)) tellStart(world, machine);
  if (!isDeepStrictEqual(content(node.status), content(status))) {
    client.updateStatus('nodes', { ...node, status });
    tellConditions(world, machine, node.status, status);
    tellBoot(world, machine, node.status);
  }
  tellSchedulable(world, machine, node);
  registerDrivers(world, machine, node);
  writeLease(world, machine);
  await syncStaticPods(world, platform, machine);
  enforceLimits(world, platform, machine);
  relieve(world, platform, machine, met);
  if (fresh) started.set(machine.name, machine.kubelet.since);
  const down = runtimeDownSince(state, machine);
  if (down !== undefined) {
    away.set(machine.name, 1);
    if (now < down + RUNTIME_SILENCE) world.wake(machine.name, nextStatus(machine.name, down + RUNTIME_SILENCE));
    return;
  }
  const returns = away.has(machine.name);
  if (returns) away.delete(machine.name);
  if (!fresh && !returns) return;
  // Pods that are its own, and those of which something may be left although their object is gone.
  const keys = [...podsOnNode(client, machine.name).map(podKey), ...state.section(WORKERS).keys(`${machine.name}/`)];
  if (fresh) forgetFailures(state, machine.name);
  for (const key of new Set(keys)) world.wake(key + REFRESH, now);
}

/** The node's CSINode: which CSI drivers its kubelet knows. */
function registerDrivers({ client }: ActorWorld, { name }: MachineRecord, node: Node): void {
  const found = client.get('csinodes.storage.k8s.io', '', name);
  const drivers = client.list('csidrivers.storage.k8s.io').map(({ metadata }) => metadata.name!);
  if (!found) client.create('csinodes.storage.k8s.io', newCSINode(node, drivers));
  else if (drivers.join() !== (found.spec?.drivers ?? []).map((driver) => driver.name).join())
    client.update('csinodes.storage.k8s.io', { ...found, spec: csiDrivers(name, drivers) });
}

/** A machine that was to boot by now is up. */
function powered(world: ActorWorld, machine: MachineRecord): MachineRecord {
  const { off } = machine;
  if (off?.until === undefined) return machine;
  if (off.until <= world.now()) return comeUp(world, machine);
  world.wake(machine.name, off.until);
  return machine;
}

/** The eviction manager looks every ten seconds, and ends one pod at a time. */
function relieve(world: ActorWorld, platform: Platform, machine: MachineRecord, met: Signal[]): void {
  if (met.length === 0 && pressuresOf(world.state, machine.name).length === 0 && !machine.filled) return;
  world.wake(machine.name, world.now() + TIMING.eviction);
  const eviction = chooseEviction(world, machine, met);
  if (eviction) evictPod(world, platform, machine, eviction.pod, eviction.message, eviction.message);
}

/** localStorageEviction: pods that have written more than they may. */
function enforceLimits(world: ActorWorld, platform: Platform, machine: MachineRecord): void {
  const limited = podsOnNode(world.client, machine.name).filter(
    (pod) => !isTerminalPhase(pod.status?.phase) && isLimited(pod),
  );
  if (limited.length === 0) return;
  const running = runningOn(world.state, machine.name);
  for (const pod of limited) {
    const records = running.filter((record) => record.pod.uid === pod.metadata.uid);
    const message = exceededLimit(world.state, pod, records);
    if (message) evictPod(world, platform, machine, pod, message);
  }
}

/** Back-offs are in a kubelet's memory: one that starts anew knows of none. */
function forgetFailures(state: ActorWorld['state'], node: string): void {
  const section = state.section<PodWorker>(WORKERS);
  for (const key of section.keys(`${node}/`)) {
    const worker = section.get(key)!;
    if (Object.keys(worker.restarts).length + Object.keys(worker.pulls).length === 0) continue;
    section.set(key, { ...worker, restarts: {}, pulls: {}, reasons: {} });
  }
}

/** The lease in the store holds the last renewal that somebody must know of: the first, and the one before a silence. */
function writeLease(world: ActorWorld, machine: MachineRecord): void {
  const node = world.client.get('nodes', '', machine.name);
  if (!node) return;
  const lease = nodeLease(machine, node, world.now());
  const old = world.client.get(LEASES, NODE_LEASES, machine.name);
  if (!old) {
    if (machine.kubelet.active) world.client.create(LEASES, lease);
    return;
  }
  if (old.spec?.renewTime !== lease.spec?.renewTime)
    world.client.update(LEASES, { ...old, spec: { ...old.spec, ...lease.spec } });
}
