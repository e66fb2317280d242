import type { Client } from '../runtime/client.ts';
import type { Service } from '../types/objects.ts';

const upper = (name: string) => name.toUpperCase().replaceAll('-', '_');

/** pkg/kubelet/envvars: the variables of one service, and Docker's links. */
function variablesOf(service: Service): [string, string][] {
  const { clusterIP, ports = [] } = service.spec!;
  const name = upper(service.metadata.name!);
  const host = clusterIP!.includes(':') ? `[${clusterIP}]` : clusterIP!;
  const result: [string, string][] = [
    [`${name}_SERVICE_HOST`, clusterIP!],
    [`${name}_SERVICE_PORT`, String(ports[0]!.port)],
    ...ports
      .filter((port) => port.name)
      .map((port): [string, string] => [`${name}_SERVICE_PORT_${upper(port.name!)}`, String(port.port)]),
  ];
  ports.forEach((port, index) => {
    const protocol = (port.protocol ?? 'TCP').toLowerCase();
    const url = `${protocol}://${host}:${port.port}`;
    const prefix = `${name}_PORT_${port.port}_${protocol.toUpperCase()}`;
    if (index === 0) result.push([`${name}_PORT`, url]);
    result.push(
      [prefix, url],
      [`${prefix}_PROTO`, protocol],
      [`${prefix}_PORT`, String(port.port)],
      [`${prefix}_ADDR`, clusterIP!],
    );
  });
  return result;
}

/** What every container of a namespace finds of the services there when it starts; `kubernetes` always. */
export function serviceEnvironment(client: Client, namespace: string, links: boolean): Record<string, string> {
  const usable = (service: Service | undefined): service is Service =>
    service?.spec?.clusterIP !== undefined &&
    service.spec.clusterIP !== '' &&
    service.spec.clusterIP !== 'None' &&
    (service.spec.ports?.length ?? 0) > 0;
  const master = client.get('services', 'default', 'kubernetes');
  const own = links ? client.list('services', namespace) : [];
  const others = own.filter((service) => service.metadata.name !== 'kubernetes' || namespace === 'default');
  const services = [...(others.some((s) => s.metadata.name === 'kubernetes') ? [] : [master]), ...others];
  return Object.fromEntries(services.filter(usable).flatMap(variablesOf));
}
