import type { FieldError } from '../../machinery/field-errors.ts';
import { ApiError } from '../../request.ts';
import type { Allocator } from '../kind.ts';
import { needsNodePort, type ServiceSpec } from './defaults.ts';
import { attempt, demand } from './wishes.ts';

type Port = NonNullable<ServiceSpec['ports']>[number];

/** The node ports that a service names. */
export const nodePortsOf = (spec: ServiceSpec): Set<number> =>
  new Set((spec.ports ?? []).flatMap(({ nodePort }) => (nodePort ? [nodePort] : [])));

export const mayHaveNodePorts = ({ type }: ServiceSpec): boolean => type === 'NodePort' || type === 'LoadBalancer';
const anyPort = (allocator: Allocator) => demand(() => allocator.nodePort(), 'failed to allocate a nodePort');
const wishedPort = (allocator: Allocator, port: number, index: number) =>
  attempt(() => allocator.nodePort(port), `spec.ports[${index}].nodePort`, port);

/** initNodePorts: ports of one number (53 by TCP and by UDP) share a node port. */
function init(spec: ServiceSpec, ports: Port[], allocator: Allocator): FieldError[] {
  const byNumber = new Map<number, number>();
  for (const [index, port] of ports.entries()) {
    if (!port.nodePort && !needsNodePort(spec)) continue;
    const shared = byNumber.get(port.port);
    if (shared !== undefined) {
      port.nodePort ||= shared;
      const errors = port.nodePort === shared ? [] : wishedPort(allocator, port.nodePort, index);
      if (errors.length > 0) return errors;
      continue;
    }
    const wished = ports.find((one) => one.port === port.port && one.nodePort)?.nodePort;
    const errors = wished ? wishedPort(allocator, wished, index) : [];
    if (errors.length > 0) return errors;
    port.nodePort = wished ?? anyPort(allocator);
    byNumber.set(port.port, port.nodePort);
  }
  return [];
}

/** updateNodePorts: what the service held is its own. */
function update(spec: ServiceSpec, ports: Port[], held: Set<number>, allocator: Allocator): FieldError[] {
  const seen = new Set<string>();
  for (const [index, port] of ports.entries()) {
    if (!port.nodePort && !needsNodePort(spec)) continue;
    if (!port.nodePort) port.nodePort = anyPort(allocator);
    else if (!held.has(port.nodePort)) {
      const errors = wishedPort(allocator, port.nodePort, index);
      if (errors.length > 0) return errors;
      held.add(port.nodePort);
    }
    const key = `${port.protocol} ${port.nodePort}`;
    if (seen.has(key)) throw new ApiError(500, '', `duplicate nodePort: {${key}}`);
    seen.add(key);
  }
  return [];
}

/** Hands out the node ports of a new service, or those that a change of `old` asks for. */
export function allocateNodePorts(spec: ServiceSpec, old: ServiceSpec | undefined, allocator: Allocator): FieldError[] {
  if (!mayHaveNodePorts(spec)) return [];
  const ports = spec.ports ?? [];
  return old ? update(spec, ports, nodePortsOf(old), allocator) : init(spec, ports, allocator);
}
