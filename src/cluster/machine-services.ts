import { verifyToken } from '../api/authentication/tokens.ts';
import { authorize } from '../api/authorization/index.ts';
import type { UserInfo } from '../api/request.ts';
import type { ApiServer } from '../api/server.ts';
import { readAsset } from '../base/assets.ts';
import { goJson } from '../base/go-json.ts';
import { kubeletAttributes, kubeletHttp } from '../kubelet/agent/proxy.ts';
import type { Platform } from '../kubelet/platform.ts';
import type { Host, HttpExchange, HttpReply } from '../network/world.ts';
import type { ActorWorld } from '../runtime/actor.ts';
import { apiServerUp } from '../runtime/control-plane.ts';
import { respond } from '../sh/programs/http-answer.ts';
import { type MachineRecord, RUNTIME_SECTIONS } from '../types/node-runtime.ts';
import { ANONYMOUS, anonymousUser } from './authenticate.ts';
import { credentialOf } from './client-certificate.ts';
import type { ClusterSpec } from './config.ts';

const KUBELET_PORT = 10250;
const KUBELET_HEALTH = 10248;
/** Clients that a person reads over: they get indented JSON (apiserver's isPrettyPrint). */
const PEOPLE = /^(curl|Wget|Mozilla\/5\.0)/;

const METHODS = new Set(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']);

/** What answers on machines outside of any container: the API server, wherever it is, and kubelets. */
export function machineServices(world: ActorWorld, platform: Platform, spec: ClusterSpec, api: ApiServer) {
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

  /** Who asks: a certificate counts before a token; undefined if what it shows is no good. */
  function userOf({ headers, certificate }: HttpExchange): UserInfo | undefined {
    const credential = certificate === undefined ? undefined : credentialOf(certificate);
    if (credential && world.now() >= credential.from && world.now() <= credential.to) return credential.user;
    const token = /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1]?.trim();
    if (token !== undefined) return known(token);
    return certificate === undefined ? ANONYMOUS : undefined;
  }

  function fromApi(request: HttpExchange): HttpReply {
    const { method, path, headers, body } = request;
    const now = world.now();
    const asking = userOf(request);
    const user = asking === ANONYMOUS ? anonymousUser(world.state) : asking;
    const answer = user
      ? api.answerAtOnce({
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
    const signedBy = { authority: readAsset('fixtures/pki/ca.crt'), names: servingNames() };
    return { ...response, tls: true, h2: true, signedBy, headers: { 'Cache-Control': 'no-cache, private', ...own } };
  }

  function known(token: string): UserInfo | undefined {
    const tokens = world.state.section<Record<string, UserInfo>>('cluster').get('tokens');
    try {
      return tokens?.[token] ?? verifyToken(api.world, token);
    } catch {
      return undefined;
    }
  }

  /** The names in the API server's certificate, as kubeadm writes them. */
  const servingNames = (): string[] => [
    ...['kubernetes', 'kubernetes.default', 'kubernetes.default.svc', 'kubernetes.default.svc.cluster.local'],
    ...machines.keys().flatMap((name) => {
      const { roles, internalIP } = machines.get(name)!;
      return roles.includes('control-plane') ? [name, internalIP] : [];
    }),
    world.client.get('services', 'default', 'kubernetes')?.spec?.clusterIP ?? '',
    hostname,
  ];

  /** The kubelet's server: Webhook authentication and authorization, nobody anonymous. */
  function fromKubelet(machine: MachineRecord, port: number, request: HttpExchange): HttpReply {
    const { path, method } = request;
    const plain = (status: number, body: string) =>
      respond(status, body, 'text/plain; charset=utf-8', undefined, world.now());
    if (port === KUBELET_HEALTH) return path === '/healthz' ? plain(200, 'ok') : plain(404, '404 page not found\n');
    const secure = (reply: HttpReply): HttpReply => ({ ...reply, tls: true, h2: true });
    const user = userOf(request);
    if (!user || user === ANONYMOUS) return secure(plain(401, 'Unauthorized'));
    const { verb, subresources } = kubeletAttributes(method, path);
    const allowed = subresources.some(
      (subresource) =>
        authorize(api.world, user, {
          verb,
          group: '',
          resource: `nodes/${subresource}`,
          namespace: '',
          name: machine.name,
        }) === undefined,
    );
    if (!allowed)
      return secure(
        plain(
          403,
          `Forbidden (user=${user.username}, verb=${verb}, resource=nodes, subresource(s)=[${subresources.join(' ')}])\n`,
        ),
      );
    const answer = kubeletHttp(world, platform, machine, path);
    const text = typeof answer.body === 'string' ? answer.body : goJson(answer.body);
    return secure(respond(answer.status, text, answer.contentType, undefined, world.now()));
  }

  return {
    /** Addresses of the API server that are no machine's of the cluster: a cloud's. */
    isElsewhere: (ip: string): boolean => endpoints().includes(ip),
    isOpen: (host: Host, port: number): boolean =>
      isApi(host, port) ? apiServerUp(world.state) : kubelet(host, port) !== undefined,
    serve(host: Host, port: number, request: HttpExchange): HttpReply | undefined {
      const machine = isApi(host, port) ? undefined : kubelet(host, port);
      const reply = isApi(host, port) ? fromApi(request) : machine && fromKubelet(machine, port, request);
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
