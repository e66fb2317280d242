import { parseTime } from '../../base/time.ts';
import { leaseRenewed } from '../../kubelet/node/status.ts';
import type { ActorWorld } from '../../runtime/actor.ts';
import { type MachineRecord, RUNTIME_SECTIONS } from '../../types/node-runtime.ts';
import type { Node } from '../../types/objects.ts';

/** --node-monitor-grace-period: how long a node may be silent, ms. */
const GRACE = 50_000;
/** nodeStartupGracePeriod: the same for one that has never been heard of. */
const STARTUP_GRACE = 60_000;
/** --node-monitor-period: how often the controller looks, ms. */
export const MONITOR_PERIOD = 5_000;

/** When a node counts as lost (ms): when the controller looks next after its grace; undefined while its kubelet lives. */
export function lostAt(node: Node, world: ActorWorld): number | undefined {
  const machine = world.state.section<MachineRecord>(RUNTIME_SECTIONS.machines).get(node.metadata.name!);
  if (machine?.kubelet.active) return undefined;
  const lease = world.client.get('leases.coordination.k8s.io', 'kube-node-lease', node.metadata.name!);
  const renewed = machine ? leaseRenewed(machine, world.now()) : lease && parseTime(lease.spec?.renewTime ?? '');
  const silent = renewed === undefined ? parseTime(node.metadata.creationTimestamp!) + STARTUP_GRACE : renewed + GRACE;
  return Math.ceil(silent / MONITOR_PERIOD) * MONITOR_PERIOD;
}
