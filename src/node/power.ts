import type { ActorWorld } from '../runtime/actor.ts';
import { COMPONENTS, noteComponent } from '../runtime/control-plane.ts';
import type { State } from '../store/section.ts';
import {
  type ContainerRecord,
  type MachineRecord,
  RUNTIME_SECTIONS,
  type SandboxRecord,
} from '../types/node-runtime.ts';
import type { UnitState } from './systemd/units.ts';

/** How long a machine takes to boot, ms. */
export const BOOT = 30_000;

/** Switches a machine off; with `boot` it comes back that much later (ms), when its kubelet's turn is next. */
export function switchOff(state: State, machine: MachineRecord, now: number, boot?: number): MachineRecord {
  const { cut: _, ...rest } = machine;
  const off = boot === undefined ? {} : { until: now + boot };
  const record: MachineRecord = { ...rest, off, kubelet: { active: false, since: now } };
  state.section<MachineRecord>(RUNTIME_SECTIONS.machines).set(machine.name, record);
  for (const component of COMPONENTS) noteComponent(state, component, machine.name, false);
  return record;
}

/** The machine is told to go off: a kubelet that was configured so ends its pods first. */
export function goDown(state: State, machine: MachineRecord, now: number, boot?: number): MachineRecord {
  if (!machine.kubelet.active || !machine.shutdownGrace || machine.off) return switchOff(state, machine, now, boot);
  if (machine.shutdown) return machine;
  const record: MachineRecord = { ...machine, shutdown: { since: now, ...(boot !== undefined && { boot }) } };
  state.section<MachineRecord>(RUNTIME_SECTIONS.machines).set(machine.name, record);
  return record;
}

/** Switches a machine on that is off: it is up at its kubelet's next turn. */
export function switchOn(state: State, machine: MachineRecord, now: number): void {
  if (!machine.off) return;
  state.section<MachineRecord>(RUNTIME_SECTIONS.machines).set(machine.name, { ...machine, off: { until: now } });
}

/** The machine is up again: nothing that ran before does, and its services start that start by themselves. */
export function comeUp(world: ActorWorld, machine: MachineRecord): MachineRecord {
  const { state } = world;
  const now = world.now();
  const { off: _, filled, ...rest } = machine;
  endContainers(state, machine.name, now);
  const kubelet = startUnits(state, machine.name, now);
  const record: MachineRecord = {
    ...rest,
    // Memory is empty after a boot, a disk is not.
    ...(filled?.disk && { filled: { disk: filled.disk } }),
    bootID: world.random.uuid(),
    bootedAt: now,
    kubelet: { active: kubelet, since: now },
  };
  state.section<MachineRecord>(RUNTIME_SECTIONS.machines).set(machine.name, record);
  return record;
}

/** What containerd finds of its containers after a boot (unknownContainerStatus). */
function endContainers(state: State, node: string, now: number): void {
  const containers = state.section<ContainerRecord>(RUNTIME_SECTIONS.containers);
  const sandboxes = state.section<SandboxRecord>(RUNTIME_SECTIONS.sandboxes);
  for (const key of containers.keys(`${node}/`)) {
    const record = containers.get(key)!;
    if (record.state !== 'running') continue;
    state.section(RUNTIME_SECTIONS.processes).delete(record.id);
    containers.set(key, { ...record, state: 'exited', exitCode: 255, reason: 'Unknown', finishedAt: now });
  }
  for (const key of sandboxes.keys(`${node}/`)) {
    const record = sandboxes.get(key)!;
    if (record.state === 'ready') sandboxes.set(key, { ...record, state: 'notready' });
  }
}

/** Units that are enabled run; answers whether the kubelet does. */
function startUnits(state: State, node: string, now: number): boolean {
  const units = state.section<UnitState>('units');
  for (const key of units.keys(`${node}/`)) {
    const unit = units.get(key)!;
    units.set(key, { ...unit, active: unit.enabled ? 'active' : 'inactive', since: now });
  }
  const kubelet = units.get(`${node}/kubelet`);
  return !kubelet || (kubelet.active === 'active' && !kubelet.ailment);
}

/** Takes a machine off the network: what runs there goes on, and nobody hears of it. */
export function cutOff(state: State, machine: MachineRecord, now: number): void {
  if (machine.cut || machine.off) return;
  const { kubelet } = machine;
  const silent = kubelet.active ? { active: false, since: now } : kubelet;
  const record = { ...machine, cut: { kubelet }, kubelet: silent };
  state.section<MachineRecord>(RUNTIME_SECTIONS.machines).set(machine.name, record);
}

/** Puts a machine back on the network, and gives back what was filled up. */
export function comeBack(state: State, machine: MachineRecord): void {
  const { cut, filled: _, ...rest } = machine;
  const kubelet = cut?.kubelet ?? machine.kubelet;
  state.section<MachineRecord>(RUNTIME_SECTIONS.machines).set(machine.name, { ...rest, kubelet });
}
