import type { Endpoints, Node, Pod, Service } from '../../types/objects.ts';
import { admitConnection } from '../admission/index.ts';
import { badRequest, notFound } from '../errors.ts';
import { ApiError, type ApiResponse } from '../request.ts';
import { type ResourceRequest, subjectOf } from '../world.ts';
import { agentOf, checkAddress } from './node-connection.ts';

const METHODS: Record<string, string> = { get: 'GET', create: 'POST', update: 'PUT', patch: 'PATCH', delete: 'DELETE' };

/** Asks admission, as for any connection. */
const admitProxy = (request: ResourceRequest, kind: string): void =>
  admitConnection(request, { kind, apiVersion: 'v1', ...(request.rest && { path: `/${request.rest}` }) });

/** nodes/NODE/proxy/PATH: the kubelet's own HTTP. A port may follow the node's name. */
export async function nodeProxy(request: ResourceRequest): Promise<ApiResponse> {
  const { world, name, rest, verb, query } = request;
  admitProxy(request, 'NodeProxyOptions');
  const node = target(name, 'node').name;
  checkAddress(world.store.get('nodes', '', node) as Node | undefined, node);
  const search = query.toString();
  return agentOf(request).proxy(node, METHODS[verb] ?? 'GET', `/${rest}${search && `?${search}`}`);
}

const unavailable = (message: string): ApiError => new ApiError(503, 'ServiceUnavailable', message);

/** `https:web:8080`, `web:8080`, `web:http`, `web`: what stands before a name is a scheme, what follows it a port. */
function target(name: string, kind: string): { name: string; port: string } {
  const parts = name.split(':');
  const known = parts.length < 3 || ['', 'http', 'https'].includes(parts[0]!);
  if (parts.length > 3 || !known || !parts[parts.length === 3 ? 1 : 0])
    throw badRequest(`invalid ${kind} request ${JSON.stringify(name)}`);
  if (parts.length === 3) return { name: parts[1]!, port: parts[2]! };
  return { name: parts[0]!, port: parts[1] ?? '' };
}

/** pods/POD/proxy/PATH: HTTP to a port of a pod, the first of its first container unless one is named. */
export async function podProxy(request: ResourceRequest): Promise<ApiResponse> {
  const { world, namespace } = request;
  admitProxy(request, 'PodProxyOptions');
  const { name, port } = target(request.name, 'pod');
  const pod = world.store.get('pods', namespace, name) as Pod | undefined;
  if (!pod) throw notFound(subjectOf(request), name);
  if (!pod.status?.podIP) throw badRequest('address not allowed');
  const first = pod.spec?.containers.find(({ ports }) => ports?.length)?.ports?.[0]?.containerPort;
  const wanted = port === '' ? (first ?? 80) : Number(port);
  return await fetchFrom(request, pod, wanted);
}

/** The name of the port that a request means: a number is looked up in the service, no port is the one without a name. */
function portName(request: ResourceRequest, name: string, port: string): string {
  if (!/^\d+$/.test(port)) return port;
  const service = request.world.store.get('services', request.namespace, name) as Service | undefined;
  if (!service) throw notFound(subjectOf(request), name);
  const found = service.spec?.ports?.find((one) => one.port === Number(port));
  if (!found) throw unavailable(`no service port ${port} found for service ${JSON.stringify(name)}`);
  return found.name ?? '';
}

/** services/SERVICE/proxy/PATH: HTTP to one of a service's ready endpoints. */
export async function serviceProxy(request: ResourceRequest): Promise<ApiResponse> {
  const { world, namespace } = request;
  admitProxy(request, 'ServiceProxyOptions');
  const { name, port } = target(request.name, 'service');
  const wanted = portName(request, name, port);
  const endpoints = world.store.get('endpoints', namespace, name) as Endpoints | undefined;
  if (!endpoints) throw notFound(subjectOf(request), name);
  const { subsets = [] } = endpoints;
  if (subsets.length === 0) throw unavailable(`no endpoints available for service ${JSON.stringify(name)}`);
  for (const { addresses = [], ports = [] } of subsets) {
    const number = ports.find((one) => (one.name ?? '') === wanted)?.port;
    for (const { targetRef } of addresses) {
      const pod = world.store.get('pods', namespace, targetRef?.name ?? '') as Pod | undefined;
      if (pod && number !== undefined) return await fetchFrom(request, pod, number);
    }
  }
  throw unavailable(`no endpoints available for service ${JSON.stringify(request.name)}`);
}

/** One HTTP exchange with a port of a pod. */
async function fetchFrom(request: ResourceRequest, pod: Pod, port: number): Promise<ApiResponse> {
  const { rest, verb, query } = request;
  const search = query.toString();
  const lines = [
    `${METHODS[verb] ?? 'GET'} /${rest}${search && `?${search}`} HTTP/1.1`,
    `Host: ${pod.status?.podIP ?? ''}:${port}`,
    'Connection: close',
  ];
  const refused = unavailable(
    `error trying to reach service: dial tcp ${pod.status?.podIP ?? ''}:${port}: connect: connection refused`,
  );
  let text: string;
  try {
    text = await agentOf(request).portForward(pod, port, `${lines.join('\r\n')}\r\n\r\n`);
  } catch (error) {
    throw (error as Error).message.includes('connection refused') ? refused : error;
  }
  const [head = '', ...body] = text.split('\r\n\r\n');
  const status = Number(/^HTTP\/[0-9.]+ ([0-9]+)/.exec(head)?.[1] ?? 0);
  if (status === 0) throw refused;
  const contentType = /^content-type:\s*(.+)$/im.exec(head)?.[1]?.trim() ?? 'text/plain';
  return { status, contentType, warnings: [], body: body.join('\r\n\r\n') };
}
