import type { JournalEntry, NodeHost } from '../host.ts';
import { kubeletJournal } from './kubelet-journal.ts';
import { calledBySystemd, UNITS, type UnitState } from './units.ts';

/** systemd starts a kubelet that has ended again after so long, ms (RestartSec of its unit). */
const RESTART = 10_000;
/** So many of its attempts are still in the journal. */
const KEPT = 5;
/** Requests that the kubelet goes on making, and how often, ms. */
const REQUESTS = 7_000;

/** How a service that cannot run ends, each time. */
export function endingOf({ ailment, pid }: UnitState): { pid: number; status: string } | undefined {
  if (!ailment || ailment.kind === 'cut-off') return undefined;
  if (ailment.kind === 'killed') return { pid, status: ailment.status };
  return { pid, status: ailment.kind === 'no-program' ? '203/EXEC' : '1/FAILURE' };
}

/** When a service that cannot run was started last. */
export const lastAttempt = ({ since, ailment }: UnitState, now: number): number =>
  ailment?.kind === 'killed' ? since : since + Math.floor((now - since) / RESTART) * RESTART;

const klog = (level: string, at: number, source: string, text: string): string => {
  const time = new Date(Math.floor(at)).toISOString();
  return `${level}${time.slice(5, 7)}${time.slice(8, 10)} ${time.slice(11, 23)}000   `.concat(`${source}] ${text}`);
};

/** What a failing kubelet writes, one attempt after another. */
function attempts(host: NodeHost, name: string, unit: UnitState): JournalEntry[] {
  const ailment = unit.ailment!;
  const description = calledBySystemd(host, name);
  const count = Math.floor((host.now() - unit.since) / RESTART) + 1;
  const own = 'systemd[1]';
  return Array.from({ length: Math.min(count, KEPT) }, (_, i) => count - Math.min(count, KEPT) + i).flatMap((n) => {
    const at = unit.since + n * RESTART;
    const pid = unit.pid + n;
    const line = (identifier: string, message: string): JournalEntry => ({ at, identifier, message });
    const restart = n > 0 ? [line(own, `${name}.service: Scheduled restart job, restart counter is at ${n}.`)] : [];
    const started = line(own, `Started ${description}.`);
    if (ailment.kind === 'no-program') {
      return [
        ...restart,
        started,
        line(
          `(${UNITS[name]!.program})[${pid}]`,
          `${name}.service: Failed to locate executable ${ailment.path}: No such file or directory`,
        ),
        line(
          `(${UNITS[name]!.program})[${pid}]`,
          `${name}.service: Failed at step EXEC spawning ${ailment.path}: No such file or directory`,
        ),
        line(own, `${name}.service: Main process exited, code=exited, status=203/EXEC`),
        line(own, `${name}.service: Failed with result 'exit-code'.`),
      ];
    }
    const error = ailment.kind === 'ends' ? ailment.error : '';
    return [
      ...restart,
      started,
      line(`kubelet[${pid}]`, klog('E', at, `${pid} run.go:72`, `"command failed" err=${JSON.stringify(error)}`)),
      line(own, `${name}.service: Main process exited, code=exited, status=1/FAILURE`),
      line(own, `${name}.service: Failed with result 'exit-code'.`),
    ];
  });
}

/** What a kubelet writes that talks to nobody. */
function complaints(host: NodeHost, unit: UnitState): JournalEntry[] {
  const { ailment } = unit;
  if (ailment?.kind !== 'cut-off') return [];
  const { server, reason } = ailment;
  const count = Math.floor((host.now() - unit.since) / REQUESTS) + 1;
  return Array.from({ length: Math.min(count, KEPT) }, (_, i) => count - Math.min(count, KEPT) + i).flatMap((n) => {
    const at = unit.since + n * REQUESTS;
    const line = (source: string, text: string) => ({
      at,
      identifier: `kubelet[${unit.pid}]`,
      message: klog('E', at, `${unit.pid} ${source}`, text),
    });
    const failed = (path: string) => JSON.stringify(`Get "${server}${path}": ${reason}`);
    return [
      line(
        'controller.go:145',
        `"Failed to ensure lease exists, will retry" err=${failed(`/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/${host.name}?timeout=10s`)} interval="7s"`,
      ),
      line(
        'reflector.go:200',
        `"Failed to watch" err=${JSON.stringify(`failed to list *v1.Node: Get "${server}/api/v1/nodes?fieldSelector=metadata.name%3D${host.name}&limit=500&resourceVersion=0": ${reason}`)} logger="UnhandledError" reflector="k8s.io/client-go/informers/factory.go:160" type="*v1.Node"`,
      ),
      line(
        'kubelet_node_status.go:548',
        `"Error updating node status, will retry" err=${JSON.stringify(`error getting node "${host.name}": Get "${server}/api/v1/nodes/${host.name}?resourceVersion=0&timeout=10s": ${reason}`)}`,
      ),
    ];
  });
}

/** What a service says that works, on a machine of which no journal was recorded. */
function usual(host: NodeHost, name: string, unit: UnitState): JournalEntry[] {
  if (unit.active !== 'active' || host.machine.units?.[name]?.journal) return [];
  const started = {
    at: unit.since,
    identifier: 'systemd[1]',
    message: `Started ${calledBySystemd(host, name)}.`,
  };
  return [...(unit.journal.length === 0 ? [started] : []), ...(name === 'kubelet' ? kubeletJournal(host, unit) : [])];
}

/** A unit's journal: what was kept, and what a service in trouble repeats. */
export function journalOf(host: NodeHost, name: string, unit: UnitState): JournalEntry[] {
  if (unit.ailment?.kind === 'killed') return unit.journal;
  if (!unit.ailment) return [...unit.journal, ...usual(host, name, unit)];
  return [...unit.journal, ...(endingOf(unit) ? attempts(host, name, unit) : complaints(host, unit))];
}
