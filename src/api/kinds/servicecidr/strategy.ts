import type { V1ServiceCIDR } from '@kubernetes/client-node';
import { parseCidr } from '../../../base/ip.ts';
import type { Resource } from '../../../types/objects.ts';
import { type FieldError, invalid, required } from '../../machinery/field-errors.ts';
import { GoSyntax, goStrings } from '../../machinery/invalid.ts';
import { each, IMMUTABLE } from '../shared/checks.ts';
import { strictCidrField } from '../shared/ips.ts';
import { type KindRules, USERS_METADATA } from '../shared/strategy.ts';

type ServiceCIDR = Resource<V1ServiceCIDR>;

const AT = 'spec.cidrs';
const goSpec = (cidrs: string[]) => new GoSyntax(`networking.ServiceCIDRSpec{CIDRs:${goStrings(cidrs).text}}`);

function validate({ spec }: ServiceCIDR): FieldError[] {
  const cidrs = spec?.cidrs ?? [];
  if (cidrs.length === 0) return [required(AT, 'at least one CIDR required')];
  if (cidrs.length > 2) return [invalid(AT, goSpec(cidrs), 'may only hold up to 2 values')];
  const [first, second] = cidrs.map((cidr) => parseCidr(cidr)?.address.family);
  return [
    ...each(cidrs, AT, (cidr, at) => strictCidrField(at, cidr)),
    ...(first !== undefined && first === second
      ? [
          invalid(
            AT,
            goStrings(cidrs),
            'may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64',
          ),
        ]
      : []),
  ];
}

/** A second range may be added; nothing else changes. */
function validateUpdate(range: ServiceCIDR, { spec: old }: ServiceCIDR): FieldError[] {
  const [cidrs, before] = [range.spec?.cidrs ?? [], old?.cidrs ?? []];
  const kept = before.flatMap((cidr, index) =>
    cidr === cidrs[index] ? [] : [invalid(`${AT}[${index}]`, cidrs[index], IMMUTABLE)],
  );
  if (cidrs.length === before.length) return kept;
  if (before.length === 1 && cidrs.length === 2) return [...kept, ...validate(range)];
  return [invalid(AT, goStrings(range.spec?.cidrs), IMMUTABLE)];
}

export const strategy: KindRules<ServiceCIDR> = {
  resource: 'servicecidrs.networking.k8s.io',
  updateChecks: ['metadata', 'changes'],
  statusKeeps: USERS_METADATA,
  clusterScoped: true,
  prepareForCreate: (range) => {
    range.status ??= {};
  },
  validateCreate: validate,
  validateUpdate,
};
