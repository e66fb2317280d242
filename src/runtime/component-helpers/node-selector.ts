import type { Node, Pod } from '../../types/objects.ts';

type Affinity = NonNullable<NonNullable<Pod['spec']>['affinity']>['nodeAffinity'];
type NodeSelector = NonNullable<NonNullable<Affinity>['requiredDuringSchedulingIgnoredDuringExecution']>;
export type NodeSelectorTerm = NodeSelector['nodeSelectorTerms'][number];
type Requirement = NonNullable<NodeSelectorTerm['matchExpressions']>[number];

/** corev1helpers.NodeSelectorRequirementsAsSelector, for one value (undefined: the label is not there). */
function satisfies({ operator, values = [] }: Requirement, value: string | undefined): boolean {
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
      return isInteger(value) && Number(value) > Number(values[0]);
    case 'Lt':
      return isInteger(value) && Number(value) < Number(values[0]);
    default:
      return false;
  }
}

const isInteger = (value: string | undefined): boolean => value !== undefined && /^-?[0-9]+$/.test(value);

export function matchesTerm({ matchExpressions = [], matchFields = [] }: NodeSelectorTerm, node: Node): boolean {
  if (matchExpressions.length + matchFields.length === 0) return false;
  return (
    matchExpressions.every((one) => satisfies(one, node.metadata.labels?.[one.key])) &&
    matchFields.every((one) => satisfies(one, one.key === 'metadata.name' ? node.metadata.name : ''))
  );
}

export const matchesNodeSelector = (selector: NodeSelector, node: Node): boolean =>
  selector.nodeSelectorTerms.some((term) => matchesTerm(term, node));

/** GetRequiredNodeAffinity: nodeSelector and the required node affinity together. */
export function matchesPodAffinity(pod: Pod, node: Node): boolean {
  const labels = node.metadata.labels ?? {};
  const selector = Object.entries(pod.spec?.nodeSelector ?? {});
  if (!selector.every(([name, value]) => labels[name] === value)) return false;
  const required = pod.spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return !required || matchesNodeSelector(required, node);
}
