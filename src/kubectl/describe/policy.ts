import { formatSelector } from '../../api/machinery/selectors.ts';
import type { HorizontalPodAutoscaler, PodDisruptionBudget, PriorityClass } from '../../types/objects.ts';
import { writeEventsOf } from './events.ts';
import { formatLabels, rfc1123z, writeMeta } from './format.ts';
import type { Describer } from './source.ts';
import { DescribeWriter } from './writer.ts';

/** Source: describePodDisruptionBudgetV1. */
export const describePodDisruptionBudget: Describer<PodDisruptionBudget> = async (pdb, source) => {
  const w = new DescribeWriter();
  const { metadata, spec, status } = pdb;
  w.row(0, 'Name', metadata.name);
  w.row(0, 'Namespace', metadata.namespace);
  if (spec?.minAvailable != null) w.row(0, 'Min available', spec.minAvailable);
  else if (spec?.maxUnavailable != null) w.row(0, 'Max unavailable', spec.maxUnavailable);
  w.row(0, 'Selector', spec?.selector ? formatSelector(spec.selector) : '<unset>');
  w.write(0, 'Status:\n');
  w.row(2, 'Allowed disruptions', status?.disruptionsAllowed ?? 0);
  w.row(2, 'Current', status?.currentHealthy ?? 0);
  w.row(2, 'Desired', status?.desiredHealthy ?? 0);
  w.row(2, 'Total', status?.expectedPods ?? 0);
  return writeEventsOf(w, pdb, source);
};

/** Source: describePriorityClass. */
export const describePriorityClass: Describer<PriorityClass> = async (pc, source) => {
  const w = new DescribeWriter();
  w.row(0, 'Name', pc.metadata.name);
  w.row(0, 'Value', pc.value);
  w.row(0, 'GlobalDefault', pc.globalDefault ?? false);
  w.row(0, 'PreemptionPolicy', pc.preemptionPolicy ?? 'PreemptLowerPriority');
  w.row(0, 'Description', pc.description ?? '');
  w.row(0, 'Annotations', formatLabels(pc.metadata.annotations));
  return writeEventsOf(w, pc, source);
};

type Metric = NonNullable<NonNullable<HorizontalPodAutoscaler['spec']>['metrics']>[number];
type Current = NonNullable<NonNullable<HorizontalPodAutoscaler['status']>['currentMetrics']>[number];
const UNKNOWN = '<unknown>';

/** `resource cpu on pods  (as a percentage of request):\t<unknown> / 80%` */
function resourceMetric(subject: string, metric: Metric['resource'], current: Current['resource'] | undefined): string {
  const { averageValue, averageUtilization } = metric?.target ?? {};
  const now = current?.current;
  if (averageValue != null) return `${subject}:\t${now?.averageValue ?? (now ? '0' : UNKNOWN)} / ${averageValue}`;
  const used = now?.averageUtilization == null ? UNKNOWN : `${now.averageUtilization}% (${now.averageValue})`;
  return `${subject}  (as a percentage of request):\t${used} / ${averageUtilization == null ? '<auto>' : `${averageUtilization}%`}`;
}

/** One metric's line, by the type of the metric. */
const METRIC_LINES: Record<string, (metric: Metric, current: Current | undefined) => string> = {
  Resource: (m, c) => resourceMetric(`resource ${m.resource?.name} on pods`, m.resource, c?.resource),
  ContainerResource: (m, c) =>
    resourceMetric(
      `resource ${m.containerResource?.name} of container "${m.containerResource?.container}" on pods`,
      m.containerResource,
      c?.containerResource,
    ),
  Pods: (m, c) =>
    `"${m.pods?.metric.name}" on pods:\t${c?.pods?.current.averageValue ?? UNKNOWN} / ${m.pods?.target.averageValue}`,
  Object: (m, c) => {
    const average = m.object?.target.type === 'AverageValue';
    const field = average ? 'averageValue' : 'value';
    const label = average ? 'target average value' : 'target value';
    const { kind, name } = m.object?.describedObject ?? {};
    return `"${m.object?.metric.name}" on ${kind}/${name} (${label}):\t${c?.object?.current[field] ?? UNKNOWN} / ${m.object?.target[field]}`;
  },
  External: (m, c) => {
    const field = m.external?.target.averageValue == null ? 'value' : 'averageValue';
    const label = field === 'value' ? 'target value' : 'target average value';
    return `"${m.external?.metric.name}" (${label}):\t${c?.external?.current[field] ?? UNKNOWN} / ${m.external?.target[field]}`;
  },
};

type Rules = NonNullable<NonNullable<HorizontalPodAutoscaler['spec']>['behavior']>['scaleUp'];

function writeScaling(w: DescribeWriter, direction: string, rules: Rules): void {
  if (!rules) return;
  w.write(1, `${direction}:\n`);
  if (rules.stabilizationWindowSeconds != null)
    w.write(2, `Stabilization Window: ${rules.stabilizationWindowSeconds} seconds\n`);
  if (!rules.policies?.length) return;
  w.write(2, `Select Policy: ${rules.selectPolicy ?? 'Max'}\n`);
  w.write(2, 'Policies:\n');
  for (const p of rules.policies)
    w.write(3, `- Type: ${p.type}\tValue: ${p.value}\tPeriod: ${p.periodSeconds} seconds\n`);
}

/** Source: describeHorizontalPodAutoscalerV2. */
export const describeHorizontalPodAutoscaler: Describer<HorizontalPodAutoscaler> = async (given, source) => {
  const { namespace, name } = given.metadata;
  const path = `/apis/autoscaling/v2/namespaces/${namespace}/horizontalpodautoscalers/${name}`;
  const hpa = given.apiVersion === 'autoscaling/v2' ? given : await source.get<HorizontalPodAutoscaler>(path);
  const w = new DescribeWriter();
  const { metadata, spec, status } = hpa;
  writeMeta(w, hpa);
  w.row(0, 'CreationTimestamp', rfc1123z(metadata.creationTimestamp));
  w.row(0, 'Reference', `${spec?.scaleTargetRef.kind}/${spec?.scaleTargetRef.name}`);
  w.row(0, 'Metrics', '( current / target )');
  spec?.metrics?.forEach((metric, i) => {
    const line = METRIC_LINES[metric.type]?.(metric, status?.currentMetrics?.[i]);
    w.write(1, `${line ?? `<unknown metric type "${metric.type}">`}\n`);
  });
  w.row(0, 'Min replicas', spec?.minReplicas ?? '<unset>');
  w.row(0, 'Max replicas', spec?.maxReplicas ?? 0);
  if (spec?.behavior) {
    w.write(0, 'Behavior:\n');
    writeScaling(w, 'Scale Up', spec.behavior.scaleUp);
    writeScaling(w, 'Scale Down', spec.behavior.scaleDown);
  }
  w.row(
    0,
    `${spec?.scaleTargetRef.kind} pods`,
    `${status?.currentReplicas ?? 0} current / ${status?.desiredReplicas ?? 0} desired`,
  );
  if (status?.conditions?.length) {
    w.write(0, 'Conditions:\n');
    w.head(1, ['Type', 'Status', 'Reason', 'Message']);
    for (const c of status.conditions) w.cells(1, c.type, c.status, c.reason ?? '', c.message ?? '');
  }
  return writeEventsOf(w, hpa, source);
};
