import { isDns1123Subdomain, isPortName, isPortNumber } from '../../../base/names.ts';
import type { Flag } from '../../command.ts';
import { CommandError } from '../../errors.ts';
import { type Generator, newMetadata } from './generator.ts';

const TCP: Flag = { name: 'tcp', type: 'stringSlice', usage: "Ports as '<port>:<targetPort>'." };

/** strconv.ParseUint(text, 10, 16) */
function parsePort(text: string): number {
  const problem = !/^\d+$/.test(text) ? 'invalid syntax' : Number(text) > 65535 ? 'value out of range' : '';
  if (problem) throw new CommandError(`strconv.ParseUint: parsing ${JSON.stringify(text)}: ${problem}`);
  return Number(text);
}

/** `80`, `80:8080` or `80:http`. */
function parsePorts(text: string): { port: number; targetPort: number | string } {
  const [first = '', target] = text.split(':');
  const port = parsePort(first);
  if (target === undefined) return { port, targetPort: port };
  const number = /^[+-]?\d+$/.test(target) ? Number(target) : undefined;
  const errors = number === undefined ? isPortName(target) : isPortNumber(number);
  if (errors.length) throw new CommandError(errors.join(','));
  return { port, targetPort: number ?? target };
}

/** `create service` for one type; `own` are the flags that only this type has. */
function serviceGenerator(
  type: string,
  {
    name: command,
    use,
    short,
    own,
    required,
  }: { name: string; use: string; short: string; own: Flag[]; required?: string[] },
): Generator {
  return {
    name: command,
    use,
    short,
    examples: `  # A ${type} service\n  kubectl create service ${command} web ${type === 'ExternalName' ? '--external-name=example.com' : '--tcp=80:8080'}`,
    flags: [TCP, ...own],
    required,
    api: { prefix: '/api/v1', resource: 'services' },
    failure: `failed to create ${type} service: `,
    generate({ name, namespace, flags }) {
      const clusterIP = flags.has('clusterip') ? flags.string('clusterip') : '';
      const externalName = flags.has('external-name') ? flags.string('external-name') : '';
      const tcp = flags.strings('tcp');
      if (clusterIP !== 'None' && !tcp.length && type !== 'ExternalName')
        throw new CommandError('at least one tcp port specifier must be provided');
      if (type === 'ExternalName' && isDns1123Subdomain(externalName).length)
        throw new CommandError(`invalid service external name ${externalName}`);
      const nodePort = flags.has('node-port') ? flags.int('node-port') : 0;
      const ports = tcp.map((text) => ({
        name: text.replaceAll(':', '-'),
        protocol: 'TCP',
        ...parsePorts(text),
        ...(nodePort && { nodePort }),
      }));
      return {
        kind: 'Service',
        apiVersion: 'v1',
        metadata: newMetadata({ name, namespace }, { labels: { app: name } }),
        spec: {
          ...(ports.length && { ports }),
          selector: { app: name },
          ...(clusterIP && { clusterIP }),
          type,
          ...(externalName && { externalName }),
        },
        status: { loadBalancer: {} },
      };
    },
  };
}

export const services: Generator[] = [
  serviceGenerator('ClusterIP', {
    name: 'clusterip',
    use: 'clusterip NAME [--tcp=<port>:<targetPort>] [--dry-run=server|client|none]',
    short: 'Create a ClusterIP service',
    own: [
      {
        name: 'clusterip',
        type: 'string',
        usage: "Its address, or 'None' for a headless service (no load balancing).",
      },
    ],
  }),
  serviceGenerator('NodePort', {
    name: 'nodeport',
    use: 'nodeport NAME [--tcp=port:targetPort] [--dry-run=server|client|none]',
    short: 'Create a NodePort service',
    own: [{ name: 'node-port', type: 'int', usage: 'Port of each node that exposes the service.' }],
  }),
  serviceGenerator('LoadBalancer', {
    name: 'loadbalancer',
    use: 'loadbalancer NAME [--tcp=port:targetPort] [--dry-run=server|client|none]',
    short: 'Create a LoadBalancer service',
    own: [],
  }),
  serviceGenerator('ExternalName', {
    name: 'externalname',
    use: 'externalname NAME --external-name external.name [--dry-run=server|client|none]',
    short: 'Create an ExternalName service',
    own: [{ name: 'external-name', type: 'string', usage: 'External name of service' }],
    required: ['external-name'],
  }),
];
