import { switchOff } from '../../node/power.ts';
import type { ActorWorld } from '../../runtime/actor.ts';
import type { MachineRecord } from '../../types/node-runtime.ts';
import type { Pod } from '../../types/objects.ts';
import { activePods } from '../admission.ts';
import { isMirror } from '../names.ts';
import type { Platform } from '../platform.ts';
import { endPod } from '../pod/reconcile.ts';
import { runningOn } from './pressure.ts';

/** What a node's condition says meanwhile. */
export const SHUTTING_DOWN = 'node is shutting down';

const message = 'Pod was terminated in response to imminent node shutdown.';
const SYSTEM_CRITICAL = 2_000_000_000;
/** How often the shutdown manager looks whether the pods are gone, ms. */
const LOOKS = 500;

/** migrateConfig: pods below a priority, and how long they have, one group after the other. */
function groupsOf({ shutdownGrace }: MachineRecord): { critical: boolean; period: number }[] {
  const { whole = 0, critical = 0 } = shutdownGrace ?? {};
  return [
    { critical: false, period: whole - critical },
    { critical: true, period: critical },
  ];
}

/** Ends a node's pods group by group; answers the machine, which is off once all are gone or their time is over. */
export function shutDown(world: ActorWorld, platform: Platform, machine: MachineRecord): MachineRecord {
  const { since, boot } = machine.shutdown!;
  const now = world.now();
  let begins = since;
  for (const { critical, period } of groupsOf(machine)) {
    const running = new Set(runningOn(world.state, machine.name).map(({ pod }) => pod.uid));
    // A static pod is made from its manifest again: it goes down with the machine.
    const pods = activePods(world.client, machine.name).filter(
      (pod) =>
        !isMirror(pod) && (pod.spec!.priority ?? 0) >= SYSTEM_CRITICAL === critical && running.has(pod.metadata.uid!),
    );
    const ends = begins + period;
    if (pods.length > 0 && now < ends) {
      for (const pod of pods) terminate(world, platform, machine, pod, period);
      world.wake(machine.name, Math.min(ends, now + LOOKS));
      return machine;
    }
    begins = Math.min(ends, now);
  }
  const { shutdown: _, ...rest } = machine;
  const off = switchOff(world.state, rest, now, boot);
  if (off.off?.until !== undefined) world.wake(machine.name, off.off.until);
  return off;
}

function terminate(world: ActorWorld, platform: Platform, machine: MachineRecord, pod: Pod, period: number): void {
  const own = pod.spec!.terminationGracePeriodSeconds ?? 30;
  const grace = Math.min(own, Math.floor(period / 1000));
  endPod(world, platform, machine, pod, { reason: 'Terminated', message, grace, disruption: message });
}
