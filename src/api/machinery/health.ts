import { readJsonAsset } from '../../base/assets.ts';
import type { ApiResponse } from '../request.ts';
import { PLAIN_TYPE } from './content-types.ts';

interface RootFacts {
  version: Record<string, string>;
  paths: string[];
  openapi: Record<string, unknown>;
}

export const rootFacts = (): RootFacts => readJsonAsset<RootFacts>('fixtures/schema/root.json');

const text = (body: string): ApiResponse => ({
  status: 200,
  contentType: PLAIN_TYPE,
  warnings: [],
  body,
});

/** The checks that a probe runs, in order: the post-start hooks stand as kube-apiserver registers them. */
const CHECKS = [
  'ping',
  'log',
  'etcd',
  'poststarthook/start-apiserver-admission-initializer',
  'poststarthook/generic-apiserver-start-informers',
  'poststarthook/priority-and-fairness-config-consumer',
  'poststarthook/priority-and-fairness-filter',
  'poststarthook/storage-object-count-tracker-hook',
  'poststarthook/start-apiextensions-informers',
  'poststarthook/start-apiextensions-controllers',
  'poststarthook/crd-informer-synced',
  'poststarthook/start-system-namespaces-controller',
  'poststarthook/start-cluster-authentication-info-controller',
  'poststarthook/start-kube-apiserver-identity-lease-controller',
  'poststarthook/start-kube-apiserver-identity-lease-garbage-collector',
  'poststarthook/start-legacy-token-tracking-controller',
  'poststarthook/start-service-ip-repair-controllers',
  'poststarthook/rbac/bootstrap-roles',
  'poststarthook/scheduling/bootstrap-system-priority-classes',
  'poststarthook/priority-and-fairness-config-producer',
  'poststarthook/bootstrap-controller',
  'poststarthook/start-kubernetes-service-cidr-controller',
  'poststarthook/start-kube-aggregator-informers',
  'poststarthook/apiservice-status-local-available-controller',
  'poststarthook/apiservice-status-remote-available-controller',
  'poststarthook/apiservice-registration-controller',
  'poststarthook/apiservice-wait-for-first-sync',
  'poststarthook/apiservice-discovery-controller',
  'poststarthook/kube-apiserver-autoregistration',
  'autoregister-completion',
  'poststarthook/apiservice-openapi-controller',
  'poststarthook/apiservice-openapiv3-controller',
];

/** readyz also waits for informers, and fails while the server shuts down. */
export function checksOf(probe: string): string[] {
  if (probe !== 'readyz') return CHECKS;
  const at = CHECKS.indexOf('poststarthook/start-apiserver-admission-initializer');
  return [...CHECKS.slice(0, at), 'etcd-readiness', 'informer-sync', ...CHECKS.slice(at), 'shutdown'];
}

/** /healthz, /livez, /readyz and their single checks; undefined for other paths. A check named by `exclude` is skipped. */
export function health(path: string, query: URLSearchParams): ApiResponse | undefined {
  const match = /^\/(healthz|livez|readyz)(?:\/(.+))?\/?$/.exec(path);
  if (!match) return undefined;
  const [, probe = '', single] = match;
  const checks = checksOf(probe);
  if (single) return checks.includes(single) ? text('ok') : undefined;
  const excluded = new Set(query.getAll('exclude'));
  if (query.get('verbose') === null) return text('ok');
  const lines = checks.map((check) => (excluded.has(check) ? `[+]${check} excluded: ok` : `[+]${check} ok`));
  const unknown = [...excluded].filter((name) => !checks.includes(name)).sort();
  if (unknown.length > 0)
    lines.push(
      `warn: some health checks cannot be excluded: no matches for ${unknown.map((name) => JSON.stringify(name)).join(', ')}`,
    );
  return text(`${lines.join('\n')}\n${probe} check passed\n`);
}

/** GET / and what it lists; the version. */
export function rootPath(path: string, version: string): ApiResponse | undefined {
  // Written with indentation, as these two are (responsewriters.WriteRawJSON).
  const json = (body: unknown): ApiResponse => ({
    status: 200,
    contentType: 'application/json',
    warnings: [],
    body: JSON.stringify(body, null, 2),
  });
  if (path === '/' || path === '') return json({ paths: rootFacts().paths });
  if (path === '/version' || path === '/version/') return json(versionOf(version));
  return undefined;
}

/** What was recorded of 1.33; of an older version only what its name says. */
export function versionOf(gitVersion: string): unknown {
  const recorded = rootFacts().version as { gitVersion: string };
  if (recorded.gitVersion === gitVersion) return recorded;
  const [major, minor] = gitVersion.slice(1).split('.');
  return { major, minor, gitVersion, gitTreeState: 'clean', compiler: 'gc', platform: 'linux/amd64' };
}

/** For a path that nothing serves: below /api and /apis a Status for resources, else text. */
export const pageNotFound = (): ApiResponse => ({ ...text('404 page not found\n'), status: 404 });
