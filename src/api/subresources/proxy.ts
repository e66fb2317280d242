import type { EndpointSlice, Node, Pod, Service } from '../../types/objects.ts';
import { admitConnection } from '../admission/index.ts';
import { badRequest, notFound } from '../errors.ts';
import { ApiError, type ApiResponse } from '../request.ts';
import { type ResourceRequest, subjectOf } from '../world.ts';
import { agentOf, checkAddress, checkNode } from './node-connection.ts';

const METHODS: Record<string, string> = { get: 'GET', create: 'POST', update: 'PUT', patch: 'PATCH', delete: 'DELETE' };

/** Asks admission, as for any connection. */
const admitProxy = (request: ResourceRequest, kind: string): void =>
  admitConnection(request, { kind, apiVersion: 'v1', ...(request.rest && { path: `/${request.rest}` }) });

/** nodes/NODE/proxy/PATH: the kubelet's own HTTP. A port may follow the node's name. */
export async function nodeProxy(request: ResourceRequest): Promise<ApiResponse> {
  const { world, name, rest, verb, query } = request;
  admitProxy(request, 'NodeProxyOptions');
  const node = name.split(':')[0]!;
  checkAddress(world.store.get('nodes', '', node) as Node | undefined, node);
  const search = query.toString();
  return agentOf(request).proxy(node, METHODS[verb] ?? 'GET', `/${rest}${search && `?${search}`}`);
}

const unavailable = (message: string): ApiError => new ApiError(503, 'ServiceUnavailable', message);

/** `https:web:8080`, `web:8080`, `web:http`, `web`: what stands before a name is a scheme, what follows it a port. */
function target(name: string): { name: string; port: string } {
  const parts = name.split(':');
  if (parts.length === 3) return { name: parts[1]!, port: parts[2]! };
  return { name: parts[0]!, port: parts[1] ?? '' };
}

/** pods/POD/proxy/PATH: HTTP to a port of a pod, the first of its first container unless one is named. */
export async function podProxy(request: ResourceRequest): Promise<ApiResponse> {
  const { world, namespace } = request;
  admitProxy(request, 'PodProxyOptions');
  const { name, port } = target(request.name);
  const pod = world.store.get('pods', namespace, name) as Pod | undefined;
  if (!pod) throw notFound(subjectOf(request), name);
  checkNode(request, pod);
  const wanted = port === '' ? (pod.spec?.containers[0]?.ports?.[0]?.containerPort ?? 80) : Number(port);
  return await fetchFrom(request, pod, wanted);
}

/** services/SERVICE/proxy/PATH: HTTP to one of a service's ready endpoints. */
export async function serviceProxy(request: ResourceRequest): Promise<ApiResponse> {
  const { world, namespace } = request;
  admitProxy(request, 'ServiceProxyOptions');
  const { name, port } = target(request.name);
  const service = world.store.get('services', namespace, name) as Service | undefined;
  if (!service) throw notFound(subjectOf(request), name);
  const ports = service.spec?.ports ?? [];
  const chosen = port === '' ? ports[0] : ports.find((one) => one.name === port || String(one.port) === port);
  if (!chosen) throw badRequest(`no service port ${JSON.stringify(port)} found for service ${JSON.stringify(name)}`);
  const slices = (world.store.list('endpointslices.discovery.k8s.io', namespace) as EndpointSlice[]).filter(
    ({ metadata }) => metadata.labels?.['kubernetes.io/service-name'] === name,
  );
  for (const { endpoints, ports: slicePorts } of slices) {
    const number = slicePorts?.find((one) => (one.name ?? '') === (chosen.name ?? ''))?.port;
    for (const { targetRef, conditions } of endpoints ?? []) {
      const pod = world.store.get('pods', namespace, targetRef?.name ?? '') as Pod | undefined;
      if (pod && number !== undefined && conditions?.ready !== false) return await fetchFrom(request, pod, number);
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
