import type { V1ValidatingAdmissionPolicyBinding } from '@kubernetes/client-node';
import type { Resource } from '../../../types/objects.ts';
import type { KindView } from '../kind.ts';
import { formatLabelSelector, UNSET } from '../shared/cells.ts';

type Binding = Resource<V1ValidatingAdmissionPolicyBinding>;

function paramRef({ spec }: Binding): string {
  const { name, namespace, selector } = spec?.paramRef ?? {};
  if (name) return `${namespace || '*'}/${name}`;
  return selector ? formatLabelSelector(selector) : UNSET;
}

export const view: KindView<Binding> = {
  cells: { PolicyName: ({ spec }) => spec?.policyName ?? '', ParamRef: paramRef },
};
