import type { V1ServiceCIDR } from '@kubernetes/client-node';
import { parseCidr } from '../../../base/ip.ts';
import type { Resource } from '../../../types/objects.ts';
import { type FieldError, invalid, required } from '../../machinery/field-errors.ts';
import { goStrings } from '../../machinery/invalid.ts';
import { each, immutable } from '../shared/checks.ts';
import type { KindRules } from '../shared/strategy.ts';

type ServiceCIDR = Resource<V1ServiceCIDR>;

function validate({ spec }: ServiceCIDR): FieldError[] {
  const cidrs = spec?.cidrs ?? [];
  if (cidrs.length === 0) return [required('spec.cidrs', 'at least one CIDR required')];
  if (cidrs.length > 2) return [invalid('spec.cidrs', goStrings(cidrs), 'may only hold up to 2 values')];
  return each(cidrs, 'spec.cidrs', (cidr, at) =>
    parseCidr(cidr) ? [] : [invalid(at, cidr, 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)')],
  );
}

export const strategy: KindRules<ServiceCIDR> = {
  resource: 'servicecidrs.networking.k8s.io',
  clusterScoped: true,
  prepareForCreate: (range) => {
    range.status = {};
  },
  prepareForUpdate: (range, old) => {
    range.status = old.status;
  },
  validate,
  validateUpdate: ({ spec }, { spec: old }) => immutable('spec.cidrs', spec?.cidrs, old?.cidrs, goStrings(spec?.cidrs)),
};
