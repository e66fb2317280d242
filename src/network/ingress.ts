import type { Ingress, Pod } from '../types/objects.ts';
import { backendsOf, usable } from './endpoints.ts';
import type { HttpExchange, HttpReply, NetworkWorld } from './world.ts';

type Rule = NonNullable<NonNullable<Ingress['spec']>['rules']>[number];
type Path = NonNullable<Rule['http']>['paths'][number];
type Backend = NonNullable<Path['backend']>;

/** One way to a service, of one Ingress. */
interface Way {
  ingress: Ingress;
  host: string;
  path: string;
  type: string;
  backend: Backend;
}

const CONTROLLER = 'k8s.io/ingress-nginx';
const ANNOTATION = 'nginx.ingress.kubernetes.io';

/** Whether a pod is a controller of ingress-nginx, as its manifests label it. */
export const isIngressController = (pod: Pod | undefined): boolean =>
  pod?.metadata.labels?.['app.kubernetes.io/name'] === 'ingress-nginx' &&
  pod.metadata.labels['app.kubernetes.io/component'] === 'controller';

const annotation = ({ metadata }: Ingress, name: string): string | undefined =>
  metadata.annotations?.[`${ANNOTATION}/${name}`];

/** The Ingresses that ingress-nginx serves, the oldest first. */
export function servedIngresses({ client }: Pick<NetworkWorld, 'client'>): Ingress[] {
  const classes = new Set(
    (
      client.list('ingressclasses.networking.k8s.io') as {
        metadata: { name?: string };
        spec?: { controller?: string };
      }[]
    )
      .filter(({ spec }) => spec?.controller === CONTROLLER)
      .map(({ metadata }) => metadata.name),
  );
  return client
    .list('ingresses.networking.k8s.io')
    .filter(({ metadata, spec }) =>
      classes.has(spec?.ingressClassName ?? metadata.annotations?.['kubernetes.io/ingress.class']),
    )
    .sort((a, b) => String(a.metadata.creationTimestamp).localeCompare(String(b.metadata.creationTimestamp)));
}

const waysOf = (ingresses: Ingress[]): Way[] =>
  ingresses.flatMap((ingress) =>
    (ingress.spec?.rules ?? []).flatMap(({ host = '', http }) =>
      (http?.paths ?? []).map(({ path = '/', pathType, backend }) => ({
        ingress,
        host,
        path,
        type: pathType,
        backend,
      })),
    ),
  );

const matchesHost = (pattern: string, host: string): boolean =>
  pattern.startsWith('*.') ? host.slice(host.indexOf('.')) === pattern.slice(1) : pattern === host;

/** With `rewrite-target` or `use-regex`, the paths of a host are regular expressions. */
const isPattern = ({ ingress }: Way): boolean =>
  annotation(ingress, 'use-regex') === 'true' || annotation(ingress, 'rewrite-target') !== undefined;

/** The regular expression that a path is; undefined for one that is none, which no request matches. */
function patternOf(path: string): RegExp | undefined {
  try {
    return new RegExp(`^${path}`, 'i');
  } catch {
    return undefined;
  }
}

function matchesPath(way: Way, path: string): boolean {
  if (isPattern(way) && way.type === 'ImplementationSpecific') return patternOf(way.path)?.test(path) ?? false;
  if (way.type === 'Exact') return path === way.path;
  if (way.type === 'Prefix')
    return path === way.path || path.startsWith(way.path.endsWith('/') ? way.path : `${way.path}/`);
  return path.startsWith(way.path);
}

/** Another Ingress for the same host and path that takes a part of its requests (`canary`). */
const isCanary = ({ ingress }: Way): boolean => annotation(ingress, 'canary') === 'true';

/** Whether a canary takes a request: by a header, by a cookie, by weight, in this order of precedence. */
function takes({ ingress }: Way, { headers }: HttpExchange, choose: (limit: number) => number): boolean {
  const header = annotation(ingress, 'canary-by-header')?.toLowerCase();
  const value = header === undefined ? undefined : headers[header];
  if (value !== undefined) {
    const exact = annotation(ingress, 'canary-by-header-value');
    const pattern = annotation(ingress, 'canary-by-header-pattern');
    if (exact !== undefined) {
      if (value === exact) return true;
    } else if (pattern !== undefined) {
      if (new RegExp(pattern).test(value)) return true;
    } else if (value === 'always' || value === 'never') return value === 'always';
  }
  const cookie = annotation(ingress, 'canary-by-cookie');
  const cookies = new Map((headers.cookie ?? '').split(/;\s*/).map((one) => one.split('=', 2) as [string, string]));
  const kept = cookie === undefined ? undefined : cookies.get(cookie);
  if (kept === 'always' || kept === 'never') return kept === 'always';
  const weight = Number(annotation(ingress, 'canary-weight') ?? 0);
  const total = Number(annotation(ingress, 'canary-weight-total') ?? 100);
  return weight > 0 && choose(total) < weight;
}

/** The way for a request: the server of its host, or the one of no host; there the longest path. */
function wayFor(ways: Way[], host: string, path: string): Way | undefined {
  const own = ways.filter((way) => way.host === host);
  const wild = ways.filter((way) => matchesHost(way.host, host));
  const server = own.length > 0 ? own : wild.length > 0 ? wild : ways.filter((way) => way.host === '');
  return server
    .filter((way) => matchesPath(way, path))
    .sort((a, b) => b.path.length - a.path.length || Number(b.type === 'Exact') - Number(a.type === 'Exact'))[0];
}

const REASONS: Record<number, string> = {
  302: 'Moved Temporarily',
  308: 'Permanent Redirect',
  401: 'Authorization Required',
  404: 'Not Found',
  502: 'Bad Gateway',
  503: 'Service Temporarily Unavailable',
  504: 'Gateway Time-out',
};

/**
 * Whose default backend answers what no path matches (ingress-nginx's createServers): that of the first Ingress that names the host;
 * where none does, that of an Ingress without rules.
 */
function fallbackFor(ingresses: Ingress[], host: string): Ingress | undefined {
  const naming = (isMeant: (pattern: string) => boolean) =>
    ingresses.find(({ spec }) => spec?.rules?.some((rule) => rule.host && isMeant(rule.host)));
  const owner = naming((name) => name === host) ?? naming((pattern) => matchesHost(pattern, host));
  return owner ?? ingresses.find(({ spec }) => spec?.defaultBackend && !spec.rules?.length);
}

function page(world: NetworkWorld, status: number, more: Record<string, string> = {}): HttpReply {
  const reason = REASONS[status]!;
  const title = `${status} ${reason}`;
  const body = `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n`;
  const headers = {
    Date: new Date(world.now()).toUTCString(),
    'Content-Type': 'text/html',
    'Content-Length': String(Buffer.byteLength(body)),
    Connection: 'keep-alive',
    ...more,
  };
  return { status, reason, headers, body };
}

type Fetch = (request: HttpExchange & { host: string; port: number }) => HttpReply | { failure: string };

/** What ingress-nginx answers. `fetch` asks an endpoint from where the controller stands. */
export function ingressReply(world: NetworkWorld, request: HttpExchange, fetch: Fetch): HttpReply {
  const ingresses = servedIngresses(world);
  const host = (request.headers.host ?? '').replace(/:\d+$/, '');
  const [path = '/', query] = request.path.split('?') as [string, string?];
  const ways = waysOf(ingresses);
  const usual = wayFor(
    ways.filter((one) => !isCanary(one)),
    host,
    path,
  );
  const canary = wayFor(ways.filter(isCanary), host, path);
  const way = usual && canary && takes(canary, request, world.choose) ? canary : usual;
  const fallback = way ? undefined : fallbackFor(ingresses, host);
  const ingress = way?.ingress ?? fallback;
  const backend = way?.backend ?? fallback?.spec?.defaultBackend;
  if (!ingress || !backend) return secured(page(world, 404), request);
  const moved = redirection(ingress, host, request);
  if (moved) return secured(page(world, moved.status, { Location: moved.location }), request);
  if (annotation(ingress, 'auth-type') === 'basic' && !request.headers.authorization)
    return secured(
      page(world, 401, { 'WWW-Authenticate': `Basic realm="${annotation(ingress, 'auth-realm') ?? ''}"` }),
      request,
    );
  const target = endpointOf(world, ingress.metadata.namespace!, backend);
  if (!target) return secured(page(world, 503), request);
  const wanted = (way ? rewritten(way, path) : path) + (query === undefined ? '' : `?${query}`);
  const scheme = request.tls ? 'https' : 'http';
  const answer = fetch({
    ...request,
    ...target,
    path: wanted,
    tls: annotation(ingress, 'backend-protocol') === 'HTTPS',
    headers: {
      ...request.headers,
      ...(annotation(ingress, 'upstream-vhost') && { host: annotation(ingress, 'upstream-vhost')! }),
      'x-real-ip': request.client ?? '',
      'x-forwarded-for': request.client ?? '',
      'x-forwarded-host': host,
      'x-forwarded-port': request.tls ? '443' : '80',
      'x-forwarded-proto': scheme,
      'x-forwarded-scheme': scheme,
      'x-scheme': scheme,
    },
  });
  if ('failure' in answer) return secured(page(world, answer.failure === 'timeout' ? 504 : 502), request);
  const { Server: _, ...headers } = answer.headers;
  return secured({ status: answer.status, reason: answer.reason, headers, body: answer.body }, request);
}

const secured = (reply: HttpReply, { tls }: HttpExchange): HttpReply =>
  tls
    ? {
        ...reply,
        tls: true,
        headers: { ...reply.headers, 'Strict-Transport-Security': 'max-age=31536000; includeSubDomains' },
      }
    : reply;

/** Where the annotations, or a certificate of the host, send a request before any backend sees it. */
function redirection(
  ingress: Ingress,
  host: string,
  request: HttpExchange,
): { status: number; location: string } | undefined {
  const permanent = annotation(ingress, 'permanent-redirect');
  if (permanent) return { status: 308, location: permanent };
  const temporal = annotation(ingress, 'temporal-redirect');
  if (temporal) return { status: 302, location: temporal };
  const root = annotation(ingress, 'app-root');
  if (root && request.path === '/')
    return { status: 302, location: `${request.tls ? 'https' : 'http'}://${host}${root}` };
  const hasCertificate = (ingress.spec?.tls ?? []).some(({ hosts = [] }) =>
    hosts.some((one) => matchesHost(one, host)),
  );
  const forced =
    annotation(ingress, 'force-ssl-redirect') === 'true' ||
    (hasCertificate && annotation(ingress, 'ssl-redirect') !== 'false');
  return forced && !request.tls ? { status: 308, location: `https://${host}${request.path}` } : undefined;
}

/** The path that the backend sees. */
function rewritten(way: Way, path: string): string {
  const target = annotation(way.ingress, 'rewrite-target');
  if (target === undefined) return path;
  const found = patternOf(way.path)?.exec(path);
  return target.replace(/\$(\d)/g, (_, digit: string) => found?.[Number(digit)] ?? '') || '/';
}

/** A ready endpoint of a backend's service. */
function endpointOf(
  world: NetworkWorld,
  namespace: string,
  { service }: Backend,
): { host: string; port: number } | undefined {
  const found = service && world.client.get('services', namespace, service.name);
  const port = found?.spec?.ports?.find(({ name, port }) =>
    service?.port?.name ? name === service.port.name : port === service?.port?.number,
  );
  if (!found || !port) return undefined;
  const backends = usable(backendsOf(world, found).filter(({ portName }) => portName === (port.name ?? '')));
  const chosen = backends[backends.length > 1 ? world.choose(backends.length) : 0];
  return chosen && { host: chosen.ip, port: chosen.port };
}
