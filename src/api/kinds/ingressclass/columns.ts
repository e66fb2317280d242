import type { V1IngressClass } from '@kubernetes/client-node';
import type { Resource } from '../../../types/objects.ts';
import type { KindView } from '../kind.ts';
import { NONE } from '../shared/cells.ts';

type IngressClass = Resource<V1IngressClass>;

function parameters({ spec }: IngressClass): string {
  if (!spec?.parameters) return NONE;
  const { apiGroup, kind, name } = spec.parameters;
  return `${kind}${apiGroup === undefined ? '' : `.${apiGroup}`}/${name}`;
}

export const view: KindView<IngressClass> = {
  cells: { Controller: ({ spec }) => spec?.controller ?? '', Parameters: parameters },
};
