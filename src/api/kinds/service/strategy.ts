import type { Service } from '../../../types/objects.ts';
import { same } from '../shared/checks.ts';
import { label1035Name } from '../shared/object-meta.ts';
import type { KindRules } from '../shared/strategy.ts';
import { allocate } from './allocation.ts';
import {
  isExternallyAccessible,
  isHeadless,
  needsClusterIP,
  needsHealthCheck,
  needsNodePort,
  type ServiceSpec,
  setDefaults,
} from './defaults.ts';
import { validate, validateUpdate } from './validation.ts';

/** dropTypeDependentFields: what only the old type needs goes, unless the client changed it. */
function dropTypeDependentFields(spec: ServiceSpec, old: ServiceSpec): void {
  const drop = (needed: (spec: ServiceSpec) => boolean, ...fields: (keyof ServiceSpec)[]) => {
    if (!needed(old) || needed(spec)) return;
    for (const field of fields) if (same(spec[field], old[field])) delete spec[field];
  };
  drop(needsClusterIP, 'clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy');
  if (needsNodePort(old) && !needsNodePort(spec)) {
    const held = new Set((old.ports ?? []).map(({ nodePort }) => nodePort));
    for (const port of spec.ports ?? []) if (held.has(port.nodePort)) delete port.nodePort;
  }
  drop(needsHealthCheck, 'healthCheckNodePort');
  drop(({ type }) => type === 'LoadBalancer', 'allocateLoadBalancerNodePorts', 'loadBalancerClass');
  drop(isExternallyAccessible, 'externalTrafficPolicy');
  drop(needsClusterIP, 'internalTrafficPolicy');
}

function warnings({ spec = {} }: Service): string[] {
  const found: string[] = [];
  if (spec.type !== 'ExternalName' && spec.externalName)
    found.push('spec.externalName is ignored when spec.type is not "ExternalName"');
  if (isHeadless(spec)) {
    if (spec.loadBalancerIP) found.push('spec.loadBalancerIP is ignored for headless services');
    if (spec.externalIPs?.length) found.push('spec.externalIPs is ignored for headless services');
    if (spec.sessionAffinity !== 'None') found.push('spec.SessionAffinity is ignored for headless services');
  }
  return found;
}

export const strategy: KindRules<Service> = {
  resource: 'services',
  nameRule: label1035Name,
  setDefaults,
  prepareForCreate: (service) => {
    service.status = { loadBalancer: {} };
  },
  prepareForUpdate: (service, old) => {
    service.status = old.status;
    dropTypeDependentFields(service.spec ?? {}, old.spec ?? {});
  },
  validate,
  validateUpdate,
  allocate: (service, old, { allocate: allocator }) => allocate(service, old, allocator),
  warnings,
};
