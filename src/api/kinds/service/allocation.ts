import type { Service } from '../../../types/objects.ts';
import type { FieldError } from '../../machinery/field-errors.ts';
import { goStrings } from '../../machinery/invalid.ts';
import type { Allocator } from '../kind.ts';
import { isHeadless, needsClusterIP, needsHealthCheck, needsNodePort, type ServiceSpec } from './defaults.ts';
import { setFamilies } from './ip-families.ts';
import { allocateNodePorts, nodePortsOf } from './node-ports.ts';
import { attempt, demand } from './wishes.ts';

const specOf = (service: Service | undefined): ServiceSpec => service?.spec ?? {};
const isSame = (a: readonly string[] = [], b: readonly string[] = []): boolean => a.join() === b.join();

/** patchAllocatedValues: an update that leaves out what was handed out keeps it. */
function keepAllocations(spec: ServiceSpec, old: ServiceSpec): void {
  if (needsClusterIP(old) && needsClusterIP(spec)) {
    spec.clusterIP ||= old.clusterIP;
    if (!spec.clusterIPs?.length) spec.clusterIPs = old.clusterIPs;
  }
  if (needsNodePort(old) && needsNodePort(spec)) {
    const now = nodePortsOf(spec);
    const used = new Set([...nodePortsOf(old)].filter((port) => now.has(port)));
    const byName = new Map((old.ports ?? []).map(({ name, nodePort }) => [name ?? '', nodePort]));
    for (const port of spec.ports ?? []) {
      const kept = byName.get(port.name ?? '');
      if (!port.nodePort && kept && !used.has(kept)) port.nodePort = kept;
    }
  }
  if (needsHealthCheck(old) && needsHealthCheck(spec)) spec.healthCheckNodePort ||= old.healthCheckNodePort;
}

/** normalizeClusterIPs: `clusterIP` and the first of `clusterIPs` follow each other. */
function normalizeClusterIPs(spec: ServiceSpec, old?: ServiceSpec): void {
  if (!old) {
    if (spec.clusterIP && !spec.clusterIPs?.length) spec.clusterIPs = [spec.clusterIP];
    return;
  }
  const isSilent = !spec.clusterIPs?.length && (spec.clusterIP ?? '') === (old.clusterIP ?? '');
  if (isSilent) spec.clusterIPs = old.clusterIPs;
  const changed = (spec.clusterIP ?? '') !== (old.clusterIP ?? '');
  if (changed && isSame(spec.clusterIPs, old.clusterIPs))
    spec.clusterIPs = spec.clusterIP ? [spec.clusterIP] : undefined;
}

/** An address for each family that has none, and the ones that were wished for. */
function allocateClusterIPs(spec: ServiceSpec, old: ServiceSpec | undefined, allocator: Allocator): FieldError[] {
  if (!needsClusterIP(spec) || isHeadless(spec)) return [];
  const isNew = !old || !needsClusterIP(old);
  if (!isNew && isHeadless(old)) return [];
  // What a service has, it keeps; only a second family may come.
  const kept = isNew ? 0 : (old.ipFamilies?.length ?? 0);
  for (const [index, family] of (spec.ipFamilies ?? []).entries()) {
    if (index < kept) continue;
    const wanted = spec.clusterIPs?.[index];
    if (wanted) {
      const words = `failed to allocate IP ${wanted}: `;
      const take = () => allocator.clusterIP(family, wanted);
      const errors = attempt(take, 'spec.clusterIPs', goStrings(spec.clusterIPs), words);
      if (errors.length > 0) return errors;
    } else {
      const ip = demand(() => allocator.clusterIP(family), 'failed to allocate a serviceIP');
      spec.clusterIPs = [...(spec.clusterIPs ?? []).slice(0, index), ip];
    }
    if (index === 0) spec.clusterIP = spec.clusterIPs![0];
  }
  return [];
}

function allocateHealthCheckPort(spec: ServiceSpec, old: ServiceSpec | undefined, allocator: Allocator): void {
  if (!needsHealthCheck(spec) || (old && needsHealthCheck(old))) return;
  const port = spec.healthCheckNodePort;
  const words = port
    ? `failed to allocate requested HealthCheck NodePort ${port}`
    : 'failed to allocate a HealthCheck NodePort 0';
  spec.healthCheckNodePort = demand(() => allocator.nodePort(port || undefined), words);
}

/** Hands out cluster IPs and node ports to a service that needs them and has none. */
export function allocate(service: Service, oldService: Service | undefined, allocator: Allocator): FieldError[] {
  const spec = specOf(service);
  const old = oldService && specOf(oldService);
  if (old) keepAllocations(spec, old);
  normalizeClusterIPs(spec, old);
  for (const step of [
    () => setFamilies(spec, old, allocator.families),
    () => allocateClusterIPs(spec, old, allocator),
    () => allocateNodePorts(spec, old, allocator),
  ]) {
    const errors = step();
    if (errors.length > 0) return errors;
  }
  allocateHealthCheckPort(spec, old, allocator);
  return [];
}
