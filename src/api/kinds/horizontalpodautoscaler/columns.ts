import type { HorizontalPodAutoscaler } from '../../../types/objects.ts';
import type { KindView } from '../kind.ts';
import { NONE, UNKNOWN, UNSET } from '../shared/cells.ts';

type Spec = NonNullable<HorizontalPodAutoscaler['spec']>;
type Metric = NonNullable<Spec['metrics']>[number];
type MetricStatus = NonNullable<NonNullable<HorizontalPodAutoscaler['status']>['currentMetrics']>[number];
type Target = NonNullable<Metric['resource']>['target'];
type Value = NonNullable<MetricStatus['resource']>['current'];

const SHOWN = 2;

/** Sources by type, and whether they are measured in shares of what is asked for. */
const SOURCES = {
  External: 'external',
  Pods: 'pods',
  Object: 'object',
  Resource: 'resource',
  ContainerResource: 'containerResource',
} as const;

const percent = (value: number | undefined, otherwise: string) => (value === undefined ? otherwise : `${value}%`);

function resourceText(name: string, target: Target, current: Value | undefined): string {
  if (target.averageValue !== undefined)
    return `${name}: ${current ? (current.averageValue ?? '0') : UNKNOWN}/${target.averageValue}`;
  return `${name}: ${percent(current?.averageUtilization, UNKNOWN)}/${percent(target.averageUtilization, '<auto>')}`;
}

function metricText(metric: Metric, status: MetricStatus | undefined): string {
  const key = SOURCES[metric.type as keyof typeof SOURCES];
  const source = key && metric[key];
  if (!source) return '<unknown type>';
  const current = status?.[key]?.current;
  if ('name' in source) return resourceText(source.name, source.target, current);
  const { target } = source;
  if (metric.type === 'Pods') return `${current?.averageValue ?? UNKNOWN}/${target.averageValue}`;
  if (target.averageValue !== undefined) return `${current?.averageValue ?? UNKNOWN}/${target.averageValue} (avg)`;
  return `${current ? (current.value ?? '0') : UNKNOWN}/${target.value ?? '0'}`;
}

/** What autoscaling/v1 knows of metrics. */
interface CpuTarget {
  spec?: { targetCPUUtilizationPercentage?: number };
  status?: { currentCPUUtilizationPercentage?: number };
}

function cpuTarget({ spec, status }: CpuTarget): string {
  const current = percent(status?.currentCPUUtilizationPercentage, UNKNOWN);
  return `cpu: ${current}/${spec?.targetCPUUtilizationPercentage}%`;
}

function targets(autoscaler: HorizontalPodAutoscaler): string {
  if ((autoscaler as CpuTarget).spec?.targetCPUUtilizationPercentage !== undefined)
    return cpuTarget(autoscaler as CpuTarget);
  const { spec, status } = autoscaler;
  const metrics = spec?.metrics ?? [];
  if (metrics.length === 0) return NONE;
  const texts = metrics.map((metric, index) => metricText(metric, status?.currentMetrics?.[index]));
  const text = texts.slice(0, SHOWN).join(', ');
  return texts.length > SHOWN ? `${text} + ${texts.length - SHOWN} more...` : text;
}

export const view: KindView<HorizontalPodAutoscaler> = {
  cells: {
    Reference: ({ spec }) => `${spec?.scaleTargetRef.kind}/${spec?.scaleTargetRef.name}`,
    Targets: targets,
    MinPods: ({ spec }) => (spec?.minReplicas === undefined ? UNSET : String(spec.minReplicas)),
    MaxPods: ({ spec }) => spec?.maxReplicas ?? 0,
    Replicas: ({ status }) => status?.currentReplicas ?? 0,
  },
};
