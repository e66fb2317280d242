import type { Service } from '../../../types/objects.ts';
import { cidrWarnings, ipWarnings } from '../shared/ips.ts';
import { isHeadless } from './defaults.ts';
import { TOPOLOGY_HINTS, TOPOLOGY_MODE } from './validation.ts';

/** GetWarningsForService */
export function warnings({ metadata, spec = {} }: Service): string[] {
  const each = (values: string[] | undefined, field: string, judge: (path: string, value: string) => string[]) =>
    (values ?? []).flatMap((value, index) => judge(`spec.${field}[${index}]`, value));
  const found: string[] = [];
  if (metadata.annotations?.[TOPOLOGY_HINTS] !== undefined)
    found.push(`annotation ${TOPOLOGY_HINTS} is deprecated, please use ${TOPOLOGY_MODE} instead`);
  if (!isHeadless(spec)) found.push(...each(spec.clusterIPs, 'clusterIPs', ipWarnings));
  found.push(...each(spec.externalIPs, 'externalIPs', ipWarnings));
  if (spec.loadBalancerIP) found.push(...ipWarnings('spec.loadBalancerIP', spec.loadBalancerIP));
  found.push(...each(spec.loadBalancerSourceRanges, 'loadBalancerSourceRanges', cidrWarnings));
  const isName = spec.type === 'ExternalName';
  if (isName && spec.externalIPs?.length) found.push('spec.externalIPs is ignored when spec.type is "ExternalName"');
  if (!isName && spec.externalName) found.push('spec.externalName is ignored when spec.type is not "ExternalName"');
  return found;
}
