import { type FieldError, invalid } from '../../machinery/field-errors.ts';
import { goStrings } from '../../machinery/invalid.ts';
import { isHeadless, needsClusterIP, type ServiceSpec } from './defaults.ts';
import { familyOf, validateClusterIPs } from './validation.ts';

const POLICY = 'spec.ipFamilyPolicy';
const other = (family: string | undefined): string => (family === 'IPv4' ? 'IPv6' : 'IPv4');
const isSame = (a: readonly string[] = [], b: readonly string[] = []): boolean => a.join() === b.join();

/** A service that prefers two families, and an update that leaves its addresses alone: whatever it has, it keeps. */
const isKept = (spec: ServiceSpec, old: ServiceSpec | undefined): boolean =>
  old !== undefined &&
  old.type === spec.type &&
  spec.ipFamilyPolicy === 'PreferDualStack' &&
  old.ipFamilyPolicy === 'PreferDualStack' &&
  isSame(spec.clusterIPs, old.clusterIPs) &&
  isSame(spec.ipFamilies, old.ipFamilies);

/** An update to one family drops the second address; other policies must not lose one silently. */
function releaseSecond(spec: ServiceSpec, old: ServiceSpec): FieldError[] {
  if (spec.ipFamilyPolicy === 'SingleStack') {
    if (isSame(spec.clusterIPs, old.clusterIPs)) spec.clusterIPs = spec.clusterIPs?.slice(0, 1);
    if (isSame(spec.ipFamilies, old.ipFamilies)) spec.ipFamilies = spec.ipFamilies?.slice(0, 1);
    return [];
  }
  const refuse = (field: 'clusterIPs' | 'ipFamilies', what: string) => {
    const count = spec[field]?.length ?? 0;
    if (count === 0 || count >= (old[field]?.length ?? 0)) return [];
    return [invalid(POLICY, spec.ipFamilyPolicy, `must be 'SingleStack' to release the secondary ${what}`)];
  };
  return [...refuse('clusterIPs', 'cluster IP'), ...refuse('ipFamilies', 'IP family')];
}

function tooManyForOne(spec: ServiceSpec): FieldError[] {
  if (spec.ipFamilyPolicy !== 'SingleStack') return [];
  const detail = (what: string) =>
    `must be 'RequireDualStack' or 'PreferDualStack' when multiple ${what} are specified`;
  return [
    ...(spec.clusterIPs?.length === 2 ? [invalid(POLICY, spec.ipFamilyPolicy, detail('cluster IPs'))] : []),
    ...(spec.ipFamilies?.length === 2 ? [invalid(POLICY, spec.ipFamilyPolicy, detail('IP families'))] : []),
  ];
}

/** Families that the addresses tell. */
function inferFamilies(spec: ServiceSpec, configured: readonly string[]): FieldError[] {
  return (isHeadless(spec) ? [] : (spec.clusterIPs ?? [])).flatMap((ip, index) => {
    if (index < (spec.ipFamilies?.length ?? 0)) return [];
    const family = familyOf(ip);
    if (!configured.includes(family))
      return [
        invalid(`spec.clusterIPs[${index}]`, goStrings(spec.clusterIPs), `${family} is not configured on this cluster`),
      ];
    spec.ipFamilies = [...(spec.ipFamilies ?? []), family];
    return [];
  });
}

/**
 * initIPFamilyFields: policy, families and their number, on a cluster with the families `configured` (its default first); a headless
 * service without a selector is for any family.
 */
export function setFamilies(
  spec: ServiceSpec,
  old: ServiceSpec | undefined,
  configured: readonly string[],
): FieldError[] {
  if (!needsClusterIP(spec) || isKept(spec, old)) return [];
  const free = spec.clusterIP === 'None' && Object.keys(spec.selector ?? {}).length === 0;
  spec.ipFamilyPolicy ??= old?.ipFamilyPolicy ?? (free ? 'RequireDualStack' : 'SingleStack');
  const wrong = validateClusterIPs(spec);
  if (wrong.length > 0) return wrong;
  const errors = [...(old ? releaseSecond(spec, old) : []), ...tooManyForOne(spec), ...inferFamilies(spec, configured)];
  if (errors.length > 0) return errors;
  if (!free) {
    if (spec.ipFamilyPolicy === 'RequireDualStack' && configured.length < 2)
      errors.push(invalid(POLICY, spec.ipFamilyPolicy, 'this cluster is not configured for dual-stack services'));
    for (const [index, family] of (spec.ipFamilies ?? []).entries())
      if (!configured.includes(family))
        errors.push(invalid(`spec.ipFamilies[${index}]`, family, 'not configured on this cluster'));
    if (errors.length > 0) return errors;
  }
  if (!spec.ipFamilies?.length) spec.ipFamilies = [configured[0]!];
  if (spec.ipFamilyPolicy !== 'SingleStack' && spec.ipFamilies.length === 1 && (free || configured.length === 2))
    spec.ipFamilies = [...spec.ipFamilies, other(spec.ipFamilies[0])];
  return [];
}
