import { Quantity } from '../../base/quantity.ts';
import { recordsOn } from '../../node/records.ts';
import type { State } from '../../store/section.ts';
import { type ContainerRecord, type Fillable, type MachineRecord, RUNTIME_SECTIONS } from '../../types/node-runtime.ts';
import { phaseOf } from '../timing.ts';

/** When each pressure of a node was last observed (ms), by `NODE`. */
const OBSERVED = 'kubelet/pressure';
/** evictionPressureTransitionPeriod, ms. */
const TRANSITION = 300_000;
/** What a container's own files and its log take, bytes. */
export const CONTAINER_DISK = 28_672;

/** A resource that can run out: the node's condition, its name in messages, and how much must be left of a capacity. */
export interface Signal {
  name: Fillable;
  condition: 'MemoryPressure' | 'DiskPressure';
  resource: 'memory' | 'ephemeral-storage';
  /** The evictionHard that the messages name, and the one that is met first. */
  threshold(capacity: number): number;
  trigger(capacity: number): number;
}

/** evictionHard's defaults: memory.available<100Mi, nodefs.available<10%, imagefs.available<15% (of the same disk). */
export const SIGNALS: readonly Signal[] = [
  {
    name: 'memory',
    condition: 'MemoryPressure',
    resource: 'memory',
    threshold: () => 100 * 1024 ** 2,
    trigger: () => 100 * 1024 ** 2,
  },
  {
    name: 'disk',
    condition: 'DiskPressure',
    resource: 'ephemeral-storage',
    threshold: (capacity) => Math.floor(capacity * 0.1),
    trigger: (capacity) => Math.floor(capacity * 0.15),
  },
];

/** A steady load of something by its name, between `low` and `high`. */
export function steadyLoad(name: string, low: number, high: number): number {
  return low + Math.round(((high - low) * phaseOf(name)) / 1000);
}

/** Bytes that a container uses. */
export const usageOf = (record: ContainerRecord, resource: Fillable): number =>
  resource === 'disk' ? CONTAINER_DISK : steadyLoad(`${record.pod.name}/${record.name}`, 2_000_000, 60_000_000);

export const runningOn = (state: State, node: string): ContainerRecord[] =>
  recordsOn<ContainerRecord>(state, RUNTIME_SECTIONS.containers, node).filter((record) => record.state === 'running');

/** Bytes that all running containers of a node use. */
export const usageOn = (state: State, node: string, resource: Fillable): number =>
  runningOn(state, node).reduce((sum, record) => sum + usageOf(record, resource), 0);

export const capacityOf = (machine: MachineRecord, { resource }: Signal): number =>
  Quantity.parse(machine.capacity[resource] ?? '0').value();

/** Bytes that are left of what somebody filled up; undefined where nobody did, and there is enough. */
export function leftOf(state: State, machine: MachineRecord, { name }: Signal): number | undefined {
  const filled = machine.filled?.[name];
  return filled && filled.left + filled.used - usageOn(state, machine.name, name);
}

type Observed = Partial<Record<Signal['condition'], number>>;

/** What is short now: notes it, for the conditions outlast it by five minutes. */
export function observePressure(state: State, machine: MachineRecord, now: number): Signal[] {
  const met = SIGNALS.filter((signal) => {
    const left = leftOf(state, machine, signal);
    return left !== undefined && left < signal.trigger(capacityOf(machine, signal));
  });
  const section = state.section<Observed>(OBSERVED);
  const before = section.get(machine.name) ?? {};
  const kept = Object.entries(before).filter(([, at]) => now - at < TRANSITION);
  const after: Observed = {
    ...Object.fromEntries(kept),
    ...Object.fromEntries(met.map((one) => [one.condition, now])),
  };
  if (Object.keys(after).length > 0) section.set(machine.name, after);
  else section.delete(machine.name);
  return met;
}

/** The node's conditions that say that something is short. */
export const pressuresOf = (state: State, node: string): string[] =>
  Object.keys(state.section<Observed>(OBSERVED).get(node) ?? {}).sort();
