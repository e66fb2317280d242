import type { KubeObject } from '../../types/objects.ts';
import type { Resource } from '../schema/registry.ts';

/** A kind that is served in a version or a group other than the one it is stored in. */
interface Conversion {
  /** The resource that the store holds. */
  storage: string;
  toStorage(object: KubeObject): KubeObject;
  fromStorage(object: KubeObject): KubeObject;
}

type Json = Record<string, unknown>;

const rename = (object: Json, names: Record<string, string>): Json => {
  const result: Json = {};
  for (const [key, value] of Object.entries(object)) result[names[key] ?? key] = value;
  return result;
};

const EVENT_FIELDS: Record<string, string> = {
  involvedObject: 'regarding',
  message: 'note',
  source: 'deprecatedSource',
  firstTimestamp: 'deprecatedFirstTimestamp',
  lastTimestamp: 'deprecatedLastTimestamp',
  count: 'deprecatedCount',
  reportingComponent: 'reportingController',
};
const CORE_EVENT_FIELDS = Object.fromEntries(Object.entries(EVENT_FIELDS).map(([core, events]) => [events, core]));

const convertHpa = (object: KubeObject, up: boolean): KubeObject => {
  const { spec = {}, status, ...rest } = object as unknown as { spec?: Json; status?: Json };
  const cpu = 'targetCPUUtilizationPercentage';
  const current = 'currentCPUUtilizationPercentage';
  if (up) {
    const { [cpu]: percentage, ...others } = spec;
    const metrics =
      percentage === undefined
        ? undefined
        : [
            {
              type: 'Resource',
              resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: percentage } },
            },
          ];
    const { [current]: utilization, ...otherStatus } = status ?? {};
    const currentMetrics =
      utilization === undefined
        ? null
        : [
            {
              type: 'Resource',
              resource: { name: 'cpu', current: { averageUtilization: utilization, averageValue: '0' } },
            },
          ];
    return {
      ...rest,
      apiVersion: 'autoscaling/v2',
      spec: { ...others, ...(metrics && { metrics }) },
      status: { ...otherStatus, currentMetrics, desiredReplicas: otherStatus.desiredReplicas ?? 0 },
    } as unknown as KubeObject;
  }
  const { metrics = [], behavior, ...others } = spec as { metrics?: HpaMetric[]; behavior?: unknown } & Json;
  const resource = (metric: HpaMetric) => metric.type === 'Resource' && metric.resource?.name === 'cpu';
  const target = metrics.find(resource)?.resource?.target?.averageUtilization;
  const { currentMetrics, conditions, ...otherStatus } = (status ?? {}) as {
    currentMetrics?: HpaMetric[] | null;
    conditions?: unknown;
  } & Json;
  const utilization = currentMetrics?.find(resource)?.resource?.current?.averageUtilization;
  const annotations: Json = {};
  const unsaid = metrics.filter(
    (metric) => !resource(metric) || metric.resource?.target?.averageUtilization === undefined,
  );
  if (unsaid.length > 0) annotations['autoscaling.alpha.kubernetes.io/metrics'] = JSON.stringify(unsaid);
  if (behavior !== undefined) annotations['autoscaling.alpha.kubernetes.io/behavior'] = JSON.stringify(behavior);
  if (Array.isArray(conditions) && conditions.length > 0)
    annotations['autoscaling.alpha.kubernetes.io/conditions'] = JSON.stringify(conditions);
  const metadata = object.metadata;
  return {
    ...rest,
    apiVersion: 'autoscaling/v1',
    metadata:
      Object.keys(annotations).length > 0
        ? { ...metadata, annotations: { ...metadata.annotations, ...annotations } }
        : metadata,
    spec: { ...others, ...(target !== undefined && { targetCPUUtilizationPercentage: target }) },
    status: { ...otherStatus, ...(utilization !== undefined && { currentCPUUtilizationPercentage: utilization }) },
  } as unknown as KubeObject;
};

interface HpaMetric {
  type: string;
  resource?: { name: string; target?: { averageUtilization?: number }; current?: { averageUtilization?: number } };
}

const CONVERSIONS: Record<string, Conversion> = {
  'events.k8s.io/v1/events': {
    storage: 'events',
    toStorage: (object) =>
      ({ ...rename(object as unknown as Json, CORE_EVENT_FIELDS), apiVersion: 'v1' }) as unknown as KubeObject,
    fromStorage: (object) =>
      ({ ...rename(object as unknown as Json, EVENT_FIELDS), apiVersion: 'events.k8s.io/v1' }) as unknown as KubeObject,
  },
  'autoscaling/v1/horizontalpodautoscalers': {
    storage: 'horizontalpodautoscalers.autoscaling',
    toStorage: (object) => convertHpa(object, true),
    fromStorage: (object) => convertHpa(object, false),
  },
};

const conversionOf = ({ group, version, plural }: Resource): Conversion | undefined =>
  CONVERSIONS[`${group}/${version}/${plural}`];

/** The name that the store knows a resource by. */
export const storageName = (resource: Resource): string => conversionOf(resource)?.storage ?? resource.name;

/** Whether a resource is stored in another form than the one it is served in. */
export const isConverted = (resource: Resource): boolean => conversionOf(resource) !== undefined;

export const toStorage = (resource: Resource, object: KubeObject): KubeObject =>
  conversionOf(resource)?.toStorage(object) ?? object;

export const fromStorage = (resource: Resource, object: KubeObject): KubeObject =>
  conversionOf(resource)?.fromStorage(object) ?? object;
