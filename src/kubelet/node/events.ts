import type { ActorWorld } from '../../runtime/actor.ts';
import type { MachineRecord } from '../../types/node-runtime.ts';
import type { Node } from '../../types/objects.ts';

/** How a kubelet calls the states of its node's conditions in events (kubelet/events). */
const CONDITION_EVENTS: Record<string, Record<string, string>> = {
  MemoryPressure: { True: 'NodeHasInsufficientMemory', False: 'NodeHasSufficientMemory' },
  DiskPressure: { True: 'NodeHasDiskPressure', False: 'NodeHasNoDiskPressure' },
  PIDPressure: { True: 'NodeHasInsufficientPID', False: 'NodeHasSufficientPID' },
  Ready: { True: 'NodeReady', False: 'NodeNotReady' },
};
/** Nodes whose kubelets have said that they are cordoned. */
const CORDONED = 'kubelet/cordoned';

type Status = Node['status'];

/** An event about the node by its kubelet. */
export function tell(
  world: ActorWorld,
  machine: MachineRecord,
  type: 'Normal' | 'Warning',
  reason: string,
  message: string,
): void {
  const { name } = machine;
  // Kubelets know their node by its name alone.
  const node = { apiVersion: '', kind: 'Node', metadata: { name, uid: name } };
  world.events.event(node, type, reason, message, { component: 'kubelet', host: name });
}

const tellStatus = (world: ActorWorld, machine: MachineRecord, reason: string): void =>
  tell(world, machine, 'Normal', reason, `Node ${machine.name} status is now: ${reason}`);

/** A kubelet has started (again). */
export function tellStart(world: ActorWorld, machine: MachineRecord): void {
  tell(world, machine, 'Normal', 'Starting', 'Starting kubelet.');
  tell(world, machine, 'Normal', 'NodeAllocatableEnforced', 'Updated Node Allocatable limit across pods');
  // The node that it would register has no conditions yet.
  for (const { False } of Object.values(CONDITION_EVENTS).slice(0, 3)) tellStatus(world, machine, False!);
}

/** What has changed in the conditions of the node. */
export function tellConditions(world: ActorWorld, machine: MachineRecord, before: Status, after: Status): void {
  const statusOf = (status: Status, type: string) => status?.conditions?.find((one) => one.type === type)?.status;
  for (const [type, reasons] of Object.entries(CONDITION_EVENTS)) {
    const now = statusOf(after, type);
    const reason = now && reasons[now];
    if (reason && now !== statusOf(before, type)) tellStatus(world, machine, reason);
  }
}

/** Says so once when pods may not be put on the node any more, or may again. */
export function tellSchedulable(world: ActorWorld, machine: MachineRecord, node: Node): void {
  const told = world.state.section<1>(CORDONED);
  const cordoned = node.spec?.unschedulable === true;
  if (cordoned === told.has(machine.name)) return;
  if (cordoned) told.set(machine.name, 1);
  else told.delete(machine.name);
  tellStatus(world, machine, cordoned ? 'NodeNotSchedulable' : 'NodeSchedulable');
}

/** The machine has booted since its kubelet last said which boot it was. */
export function tellBoot(world: ActorWorld, machine: MachineRecord, before: Status): void {
  const old = before?.nodeInfo?.bootID;
  if (!old || old === machine.bootID) return;
  const message = `Node ${machine.name} has been rebooted, boot id: ${machine.bootID}`;
  tell(world, machine, 'Warning', 'Rebooted', message);
}
