import type { KubeObject } from '../../types/objects.ts';
import { toV1, toV2 } from '../kinds/horizontalpodautoscaler/conversion.ts';
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
    toStorage: toV2,
    fromStorage: toV1,
  },
};

/** By resource: each is asked for several times in every write. */
const known = new WeakMap<Resource, { conversion?: Conversion }>();

function conversionOf(resource: Resource): Conversion | undefined {
  let found = known.get(resource);
  if (!found) {
    const { group, version, plural } = resource;
    found = { conversion: CONVERSIONS[`${group}/${version}/${plural}`] };
    known.set(resource, found);
  }
  return found.conversion;
}

/** The name that the store knows a resource by. */
export const storageName = (resource: Resource): string => conversionOf(resource)?.storage ?? resource.name;

/** Whether a resource is stored in another form than the one it is served in. */
export const isConverted = (resource: Resource): boolean => conversionOf(resource) !== undefined;

export const toStorage = (resource: Resource, object: KubeObject): KubeObject =>
  conversionOf(resource)?.toStorage(object) ?? object;

export const fromStorage = (resource: Resource, object: KubeObject): KubeObject =>
  conversionOf(resource)?.fromStorage(object) ?? object;
