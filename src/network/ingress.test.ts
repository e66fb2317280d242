import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../types/objects.ts';
import { ingressReply } from './ingress.ts';
import type { HttpExchange, NetworkWorld } from './world.ts';

const ingress = (spec: object, annotations: Record<string, string> = {}) =>
  ({
    metadata: {
      name: 'i',
      namespace: 'default',
      annotations: Object.fromEntries(
        Object.entries(annotations).map(([name, value]) => [`nginx.ingress.kubernetes.io/${name}`, value]),
      ),
    },
    spec: { ingressClassName: 'nginx', ...spec },
  }) as unknown as KubeObject;
const path = (path: string, pathType = 'Prefix', name = 'web') => ({
  path,
  pathType,
  backend: { service: { name, port: { number: 80 } } },
});
const rule = (host: string | undefined, ...paths: object[]) => ({ ...(host && { host }), http: { paths } });

function world(ingresses: KubeObject[]): NetworkWorld {
  const objects: Record<string, KubeObject[]> = {
    'ingresses.networking.k8s.io': ingresses,
    'ingressclasses.networking.k8s.io': [
      { metadata: { name: 'nginx' }, spec: { controller: 'k8s.io/ingress-nginx' } } as unknown as KubeObject,
    ],
    services: ['web', 'idle', 'slow'].map(
      (name) =>
        ({ metadata: { name, namespace: 'default' }, spec: { ports: [{ port: 80 }] } }) as unknown as KubeObject,
    ),
    'endpointslices.discovery.k8s.io': ['web', 'slow'].map(
      (name) =>
        ({
          metadata: { namespace: 'default', labels: { 'kubernetes.io/service-name': name } },
          ports: [{ name: '', port: 8080, protocol: 'TCP' }],
          endpoints: [{ addresses: [name === 'web' ? '10.244.1.2' : '10.244.1.9'] }],
        }) as unknown as KubeObject,
    ),
  };
  return {
    client: {
      list: (resource: string) => objects[resource] ?? [],
      get: (resource: string, _: string, name: string) =>
        objects[resource]?.find(({ metadata }) => metadata.name === name),
    },
    now: () => 0,
    choose: () => 0,
  } as unknown as NetworkWorld;
}

/** What a request gets: its status, and the path that the backend saw or where it is sent. */
function ask(ingresses: KubeObject[], host: string, path: string, more: Partial<HttpExchange> = {}): string {
  const reply = ingressReply(world(ingresses), { method: 'GET', path, headers: { host }, ...more }, (request) =>
    request.host === '10.244.1.9'
      ? { failure: 'timeout' }
      : { status: 200, reason: 'OK', headers: { Server: 'x' }, body: `${request.host}:${request.port}${request.path}` },
  );
  return reply.status === 200 ? reply.body : `${reply.status} ${reply.headers.Location ?? reply.reason}`;
}

describe('ingress-nginx', () => {
  const plain = [
    ingress({
      rules: [rule('a.test', path('/app'), path('/app/exact', 'Exact', 'idle')), rule('*.b.test', path('/'))],
    }),
  ];
  it.each([
    ['a.test', '/app', '10.244.1.2:8080/app'],
    ['a.test:30080', '/app/x?q=1', '10.244.1.2:8080/app/x?q=1'],
    ['a.test', '/apple', '404 Not Found'],
    ['a.test', '/app/exact', '503 Service Temporarily Unavailable'],
    ['a.test', '/', '404 Not Found'],
    ['x.b.test', '/', '10.244.1.2:8080/'],
    ['x.y.b.test', '/', '404 Not Found'],
    ['c.test', '/app', '404 Not Found'],
  ])('%s%s: %s', (host, path, answer) => {
    expect(ask(plain, host, path)).toBe(answer);
  });

  it.each([
    ['a.test', '/z', '404 Not Found'],
    ['b.test', '/z', '10.244.1.2:8080/z'],
    ['c.test', '/z', '10.244.1.2:8080/z'],
    ['d.test', '/(', '404 Not Found'],
  ])('answers %s%s by whose host it is: %s', (host, target, answer) => {
    const { backend } = path('/');
    const ingresses = [
      ingress({ rules: [rule('a.test', path('/app'))] }),
      ingress({ defaultBackend: backend, rules: [rule('b.test', path('/app'))] }),
      ingress({ defaultBackend: backend }),
      ingress({ rules: [rule('d.test', path('/(', 'ImplementationSpecific'))] }, { 'use-regex': 'true' }),
    ];
    expect(ask(ingresses, host, target)).toBe(answer);
  });

  it.each<[what: string, spec: object, annotations: Record<string, string>, path: string, answer: string]>([
    [
      'rewrites to a fixed path',
      { rules: [rule(undefined, path('/app'))] },
      { 'rewrite-target': '/' },
      '/app/x',
      '10.244.1.2:8080/',
    ],
    [
      'rewrites with what was matched',
      { rules: [rule(undefined, path('/app(/|$)(.*)', 'ImplementationSpecific'))] },
      { 'rewrite-target': '/$2' },
      '/app/x/y',
      '10.244.1.2:8080/x/y',
    ],
    ['falls back', { defaultBackend: path('/').backend }, {}, '/z', '10.244.1.2:8080/z'],
    [
      'gives up on a backend',
      { rules: [rule(undefined, path('/', 'Prefix', 'slow'))] },
      {},
      '/',
      '504 Gateway Time-out',
    ],
    [
      'sends clients to TLS',
      { tls: [{ hosts: ['h.test'] }], rules: [rule('h.test', path('/'))] },
      {},
      '/x',
      '308 https://h.test/x',
    ],
    [
      'sends clients elsewhere',
      { rules: [rule('h.test', path('/'))] },
      { 'permanent-redirect': 'https://e.test' },
      '/',
      '308 https://e.test',
    ],
    [
      'asks who they are',
      { rules: [rule('h.test', path('/'))] },
      { 'auth-type': 'basic' },
      '/',
      '401 Authorization Required',
    ],
    [
      'has a root of the application',
      { rules: [rule('h.test', path('/'))] },
      { 'app-root': '/home' },
      '/',
      '302 http://h.test/home',
    ],
    [
      'leaves other classes alone',
      { ingressClassName: 'other', rules: [rule('h.test', path('/'))] },
      {},
      '/',
      '404 Not Found',
    ],
  ])('%s', (_what, spec, annotations, path, answer) => {
    expect(ask([ingress(spec, annotations)], 'h.test', path)).toBe(answer);
  });
});

describe('a canary', () => {
  const both = (annotations: Record<string, string>) => [
    ingress({ rules: [rule('h.test', path('/'))] }),
    ingress({ rules: [rule('h.test', path('/', 'Prefix', 'idle'))] }, { canary: 'true', ...annotations }),
  ];
  const [USUAL, CANARY] = ['10.244.1.2:8080/', '503 Service Temporarily Unavailable'];
  it.each<[what: string, annotations: Record<string, string>, headers: Record<string, string>, answer: string]>([
    ['takes nothing by itself', {}, {}, USUAL],
    ['takes all with the whole weight', { 'canary-weight': '100' }, {}, CANARY],
    ['takes who says always', { 'canary-by-header': 'X-New' }, { 'x-new': 'always' }, CANARY],
    ['leaves who says never', { 'canary-by-header': 'X-New', 'canary-weight': '100' }, { 'x-new': 'never' }, USUAL],
    ['takes a value', { 'canary-by-header': 'X-New', 'canary-by-header-value': 'eu' }, { 'x-new': 'eu' }, CANARY],
    ['leaves other values', { 'canary-by-header': 'X-New', 'canary-by-header-value': 'eu' }, { 'x-new': 'us' }, USUAL],
    ['takes by cookie', { 'canary-by-cookie': 'new' }, { cookie: 'a=b; new=always' }, CANARY],
  ])('%s', (_, annotations, headers, answer) => {
    expect(ask(both(annotations), 'h.test', '/', { headers: { host: 'h.test', ...headers } })).toBe(answer);
  });
});
