import type { KubeObject } from '../../../types/objects.ts';
import { type Metric, readBehavior, readList, readMetrics, writeBehavior, writeMetrics } from './annotations.ts';

type Json = Record<string, unknown>;
interface Parts extends KubeObject {
  spec?: Json & { metrics?: Metric[]; behavior?: object };
  status?: Json & { currentMetrics?: Metric[] | null; conditions?: unknown[] };
}

const PREFIX = 'autoscaling.alpha.kubernetes.io/';
const METRICS = `${PREFIX}metrics`;
const CURRENT_METRICS = `${PREFIX}current-metrics`;
const BEHAVIOR = `${PREFIX}behavior`;
const CONDITIONS = `${PREFIX}conditions`;
const ROUND_TRIP = [METRICS, CURRENT_METRICS, BEHAVIOR, CONDITIONS];

const CPU_TARGET = 'targetCPUUtilizationPercentage';
const CPU_NOW = 'currentCPUUtilizationPercentage';
const DEFAULT_CPU_PERCENT = 80;

/** What v2 wants where nobody names a metric. */
export const cpuMetric = (averageUtilization: unknown = DEFAULT_CPU_PERCENT): Metric => ({
  type: 'Resource',
  resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization } },
});

type Measured = { name?: string; target?: { averageUtilization?: number }; current?: { averageUtilization?: number } };

/** The one metric that v1 has fields for. */
const cpuOf = ({ type, resource }: Metric, side: 'target' | 'current'): number | undefined => {
  const measured = resource as Measured | undefined;
  return type === 'Resource' && measured?.name === 'cpu' ? measured[side]?.averageUtilization : undefined;
};

function withAnnotations({ metadata }: KubeObject, added: Record<string, string>): KubeObject['metadata'] {
  const kept = Object.entries(metadata.annotations ?? {}).filter(([key]) => !ROUND_TRIP.includes(key));
  const annotations = { ...Object.fromEntries(kept), ...added };
  const { annotations: _, ...rest } = metadata;
  return Object.keys(annotations).length > 0 ? { ...rest, annotations } : rest;
}

/** autoscaling/v1 → v2: what v1 keeps in annotations comes back into fields. */
export function toV2(object: KubeObject): KubeObject {
  const { spec = {}, status = {}, ...rest } = object as Parts;
  const annotation = (key: string) => object.metadata.annotations?.[key];
  const { [CPU_TARGET]: target, ...others } = spec;
  const own = target === undefined ? [] : [cpuMetric(target)];
  const metrics = [...(readMetrics(annotation(METRICS) ?? '', 'target') ?? []), ...own];
  const behavior = readBehavior(annotation(BEHAVIOR) ?? '');
  const { [CPU_NOW]: percent, ...otherStatus } = status;
  const now = percent === undefined ? null : [cpuNow(percent)];
  const conditions = readList(annotation(CONDITIONS) ?? '');
  return {
    ...rest,
    apiVersion: 'autoscaling/v2',
    metadata: withAnnotations(object, {}),
    spec: { ...others, metrics: metrics.length > 0 ? metrics : [cpuMetric()], ...(behavior && { behavior }) },
    status: {
      ...otherStatus,
      currentMetrics: readMetrics(annotation(CURRENT_METRICS) ?? '', 'current') ?? now,
      desiredReplicas: otherStatus.desiredReplicas ?? 0,
      ...(conditions && { conditions }),
    },
  } as unknown as KubeObject;
}

const cpuNow = (averageUtilization: unknown): Metric => ({
  type: 'Resource',
  resource: { name: 'cpu', current: { averageUtilization, averageValue: '0' } },
});

/** autoscaling/v2 → v1: the CPU in fields, everything else in annotations. */
export function toV1(object: KubeObject): KubeObject {
  const { spec = {}, status = {}, ...rest } = object as Parts;
  const { metrics = [], behavior, ...others } = spec;
  const { currentMetrics, conditions = [], ...otherStatus } = status;
  const target = metrics.map((metric) => cpuOf(metric, 'target')).find((percent) => percent !== undefined);
  const current = (currentMetrics ?? []).map((metric) => cpuOf(metric, 'current')).findLast((one) => one !== undefined);
  const unsaid = metrics.filter((metric) => cpuOf(metric, 'target') === undefined);
  return {
    ...rest,
    apiVersion: 'autoscaling/v1',
    metadata: withAnnotations(object, {
      ...(unsaid.length > 0 && { [METRICS]: writeMetrics(unsaid, 'target') }),
      ...(currentMetrics?.length && { [CURRENT_METRICS]: writeMetrics(currentMetrics, 'current') }),
      ...(behavior && { [BEHAVIOR]: writeBehavior(behavior) }),
      ...(conditions.length > 0 && { [CONDITIONS]: JSON.stringify(conditions) }),
    }),
    spec: { ...others, ...(target !== undefined && { [CPU_TARGET]: target }) },
    status: { ...otherStatus, ...(current !== undefined && { [CPU_NOW]: current }) },
  } as unknown as KubeObject;
}
