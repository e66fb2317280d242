import type { Service } from '../../../types/objects.ts';
import { same } from '../shared/checks.ts';
import { loadBalancerWarnings } from '../shared/load-balancer-status.ts';
import { label1035Name } from '../shared/object-meta.ts';
import type { KindRules } from '../shared/strategy.ts';
import { allocate } from './allocation.ts';
import { validateUpdate } from './changes.ts';
import { isExternallyAccessible, needsClusterIP, needsHealthCheck, type ServiceSpec, setDefaults } from './defaults.ts';
import { mayHaveNodePorts, nodePortsOf } from './node-ports.ts';
import { validate, validateStatusUpdate } from './validation.ts';
import { warnings } from './warnings.ts';

/** dropTypeDependentFields: what only the old type needs goes, unless the client changed it. */
function dropTypeDependentFields(spec: ServiceSpec, old: ServiceSpec): void {
  const drop = (needed: (spec: ServiceSpec) => boolean, ...fields: (keyof ServiceSpec)[]) => {
    if (!needed(old) || needed(spec)) return;
    for (const field of fields) if (same(spec[field], old[field])) delete spec[field];
  };
  drop(needsClusterIP, 'clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy');
  const held = nodePortsOf(old);
  const added = [...nodePortsOf(spec)].some((port) => !held.has(port));
  if (mayHaveNodePorts(old) && !mayHaveNodePorts(spec) && !added)
    for (const port of spec.ports ?? []) delete port.nodePort;
  drop(needsHealthCheck, 'healthCheckNodePort');
  drop(({ type }) => type === 'LoadBalancer', 'allocateLoadBalancerNodePorts', 'loadBalancerClass');
  drop(isExternallyAccessible, 'externalTrafficPolicy');
}

/** What an external name has no use for is never shown. */
const withoutPolicy = ({ spec }: Service): void => {
  if (spec?.type === 'ExternalName') delete spec.internalTrafficPolicy;
};

export const strategy: KindRules<Service> = {
  resource: 'services',
  updateChecks: ['metadata', 'changes', 'object'],
  nameRule: label1035Name,
  setDefaults,
  prepareForCreate: (service) => {
    service.status = { loadBalancer: {} };
    withoutPolicy(service);
  },
  prepareForUpdate: (service, old) => {
    service.status = old.status;
    dropTypeDependentFields(service.spec ?? {}, old.spec ?? {});
    withoutPolicy(service);
    if (service.spec?.type !== 'LoadBalancer') service.status = { ...service.status, loadBalancer: {} };
  },
  validate,
  createsOnUpdate: true,
  validateUpdate,
  validateStatusUpdate,
  allocate: (service, old, { allocate: allocator }) => allocate(service, old, allocator),
  afterWrite: (service, old, { allocate: allocator }) => allocator.record(service, old),
  afterDelete: (service, { allocate: allocator }) => allocator.record(undefined, service),
  warnings,
  warningsForSubresource: { status: loadBalancerWarnings },
};
