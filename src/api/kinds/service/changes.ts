import type { Service } from '../../../types/objects.ts';
import { type FieldError, forbidden, invalid } from '../../machinery/field-errors.ts';
import { GoSyntax, goStrings } from '../../machinery/invalid.ts';
import { same } from '../shared/checks.ts';
import { isHeadless, needsHealthCheck, type ServiceSpec } from './defaults.ts';

const FIXED = 'may not change once set';

const goFamilies = (families: readonly string[]): GoSyntax =>
  new GoSyntax(goStrings(families).text.replace('[]string', '[]core.IPFamily'));

const releasing = ({ ipFamilyPolicy }: ServiceSpec, what: string): FieldError[] =>
  ipFamilyPolicy === 'SingleStack'
    ? []
    : [
        invalid(
          'spec.ipFamilyPolicy',
          ipFamilyPolicy,
          `must be set to 'SingleStack' when releasing the secondary ${what}`,
        ),
      ];

/** validateUpgradeDowngradeClusterIPs: the first address stays; a second one may come and go. */
function validateClusterIPs(spec: ServiceSpec, old: ServiceSpec): FieldError[] {
  if (isHeadless(spec) && isHeadless(old)) return [];
  const at = (index: number) => `spec.clusterIPs[${index}]`;
  const [ips, before] = [spec.clusterIPs ?? [], old.clusterIPs ?? []];
  const refuse = (index: number, detail: string) => invalid(at(index), goStrings(ips), detail);
  if (ips.length === before.length)
    return before.flatMap((ip, index) => (ip === ips[index] ? [] : [refuse(index, FIXED)]));
  if (ips.length === 0) return [refuse(0, 'primary clusterIP can not be unset')];
  return [
    ...(before.length > 0 && ips[0] !== before[0] ? [refuse(0, FIXED)] : []),
    ...(ips.length === 1 ? releasing(spec, 'clusterIP') : []),
  ];
}

/** validateUpgradeDowngradeIPFamilies */
function validateFamilies(spec: ServiceSpec, old: ServiceSpec): FieldError[] {
  if (isHeadless(spec) || isHeadless(old)) return [];
  const at = 'spec.ipFamilies[0]';
  const [families, before] = [spec.ipFamilies ?? [], old.ipFamilies ?? []];
  if (families.length === before.length)
    return before.flatMap((family, index) =>
      family === families[index] ? [] : [invalid(at, goFamilies(families), FIXED)],
    );
  const less = families.length < before.length;
  const changed = before.length > 0 && families.length > 0 && families[0] !== before[0];
  return [
    ...(less && !spec.clusterIPs?.length
      ? [invalid(at, goFamilies(families), 'primary ipFamily can not be unset')]
      : []),
    ...(changed ? [invalid(at, goStrings(spec.clusterIPs), FIXED)] : []),
    ...(less && families.length === 1 ? releasing(spec, 'ipFamily') : []),
  ];
}

/** What ValidateServiceUpdate looks at before the service itself. */
export function validateUpdate({ spec = {} }: Service, { spec: old = {} }: Service): FieldError[] {
  const errors: FieldError[] = [];
  if (spec.type !== 'ExternalName' && old.type !== 'ExternalName')
    errors.push(...validateClusterIPs(spec, old), ...validateFamilies(spec, old));
  const balanced = spec.type === 'LoadBalancer' && old.type === 'LoadBalancer';
  if (balanced && !same(spec.loadBalancerClass, old.loadBalancerClass))
    errors.push(invalid('spec.loadBalancerClass', spec.loadBalancerClass, FIXED));
  if (needsHealthCheck(spec) && needsHealthCheck(old) && spec.healthCheckNodePort !== old.healthCheckNodePort)
    errors.push(forbidden('spec.healthCheckNodePort', 'field is immutable'));
  return errors;
}
