import type { Service } from '../../../types/objects.ts';
import { type FieldError, invalid } from '../../machinery/field-errors.ts';
import { goStrings } from '../../machinery/invalid.ts';
import type { Allocator } from '../kind.ts';
import { same } from '../shared/checks.ts';
import { isHeadless, needsClusterIP, needsHealthCheck, needsNodePort, type ServiceSpec } from './defaults.ts';
import { validateClusterIPs } from './validation.ts';

const specOf = (service: Service | undefined): ServiceSpec => service?.spec ?? {};
const isUsable = (ip: string) => ip !== '' && ip !== 'None';
const clusterIPsOf = (spec: ServiceSpec): string[] =>
  needsClusterIP(spec) ? (spec.clusterIPs ?? []).filter(isUsable) : [];
const nodePortsOf = (spec: ServiceSpec): number[] => [
  ...new Set((spec.ports ?? []).flatMap(({ nodePort }) => (nodePort ? [nodePort] : []))),
];

/** IP families and their policy on a cluster with IPv4 alone; a headless service without selector is for any family. */
function setFamilies(spec: ServiceSpec): FieldError[] {
  const free = isHeadless(spec) && Object.keys(spec.selector ?? {}).length === 0;
  spec.ipFamilyPolicy ??= free ? 'RequireDualStack' : 'SingleStack';
  if (!free) {
    if (spec.ipFamilyPolicy === 'RequireDualStack')
      return [
        invalid('spec.ipFamilyPolicy', spec.ipFamilyPolicy, 'this cluster is not configured for dual-stack services'),
      ];
    const at = (spec.ipFamilies ?? []).indexOf('IPv6');
    if (at >= 0) return [invalid(`spec.ipFamilies[${at}]`, 'IPv6', 'not configured on this cluster')];
  }
  if (!spec.ipFamilies?.length) spec.ipFamilies = ['IPv4'];
  if (free && spec.ipFamilyPolicy !== 'SingleStack' && spec.ipFamilies.length === 1)
    spec.ipFamilies = [...spec.ipFamilies, spec.ipFamilies[0] === 'IPv4' ? 'IPv6' : 'IPv4'];
  return [];
}

/** normalizeClusterIPs: `clusterIP` and the first of `clusterIPs` follow each other. */
function normalizeClusterIPs(spec: ServiceSpec, old?: ServiceSpec): void {
  if (!old) {
    if (spec.clusterIP && !spec.clusterIPs?.length) spec.clusterIPs = [spec.clusterIP];
    return;
  }
  const changed = (spec.clusterIP ?? '') !== (old.clusterIP ?? '');
  if (!changed || !same(spec.clusterIPs, old.clusterIPs)) return;
  if (spec.clusterIP) spec.clusterIPs = [spec.clusterIP, ...(spec.clusterIPs ?? []).slice(1)];
  else delete spec.clusterIPs;
}

/** Hands out cluster IP and node ports to a service that needs them and has none. */
export function allocate(service: Service, old: Service | undefined, allocator: Allocator): FieldError[] {
  const spec = specOf(service);
  const before = specOf(old);
  normalizeClusterIPs(spec, old?.spec);
  if (old) keepAllocations(service, old);
  if (needsClusterIP(spec)) {
    const wrong = validateClusterIPs(spec);
    const errors = wrong.length > 0 ? wrong : setFamilies(spec);
    if (errors.length > 0) return errors;
  }
  const heldIPs = old ? clusterIPsOf(before) : [];
  const heldPorts = old ? nodePortsOf(before) : [];
  const errors: FieldError[] = [];
  if (needsClusterIP(spec) && !isHeadless(spec)) {
    const [wanted] = clusterIPsOf(spec);
    if (wanted === undefined) {
      spec.clusterIP = allocator.clusterIP();
      spec.clusterIPs = [spec.clusterIP];
    } else if (!heldIPs.includes(wanted)) {
      try {
        allocator.clusterIP(wanted);
      } catch (error) {
        const reason = `failed to allocate IP ${wanted}: ${(error as Error).message}`;
        return [invalid('spec.clusterIPs', goStrings(spec.clusterIPs), reason)];
      }
    }
  }
  if (needsNodePort(spec)) errors.push(...allocateNodePorts(spec, heldPorts, allocator));
  if (needsHealthCheck(spec) && !spec.healthCheckNodePort)
    spec.healthCheckNodePort = before.healthCheckNodePort || allocator.nodePort();
  return errors;
}

function allocateNodePorts(spec: ServiceSpec, held: number[], allocator: Allocator): FieldError[] {
  const mine = new Set(held);
  return (spec.ports ?? []).flatMap((port, index) => {
    if (!port.nodePort) {
      port.nodePort = allocator.nodePort();
      mine.add(port.nodePort);
      return [];
    }
    if (mine.has(port.nodePort)) return [];
    try {
      mine.add(allocator.nodePort(port.nodePort));
      return [];
    } catch (error) {
      return [invalid(`spec.ports[${index}].nodePort`, port.nodePort, (error as Error).message)];
    }
  });
}

/** patchAllocatedValues: an update that leaves out what was handed out keeps it. */
function keepAllocations(service: Service, old: Service): void {
  const [spec, before] = [specOf(service), specOf(old)];
  if (needsClusterIP(before) && needsClusterIP(spec)) {
    spec.clusterIP ||= before.clusterIP;
    if (!spec.clusterIPs?.length && spec.clusterIP === before.clusterIP) spec.clusterIPs = before.clusterIPs;
    spec.ipFamilies ??= before.ipFamilies;
    spec.ipFamilyPolicy ??= before.ipFamilyPolicy;
  }
  if (needsNodePort(before) && needsNodePort(spec)) {
    const used = new Set(nodePortsOf(spec));
    const byName = new Map((before.ports ?? []).map(({ name, nodePort }) => [name ?? '', nodePort]));
    for (const port of spec.ports ?? []) {
      const kept = byName.get(port.name ?? '');
      if (port.nodePort || !kept || used.has(kept)) continue;
      port.nodePort = kept;
      used.add(kept);
    }
  }
  if (needsHealthCheck(before) && needsHealthCheck(spec)) spec.healthCheckNodePort ||= before.healthCheckNodePort;
}
