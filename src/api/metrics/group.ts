import type { V1APIService } from '@kubernetes/client-node';
import type { ObjectStore } from '../../store/object-store.ts';
import type { Resource } from '../../types/objects.ts';
import type { RegistryData } from '../schema/registry.ts';

export const METRICS_GROUP = 'metrics.k8s.io';
const VERSION = 'v1beta1';
export const API_SERVICES = 'apiservices.apiregistration.k8s.io';

const row = (name: string, namespaced: boolean, kind: string) => ({
  name,
  singularName: '',
  namespaced,
  kind,
  verbs: ['get', 'list'],
});

/** Whether a metrics server is registered, and can be reached. */
export function hasMetrics(store: Pick<ObjectStore, 'get'>): boolean {
  const service = store.get(API_SERVICES, '', `${VERSION}.${METRICS_GROUP}`) as Resource<V1APIService> | undefined;
  return service?.status?.conditions?.some(({ type, status }) => type === 'Available' && status === 'True') ?? false;
}

/** The registry with what a metrics server serves. */
export const withMetrics = (data: RegistryData): RegistryData => ({
  ...data,
  groups: [...data.groups, { name: METRICS_GROUP, versions: [VERSION] }],
  resources: {
    ...data.resources,
    [`${METRICS_GROUP}/${VERSION}`]: [row('nodes', false, 'NodeMetrics'), row('pods', true, 'PodMetrics')],
  },
});
