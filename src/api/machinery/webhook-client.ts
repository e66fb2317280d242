import type { Service } from '../../types/objects.ts';
import type { ApiWorld } from '../world.ts';

interface ServiceReference {
  name: string;
  namespace: string;
  path?: string;
  port?: number;
}

/** Where a webhook is: WebhookClientConfig of admission and of conversion. */
export interface ClientConfig {
  service?: ServiceReference;
  url?: string;
}

const HTTPS = 443;

const noHost = (name: string): string => `dial tcp: lookup ${name} on 127.0.0.53:53: no such host`;

/** Why the API server cannot reach a service: there is nobody who would answer. */
function serviceError(world: ApiWorld, { name, namespace, port = HTTPS }: ServiceReference): string {
  const service = world.store.get('services', namespace, name) as Service | undefined;
  if (!service) return `service ${JSON.stringify(name)} not found`;
  const { clusterIP, ports = [], type, externalName } = service.spec ?? {};
  if (type === 'ExternalName') return noHost(externalName ?? '');
  if (clusterIP === 'None') return 'cannot route to service with ClusterIP "None"';
  if (!ports.some((one) => one.port === port))
    return `no service port ${port} found for service ${JSON.stringify(name)}`;
  return `dial tcp ${clusterIP}:${port}: connect: connection refused`;
}

function urlError(url: URL): string {
  const host = url.hostname;
  const isAddress = /^[0-9.]+$/.test(host) || host.startsWith('[');
  return isAddress ? `dial tcp ${host}:${url.port || HTTPS}: connect: connection refused` : noHost(host);
}

/** What comes of calling a webhook: the failure, in the words of Go's HTTP client. */
export function callError(world: ApiWorld, clientConfig: ClientConfig | undefined, timeoutSeconds: number): string {
  const { service, url: text } = clientConfig ?? {};
  const timeout = `timeout=${timeoutSeconds}s`;
  if (service) {
    const { name, namespace, path = '/', port = HTTPS } = service;
    const url = `https://${name}.${namespace}.svc:${port}${path}?${timeout}`;
    return `Post ${JSON.stringify(url)}: ${serviceError(world, service)}`;
  }
  const url = new URL(text ?? '');
  const shown = `${url.protocol}//${url.host}${url.pathname}?${timeout}`;
  return `Post ${JSON.stringify(shown)}: ${urlError(url)}`;
}
