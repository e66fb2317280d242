import type { V1ValidatingAdmissionPolicy } from '@kubernetes/client-node';
import type { Resource } from '../../../types/objects.ts';
import type { KindView } from '../kind.ts';
import { UNSET } from '../shared/cells.ts';

export const view: KindView<Resource<V1ValidatingAdmissionPolicy>> = {
  cells: {
    Validations: ({ spec }) => spec?.validations?.length ?? 0,
    ParamKind: ({ spec }) => (spec?.paramKind ? `${spec.paramKind.apiVersion}/${spec.paramKind.kind}` : UNSET),
  },
};
