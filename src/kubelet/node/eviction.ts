import { Quantity } from '../../base/quantity.ts';
import { recordsOn } from '../../node/records.ts';
import type { ActorWorld } from '../../runtime/actor.ts';
import { podsOnNode } from '../../runtime/component-helpers/pods-on-node.ts';
import {
  type ContainerRecord,
  type ImageRecord,
  type MachineRecord,
  RUNTIME_SECTIONS,
} from '../../types/node-runtime.ts';
import type { Pod } from '../../types/objects.ts';
import { nodeImages } from '../images.ts';
import { isMirror } from '../names.ts';
import { isTerminalPhase } from '../status/phase.ts';
import { tell } from './events.ts';
import { capacityOf, leftOf, runningOn, type Signal, usageOf } from './pressure.ts';

/** SystemCriticalPriority: such pods are never evicted. */
const CRITICAL = 2_000_000_000;

export interface Eviction {
  pod: Pod;
  message: string;
}

export const isCritical = (pod: Pod): boolean => isMirror(pod) || (pod.spec!.priority ?? 0) >= CRITICAL;

const binary = (bytes: number) => Quantity.of(bytes, 'BinarySI').toString();

/** What a pod's containers use and ask for of a resource, bytes. */
interface Share {
  pod: Pod;
  used: number;
  requested: number;
}

function shareOf(pod: Pod, records: ContainerRecord[], { name, resource }: Signal): Share {
  const used = records
    .filter((record) => record.pod.uid === pod.metadata.uid)
    .reduce((sum, record) => sum + usageOf(record, name), 0);
  const requested = pod
    .spec!.containers.map((c) => Quantity.parse(c.resources?.requests?.[resource] ?? '0').value())
    .reduce((sum, bytes) => sum + bytes, 0);
  return { pod, used, requested };
}

/** rankMemoryPressure, rankDiskPressureFunc: who exceeds its requests goes first, then who matters least, then who exceeds them most. */
function byRank(a: Share, b: Share): number {
  const exceeds = ({ used, requested }: Share) => (used > requested ? 0 : 1);
  const priority = ({ pod }: Share) => pod.spec!.priority ?? 0;
  return exceeds(a) - exceeds(b) || priority(a) - priority(b) || b.used - b.requested - (a.used - a.requested);
}

/** evictionMessage of the kubelet's eviction manager. */
function messageOf(world: ActorWorld, machine: MachineRecord, pod: Pod, signal: Signal): string {
  const { resource, name } = signal;
  const left = leftOf(world.state, machine, signal) ?? 0;
  const quantity = binary(signal.threshold(capacityOf(machine, signal)));
  const head = `The node was low on resource: ${resource}. Threshold quantity: ${quantity}, available: ${binary(Math.floor(left / 1024) * 1024)}. `;
  const { containers, initContainers = [] } = pod.spec!;
  const parts = runningOn(world.state, machine.name)
    .filter((record) => record.pod.uid === pod.metadata.uid)
    .flatMap((record) => {
      const container = [...containers, ...initContainers].find((one) => one.name === record.name);
      const request = container?.resources?.requests?.[resource] ?? '0';
      const used = Math.floor(usageOf(record, name) / 1024) * 1024;
      if (!container || used <= Quantity.parse(request).value()) return [];
      return `Container ${record.name} was using ${binary(used)}, request is ${request}, has larger consumption of ${resource}. `;
    });
  return head + parts.join('');
}

/** Images that no container uses: a disk that is full loses them before any pod. Answers the bytes that this frees. */
function deleteUnusedImages(world: ActorWorld, node: string): number {
  const used = new Set(
    recordsOn<ContainerRecord>(world.state, RUNTIME_SECTIONS.containers, node).map(({ imageID }) => imageID),
  );
  const section = world.state.section<ImageRecord>(RUNTIME_SECTIONS.images);
  return nodeImages(world.state, node)
    .filter(({ id, pinned }) => !pinned && !used.has(id))
    .reduce((freed, { id, size }) => {
      section.delete(`${node}/${id}`);
      return freed + size;
    }, 0);
}

/** Gives bytes back that were freed on a disk. */
function giveBack(world: ActorWorld, machine: MachineRecord, bytes: number): MachineRecord {
  const { disk } = machine.filled ?? {};
  if (!disk || bytes === 0) return machine;
  const filled = { ...machine.filled, disk: { ...disk, left: disk.left + bytes } };
  const record = { ...machine, filled };
  world.state.section<MachineRecord>(RUNTIME_SECTIONS.machines).set(machine.name, record);
  return record;
}

/** One round of the eviction manager: which pod has to go for what is short. */
export function chooseEviction(world: ActorWorld, before: MachineRecord, met: Signal[]): Eviction | undefined {
  const [signal] = met;
  if (!signal) return undefined;
  tell(world, before, 'Warning', 'EvictionThresholdMet', `Attempting to reclaim ${signal.resource}`);
  const freed = signal.name === 'disk' ? deleteUnusedImages(world, before.name) : 0;
  const machine = giveBack(world, before, freed);
  if (freed > 0 && leftOf(world.state, machine, signal)! >= signal.trigger(capacityOf(machine, signal)))
    return undefined;
  const records = runningOn(world.state, machine.name);
  const running = new Set(records.map((record) => record.pod.uid));
  const [first] = podsOnNode(world.client, machine.name)
    .filter((pod) => running.has(pod.metadata.uid!) && !isTerminalPhase(pod.status?.phase) && !isCritical(pod))
    .map((pod) => shareOf(pod, records, signal))
    .sort(byRank);
  return first && { pod: first.pod, message: messageOf(world, machine, first.pod, signal) };
}
