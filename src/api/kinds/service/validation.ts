import { parseIp } from '../../../base/ip.ts';
import { isPortNumber } from '../../../base/names.ts';
import type { Service } from '../../../types/objects.ts';
import {
  duplicate,
  type FieldError,
  forbidden,
  invalid,
  notSupported,
  required,
} from '../../machinery/field-errors.ts';
import { GoSyntax, goStrings } from '../../machinery/invalid.ts';
import { each, invalidEach, label1123, oneOf, qualifiedName, subdomain1123 } from '../shared/checks.ts';
import { PROTOCOLS } from '../shared/containers.ts';
import { cidrField, ipField, validateEndpointIp } from '../shared/ips.ts';
import { validateLoadBalancerStatus } from '../shared/load-balancer-status.ts';
import { validatePort } from '../shared/numbers.ts';
import { validateLabels } from '../shared/object-meta.ts';
import { isExternallyAccessible, isHeadless, needsHealthCheck, type ServiceSpec } from './defaults.ts';

/** The family of an address that was found right. */
export const familyOf = (ip: string): 'IPv4' | 'IPv6' => `IPv${parseIp(ip)?.family ?? 4}`;

type Port = NonNullable<ServiceSpec['ports']>[number];

const TYPES = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];
const AFFINITIES = ['ClientIP', 'None'];
const TRAFFIC_POLICIES = ['Cluster', 'Local'];
const FAMILIES = ['IPv4', 'IPv6'];
const FAMILY_POLICIES = ['PreferDualStack', 'RequireDualStack', 'SingleStack'];
const MAX_AFFINITY_SECONDS = 86400;
export const TOPOLOGY_HINTS = 'service.kubernetes.io/topology-aware-hints';
export const TOPOLOGY_MODE = 'service.kubernetes.io/topology-mode';
const SOURCE_RANGES = 'service.beta.kubernetes.io/load-balancer-source-ranges';

function validateType(spec: ServiceSpec): FieldError[] {
  if ((spec.type === 'LoadBalancer' || spec.type === 'NodePort') && isHeadless(spec))
    return [invalid('spec.clusterIPs[0]', 'None', `may not be set to 'None' for ${spec.type} services`)];
  if (spec.type !== 'ExternalName') return [];
  const not = 'may not be set for ExternalName services';
  const errors: FieldError[] = [];
  if (spec.clusterIPs?.length) errors.push(forbidden('spec.clusterIPs', not));
  if (spec.ipFamilies?.length) errors.push(forbidden('spec.ipFamilies', not));
  if (spec.ipFamilyPolicy !== undefined) errors.push(forbidden('spec.ipFamilyPolicy', not));
  const name = (spec.externalName ?? '').replace(/\.$/, '');
  return [...errors, ...(name ? subdomain1123('spec.externalName', name) : [required('spec.externalName')])];
}

function validatePorts(ports: Port[]): FieldError[] {
  const names = new Set<string>();
  return each(ports, 'spec.ports', (port, at) => {
    const errors: FieldError[] = [];
    if (port.name) {
      errors.push(...label1123(`${at}.name`, port.name));
      if (names.has(port.name)) errors.push(duplicate(`${at}.name`, port.name));
      names.add(port.name);
    } else if (ports.length > 1) errors.push(required(`${at}.name`));
    return [
      ...errors,
      ...invalidEach(`${at}.port`, port.port ?? 0, isPortNumber(port.port ?? 0)),
      ...oneOf(`${at}.protocol`, port.protocol, PROTOCOLS),
      ...validatePort(port.targetPort as number | string | undefined, `${at}.targetPort`),
      ...(port.appProtocol === undefined ? [] : qualifiedName(`${at}.appProtocol`, port.appProtocol)),
    ];
  });
}

function validateAffinity({ sessionAffinity, sessionAffinityConfig: config }: ServiceSpec): FieldError[] {
  const errors = oneOf('spec.sessionAffinity', sessionAffinity, AFFINITIES);
  const at = 'spec.sessionAffinityConfig';
  if (sessionAffinity === 'None' && config) errors.push(forbidden(at, 'must not be set when session affinity is None'));
  const seconds = config?.clientIP?.timeoutSeconds;
  if (sessionAffinity === 'ClientIP' && seconds !== undefined && (seconds <= 0 || seconds > MAX_AFFINITY_SECONDS))
    errors.push(
      invalid(`${at}.clientIP.timeoutSeconds`, seconds, `must be greater than 0 and less than ${MAX_AFFINITY_SECONDS}`),
    );
  return errors;
}

/** ValidateServiceClusterIPsRelatedFields */
export function validateClusterIPs(spec: ServiceSpec): FieldError[] {
  if (spec.type === 'ExternalName') return [];
  const at = 'spec.clusterIPs';
  const { clusterIP, clusterIPs: ips = [], ipFamilies: families = [] } = spec;
  const errors: FieldError[] = [];
  if (clusterIP) {
    if (ips.length === 0) errors.push(required(at));
    else if (ips[0] !== clusterIP) errors.push(invalid(at, goStrings(ips), 'first value must match `clusterIP`'));
  } else if (ips.length > 0)
    errors.push(invalid(at, goStrings(ips), 'must be empty when `clusterIP` is not specified'));
  errors.push(
    ...each(families, 'spec.ipFamilies', (family, path, index) => [
      ...(FAMILIES.includes(family) ? [] : [notSupported(path, family, FAMILIES)]),
      ...(families.indexOf(family) < index ? [duplicate(path, family)] : []),
    ]),
  );
  if (spec.ipFamilyPolicy !== undefined && !FAMILY_POLICIES.includes(spec.ipFamilyPolicy))
    errors.push(notSupported('spec.ipFamilyPolicy', spec.ipFamilyPolicy, FAMILY_POLICIES));
  const wrong = each(ips, at, (ip, path, index) => {
    if (index === 0 && ip === 'None')
      return ips.length > 1 ? [invalid(at, goStrings(ips), "'None' must be the first and only value")] : [];
    return ipField(path, ip);
  });
  errors.push(...wrong);
  if (ips.length > 2) errors.push(invalid(at, goStrings(ips), 'may only hold up to 2 values'));
  if (wrong.length > 0) return errors;
  if (ips.length > 1 && new Set(ips.map(familyOf)).size < 2)
    errors.push(invalid(at, goStrings(ips), 'may specify no more than one IP for each IP family'));
  if (!isHeadless(spec))
    errors.push(
      ...each(ips, at, (ip, path, index) =>
        families[index] && families[index] !== familyOf(ip)
          ? [invalid(path, ip, `expected an ${families[index]} value as indicated by \`ipFamilies[${index}]\``)]
          : [],
      ),
    );
  return errors;
}

const goPort = ({ protocol, port }: Port): GoSyntax =>
  new GoSyntax(
    `core.ServicePort{Name:"", Protocol:"${protocol}", AppProtocol:(*string)(nil), Port:${port}, TargetPort:intstr.IntOrString{Type:0, IntVal:0, StrVal:""}, NodePort:0}`,
  );

function validateRepeatedPorts({ type, ports = [] }: ServiceSpec): FieldError[] {
  const nodePorts = new Set<string>();
  const numbers = new Set<string>();
  const repeated = (seen: Set<string>, key: string) => seen.has(key) || !seen.add(key);
  return [
    ...each(ports, 'spec.ports', ({ nodePort }, at) =>
      type === 'ClusterIP' && nodePort
        ? [forbidden(`${at}.nodePort`, "may not be used when `type` is 'ClusterIP'")]
        : [],
    ),
    ...each(ports, 'spec.ports', ({ nodePort, protocol }, at) =>
      nodePort && repeated(nodePorts, `${protocol}/${nodePort}`) ? [duplicate(`${at}.nodePort`, nodePort)] : [],
    ),
    ...each(ports, 'spec.ports', (port, at) =>
      repeated(numbers, `${port.protocol}/${port.port}`) ? [duplicate(at, goPort(port))] : [],
    ),
  ];
}

const LOAD_BALANCER_ONLY = "may only be used when `type` is 'LoadBalancer'";

/** The clients of a load balancer, by the field or else by the older annotation; spaces around a network are allowed. */
function validateSourceRanges({ metadata, spec = {} }: Service): FieldError[] {
  const annotation = metadata.annotations?.[SOURCE_RANGES];
  const field = (spec.loadBalancerSourceRanges?.length ?? 0) > 0;
  if (!field && annotation === undefined) return [];
  const at = field ? 'spec.LoadBalancerSourceRanges' : `metadata.annotations[${SOURCE_RANGES}]`;
  const listed = field ? spec.loadBalancerSourceRanges! : annotation!.trim() ? annotation!.split(',') : [];
  return [
    ...(spec.type === 'LoadBalancer' ? [] : [forbidden(at, LOAD_BALANCER_ONLY)]),
    ...each(listed, at, (range, path) => cidrField(field ? path : at, range.trim())),
  ];
}

function validateTopology({ metadata }: Service): FieldError[] {
  const { [TOPOLOGY_HINTS]: hints, [TOPOLOGY_MODE]: mode } = metadata.annotations ?? {};
  if (hints === undefined || mode === undefined || hints === mode) return [];
  const detail = `must match annotations[${TOPOLOGY_HINTS}] when both are specified`;
  return [invalid(`metadata.annotations[${TOPOLOGY_MODE}]`, mode, detail)];
}

function validateLoadBalancer(spec: ServiceSpec): FieldError[] {
  const only = LOAD_BALANCER_ONLY;
  const isLoadBalancer = spec.type === 'LoadBalancer';
  const errors: FieldError[] = [];
  if (spec.allocateLoadBalancerNodePorts !== undefined && !isLoadBalancer)
    errors.push(forbidden('spec.allocateLoadBalancerNodePorts', only));
  if (spec.loadBalancerClass !== undefined) {
    if (!isLoadBalancer) errors.push(forbidden('spec.loadBalancerClass', only));
    else errors.push(...qualifiedName('spec.loadBalancerClass', spec.loadBalancerClass));
  }
  return errors;
}

function validateTraffic(spec: ServiceSpec): FieldError[] {
  const { externalTrafficPolicy: external, internalTrafficPolicy: internal, healthCheckNodePort: health } = spec;
  const errors: FieldError[] = [];
  if (isExternallyAccessible(spec)) errors.push(...oneOf('spec.externalTrafficPolicy', external, TRAFFIC_POLICIES));
  else if (external)
    errors.push(invalid('spec.externalTrafficPolicy', external, 'may only be set for externally-accessible services'));
  if (needsHealthCheck(spec)) {
    const at = 'spec.healthCheckNodePort';
    errors.push(...(health ? invalidEach(at, health, isPortNumber(health)) : [required(at)]));
  } else if (health)
    errors.push(
      invalid(
        'spec.healthCheckNodePort',
        health,
        "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'",
      ),
    );
  if (internal !== undefined && !TRAFFIC_POLICIES.includes(internal))
    errors.push(notSupported('spec.internalTrafficPolicy', internal, TRAFFIC_POLICIES));
  if (spec.trafficDistribution !== undefined && spec.trafficDistribution !== 'PreferClose')
    errors.push(notSupported('spec.trafficDistribution', spec.trafficDistribution, ['PreferClose']));
  return errors;
}

/** ValidateService without its metadata. */
export function validate(service: Service): FieldError[] {
  const spec = service.spec ?? {};
  const ports = spec.ports ?? [];
  return [
    ...validateTopology(service),
    ...(ports.length === 0 && !isHeadless(spec) && spec.type !== 'ExternalName' ? [required('spec.ports')] : []),
    ...validateType(spec),
    ...validatePorts(ports),
    ...validateLabels(spec.selector, 'spec.selector'),
    ...validateAffinity(spec),
    ...validateClusterIPs(spec),
    ...each(spec.externalIPs, 'spec.externalIPs', (ip, at) => {
      const errors = ipField(at, ip);
      return errors.length > 0 ? errors : validateEndpointIp(at, ip);
    }),
    ...oneOf('spec.type', spec.type, TYPES),
    ...validateRepeatedPorts(spec),
    ...validateSourceRanges(service),
    ...validateLoadBalancer(spec),
    ...validateTraffic(spec),
  ];
}

/** ValidateServiceStatusUpdate: only a load balancer is reached from outside. */
export function validateStatusUpdate({ spec, status }: Service): FieldError[] {
  const at = 'status.loadBalancer';
  const { ingress = [] } = status?.loadBalancer ?? {};
  if (spec?.type === 'LoadBalancer') return validateLoadBalancerStatus(ingress, at);
  const only = "may only be used when `spec.type` is 'LoadBalancer'";
  return ingress.length > 0 ? [forbidden(`${at}.ingress`, only)] : [];
}
