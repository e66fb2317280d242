import { compareStrings } from '../../base/go-json.ts';
import { type Gvk, gvkText } from './identity.ts';
import type { SortOptions } from './kustomization.ts';
import type { Resource } from './resource.ts';

const FIRST = [
  'Namespace',
  'ResourceQuota',
  'StorageClass',
  'CustomResourceDefinition',
  'ServiceAccount',
  'PodSecurityPolicy',
  'Role',
  'ClusterRole',
  'RoleBinding',
  'ClusterRoleBinding',
  'ConfigMap',
  'Secret',
  'Endpoints',
  'Service',
  'LimitRange',
  'PriorityClass',
  'PersistentVolume',
  'PersistentVolumeClaim',
  'Deployment',
  'StatefulSet',
  'CronJob',
  'PodDisruptionBudget',
];
const LAST = ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration'];

const gvkKey = ({ group, version, kind }: Gvk) => [group || '~G', version || '~V', kind || '~K'].join('_');

const rankIn =
  (first: string[], last: string[]) =>
  (kind = '') => {
    if (last.includes(kind)) return 1 + last.indexOf(kind);
    return first.includes(kind) ? first.indexOf(kind) - first.length : 0;
  };

/** Kinds in the order in which a cluster wants them made. */
export const compareKinds = (a: Gvk, b: Gvk): number => {
  const rank = rankIn(FIRST, LAST);
  return rank(a.kind) - rank(b.kind) || compareStrings(gvkKey(a), gvkKey(b));
};

/** Resources as they are printed: by kind ("legacy", the default) or as they came ("fifo"). */
export function inOrder(resources: Resource[], options: SortOptions = { order: 'legacy' }): Resource[] {
  const { order = '', legacySortOptions } = options;
  if (order !== 'fifo' && order !== 'legacy') {
    throw new Error("the field 'sortOptions.order' must be one of [fifo, legacy]");
  }
  if (order === 'fifo') {
    if (legacySortOptions) {
      throw new Error(
        "the field 'sortOptions.legacySortOptions' is set but the selected sort order is 'fifo', not 'legacy'",
      );
    }
    return resources;
  }
  const { orderFirst = FIRST, orderLast = LAST } = legacySortOptions ?? {};
  const rank = rankIn(orderFirst, orderLast);
  const idKey = ({ id }: Resource) => [gvkText(id), id.namespace || '~X', id.name || '~N'].join('|');
  return [...resources].sort(
    (a, b) =>
      rank(a.id.kind) - rank(b.id.kind) ||
      compareStrings(gvkKey(a.id), gvkKey(b.id)) ||
      compareStrings(idKey(a), idKey(b)),
  );
}
