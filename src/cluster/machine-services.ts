import { verifyToken } from '../api/authentication/tokens.ts';
import type { UserInfo } from '../api/request.ts';
import type { ApiServer } from '../api/server.ts';
import { goJson } from '../base/go-json.ts';
import type { Host, HttpExchange, HttpReply } from '../network/world.ts';
import type { ActorWorld } from '../runtime/actor.ts';
import { apiServerUp } from '../runtime/control-plane.ts';
import { respond } from '../sh/programs/http-answer.ts';
import { type MachineRecord, RUNTIME_SECTIONS } from '../types/node-runtime.ts';
import type { ClusterSpec } from './config.ts';

const KUBELET_PORT = 10250;
const KUBELET_HEALTH = 10248;
const ANONYMOUS: UserInfo = { username: 'system:anonymous', groups: ['system:unauthenticated'] };
/** Clients that a person reads over: they get indented JSON (apiserver's isPrettyPrint). */
const PEOPLE = /^(curl|Wget|Mozilla\/5\.0)/;

const METHODS = new Set(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']);

/** What answers on machines outside of any container: the API server, wherever it is, and kubelets. */
export function machineServices(world: ActorWorld, spec: ClusterSpec, api: ApiServer) {
  const machines = world.state.section<MachineRecord>(RUNTIME_SECTIONS.machines);
  const { hostname, port: apiPort } = new URL(spec.apiServer);

  /** Where the service `kubernetes` leads. */
  const endpoints = () =>
    world.client
      .get('endpointslices.discovery.k8s.io', 'default', 'kubernetes')
      ?.endpoints.flatMap((end) => end.addresses) ?? [];

  function isApi({ ip, node }: Host, port: number): boolean {
    if (port !== Number(apiPort || 443) && !(port === 443 && node === undefined)) return false;
    // Without a pod for it, the API server runs on the control plane all the same.
    return (
      hostname === ip ||
      endpoints().includes(ip) ||
      (node !== undefined && machines.get(node)!.roles.includes('control-plane'))
    );
  }

  function kubelet({ node }: Host, port: number): MachineRecord | undefined {
    const machine = node === undefined ? undefined : machines.get(node)!;
    const isPort = port === KUBELET_HEALTH || port === (machine?.kubeletPort ?? KUBELET_PORT);
    return isPort && machine?.kubelet.active ? machine : undefined;
  }

  function fromApi({ method, path, headers, body }: HttpExchange): HttpReply {
    const now = world.now();
    const token = /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1]?.trim();
    const user = token === undefined ? ANONYMOUS : known(token);
    const answer = user
      ? api.handle({
          user,
          method: METHODS.has(method) ? (method as 'GET') : 'GET',
          path: path.replace(/\?.*$/, ''),
          query: new URLSearchParams(path.includes('?') ? path.slice(path.indexOf('?') + 1) : ''),
          headers: { accept: 'application/json', ...headers },
          ...(body !== undefined && { body }),
        })
      : { status: 401, contentType: 'application/json', body: UNAUTHORIZED };
    const indent = PEOPLE.test(headers['user-agent'] ?? '') ? '  ' : '';
    const text = typeof answer.body === 'string' ? answer.body : `${goJson(answer.body, { indent })}\n`;
    const response = respond(answer.status, text, answer.contentType, undefined, now);
    const { Connection: _, ...own } = response.headers;
    return { ...response, tls: true, headers: { 'Cache-Control': 'no-cache, private', ...own } };
  }

  function known(token: string): UserInfo | undefined {
    const tokens = world.state.section<Record<string, UserInfo>>('cluster').get('tokens');
    try {
      return tokens?.[token] ?? verifyToken(api.world, token);
    } catch {
      return undefined;
    }
  }

  function fromKubelet(port: number, { path, headers }: HttpExchange): HttpReply {
    const plain = (status: number, body: string) =>
      respond(status, body, 'text/plain; charset=utf-8', undefined, world.now());
    if (port === KUBELET_HEALTH) return path === '/healthz' ? plain(200, 'ok') : plain(404, '404 page not found\n');
    const answer = !headers.authorization
      ? plain(401, 'Unauthorized')
      : path === '/healthz'
        ? plain(200, 'ok')
        : plain(403, 'Forbidden');
    return { ...answer, tls: true };
  }

  return {
    /** Addresses of the API server that are no machine's of the cluster: a cloud's. */
    isElsewhere: (ip: string): boolean => endpoints().includes(ip),
    isOpen: (host: Host, port: number): boolean =>
      isApi(host, port) ? apiServerUp(world.state) : kubelet(host, port) !== undefined,
    serve(host: Host, port: number, request: HttpExchange): HttpReply | undefined {
      const reply = isApi(host, port) ? fromApi(request) : kubelet(host, port) && fromKubelet(port, request);
      if (!reply?.tls || request.tls) return reply;
      return respond(400, 'Client sent an HTTP request to an HTTPS server.\n', 'text/plain', undefined, world.now());
    },
  };
}

const UNAUTHORIZED = {
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Failure',
  message: 'Unauthorized',
  reason: 'Unauthorized',
  code: 401,
};
