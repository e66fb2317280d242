import type { Service } from '../../../types/objects.ts';
import type { KindView } from '../kind.ts';
import { formatLabels, NONE } from '../shared/cells.ts';

function externalIP(service: Service): string {
  const { type, externalIPs = [], externalName } = service.spec ?? {};
  if (type === 'ExternalName') return externalName ?? '';
  if (type !== 'LoadBalancer') return externalIPs.join(',') || NONE;
  const ingress = service.status?.loadBalancer?.ingress ?? [];
  const addresses = [...new Set(ingress.map(({ ip, hostname }) => ip || hostname || '').filter(Boolean))].sort();
  return [...addresses, ...externalIPs].join(',') || '<pending>';
}

const ports = (service: Service): string =>
  (service.spec?.ports ?? [])
    .map(({ port, nodePort, protocol }) => `${port}${nodePort ? `:${nodePort}` : ''}/${protocol}`)
    .join(',') || NONE;

export const view: KindView<Service> = {
  cells: {
    Type: (service) => service.spec?.type ?? '',
    'Cluster-IP': (service) => service.spec?.clusterIPs?.[0] ?? NONE,
    'External-IP': externalIP,
    'Port(s)': ports,
    Selector: (service) => formatLabels(service.spec?.selector),
  },
  selectableFields: {
    'spec.clusterIP': (service) => service.spec?.clusterIP ?? '',
    'spec.type': (service) => service.spec?.type ?? '',
  },
};
