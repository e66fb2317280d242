import type { ContainerRecord, MachineRecord } from '../../types/node-runtime.ts';
import type { containerStats } from './proxy.ts';

type Row = [labels: Record<string, string>, value: number | string];

/** A family in Prometheus' text format. */
function family(name: string, type: 'gauge' | 'counter', help: string, rows: Row[]): string {
  const lines = rows.map(([labels, value]) => {
    const given = Object.entries(labels).map(([key, text]) => `${key}=${JSON.stringify(text)}`);
    return `${name}${given.length > 0 ? `{${given.join(',')}}` : ''} ${value}`;
  });
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines, ''].join('\n');
}

/** `/metrics` of a kubelet: what tells of its node and of what runs there. */
export function kubeletMetrics(machine: MachineRecord, running: ContainerRecord[], all: ContainerRecord[]): string {
  const pods = new Set(running.map(({ pod }) => pod.uid)).size;
  const started = (machine.bootedAt / 1000).toFixed(2);
  return [
    family('kubelet_node_name', 'gauge', "[ALPHA] The node's name. The count is always 1.", [
      [{ node: machine.name }, 1],
    ]),
    family('kubelet_running_containers', 'gauge', '[ALPHA] Number of containers currently running', [
      [{ container_state: 'exited' }, all.length - running.length],
      [{ container_state: 'running' }, running.length],
    ]),
    family('kubelet_running_pods', 'gauge', '[ALPHA] Number of pods that have a running pod sandbox', [[{}, pods]]),
    family('process_start_time_seconds', 'gauge', '[ALPHA] Start time of the process since unix epoch in seconds.', [
      [{}, started],
    ]),
  ].join('');
}

/** `/metrics/resource`: what metrics-server scrapes (pkg/kubelet/metrics/collectors/resource_metrics.go). */
export function resourceMetrics(
  now: number,
  node: { cpu: number; memory: number },
  containers: { record: ContainerRecord; stats: ReturnType<typeof containerStats> }[],
): string {
  const of = (record: ContainerRecord) => ({
    container: record.name,
    namespace: record.pod.namespace,
    pod: record.pod.name,
  });
  const rows = (value: (one: (typeof containers)[number]) => number): Row[] =>
    containers.map((one) => [of(one.record), `${value(one)} ${now}`]);
  return [
    family(
      'container_cpu_usage_seconds_total',
      'counter',
      '[STABLE] Cumulative cpu time consumed by the container in core-seconds',
      rows(({ stats }) => stats.cpu.usageCoreNanoSeconds / 1e9),
    ),
    family(
      'container_memory_working_set_bytes',
      'gauge',
      '[STABLE] Current working set of the container in bytes',
      rows(({ stats }) => stats.memory.workingSetBytes),
    ),
    family(
      'node_cpu_usage_seconds_total',
      'counter',
      '[STABLE] Cumulative cpu time consumed by the node in core-seconds',
      [[{}, `${node.cpu / 1e9} ${now}`]],
    ),
    family('node_memory_working_set_bytes', 'gauge', '[STABLE] Current working set of the node in bytes', [
      [{}, `${node.memory} ${now}`],
    ]),
    family(
      'resource_scrape_error',
      'gauge',
      '[STABLE] 1 if there was an error while getting container metrics, 0 otherwise',
      [[{}, 0]],
    ),
  ].join('');
}
