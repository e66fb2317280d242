import type { HttpRequest } from '../transport.ts';
import type { FakeServer } from './fake-environment.ts';

type Answer = { status?: number; body: unknown; warnings?: string[] };

const resource = (plural: string, kind: string, shortNames: string[], scope = 'Namespaced') => ({
  resource: plural,
  singularResource: kind.toLowerCase(),
  responseKind: { kind },
  scope,
  shortNames,
  categories: scope === 'Namespaced' ? ['all'] : [],
  verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
});

const DISCOVERY: Record<string, unknown> = {
  '/api': {
    items: [
      {
        metadata: {},
        versions: [
          {
            version: 'v1',
            resources: [
              resource('pods', 'Pod', ['po']),
              resource('configmaps', 'ConfigMap', ['cm']),
              resource('nodes', 'Node', ['no'], 'Cluster'),
            ],
          },
        ],
      },
    ],
  },
  '/apis': {
    items: [
      {
        metadata: { name: 'apps' },
        versions: [{ version: 'v1', resources: [resource('deployments', 'Deployment', ['deploy'])] }],
      },
    ],
  },
};

export const notFound = (kind: string, name: string): Answer => ({
  status: 404,
  body: { kind: 'Status', status: 'Failure', reason: 'NotFound', message: `${kind} "${name}" not found`, code: 404 },
});

/** A server with discovery of a few types, and answers by `METHOD path` (without the query). */
export function fakeCluster(answers: Record<string, Answer | ((request: HttpRequest) => Answer)>): FakeServer {
  return (request) => {
    const [path = ''] = request.path.split('?');
    if (DISCOVERY[path]) return { body: DISCOVERY[path] };
    const answer = answers[`${request.method} ${path}`];
    if (answer) return typeof answer === 'function' ? answer(request) : answer;
    const [kind = '', name = ''] = path.split('/').slice(-2);
    return notFound(kind, name);
  };
}
