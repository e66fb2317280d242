import type { V1APIService } from '@kubernetes/client-node';
import type { Resource } from '../../../types/objects.ts';
import type { KindView } from '../kind.ts';

type APIService = Resource<V1APIService>;

function available({ status }: APIService): string {
  const condition = status?.conditions?.find(({ type }) => type === 'Available');
  if (!condition) return 'Unknown';
  return condition.status === 'True' ? 'True' : `${condition.status} (${condition.reason})`;
}

export const view: KindView<APIService> = {
  cells: {
    Service: ({ spec }) => (spec?.service ? `${spec.service.namespace}/${spec.service.name}` : 'Local'),
    Available: available,
  },
};
