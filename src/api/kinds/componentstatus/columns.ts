import type { V1ComponentStatus } from '@kubernetes/client-node';
import type { Resource } from '../../../types/objects.ts';
import type { KindView } from '../kind.ts';

type ComponentStatus = Resource<V1ComponentStatus>;

const healthy = ({ conditions }: ComponentStatus) => conditions?.find(({ type }) => type === 'Healthy');

function status(component: ComponentStatus): string {
  const condition = healthy(component);
  return condition ? (condition.status === 'True' ? 'Healthy' : 'Unhealthy') : 'Unknown';
}

export const view: KindView<ComponentStatus> = {
  cells: {
    Status: status,
    Message: (component) => healthy(component)?.message ?? '',
    Error: (component) => healthy(component)?.error ?? '',
  },
};
