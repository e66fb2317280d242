import type { ApiResponse } from '../request.ts';
import { type ApiGroup, type ApiResource, groupVersion, type Registry } from '../schema/registry.ts';
import type { ApiWorld } from '../world.ts';

const AGGREGATED = /as=APIGroupDiscoveryList/;

/** Whether the client asks for aggregated discovery, and in which of its versions. */
export const aggregatedVersion = (accept = ''): 'v2' | 'v2beta1' | undefined =>
  AGGREGATED.test(accept) ? (/v=v2beta1/.test(accept) && !/v=v2;/.test(accept) ? 'v2beta1' : 'v2') : undefined;

const groupBody = ({ name, versions }: ApiGroup) => {
  const all = versions.map((version) => ({ groupVersion: groupVersion(name, version), version }));
  return { name, versions: all, preferredVersion: all[0] };
};

function withPromised({ name, versions }: ApiGroup, others: readonly ApiGroup[]): ApiGroup {
  const more = others.find((other) => other.name === name)?.versions ?? [];
  return { name, versions: [...versions, ...more] };
}

const json = (body: unknown, contentType = 'application/json'): ApiResponse => ({
  status: 200,
  contentType,
  warnings: [],
  body,
});

/**
 * An answer to /api, /apis, /apis/GROUP or /…/VERSION; undefined for other paths. `promised` are groups that others should serve and
 * that cannot be reached.
 */
export function discovery(
  { registry, serverAddress }: Pick<ApiWorld, 'registry' | 'serverAddress'>,
  path: string,
  accept: string | undefined,
  promised: () => ApiGroup[],
): ApiResponse | undefined {
  const parts = path.split('/').filter((part) => part !== '');
  const [root, first, second] = parts;
  const { groups, resources } = registry.data;
  const aggregated = aggregatedVersion(accept);
  if (root === 'api' && parts.length === 1) {
    if (aggregated)
      return aggregate(
        registry,
        groups.filter(({ name }) => name === ''),
        aggregated,
      );
    return json({
      kind: 'APIVersions',
      versions: ['v1'],
      serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress }],
    });
  }
  if (root === 'apis' && parts.length === 1) {
    const others = promised();
    const named = groups.filter(({ name }) => name !== '').map((group) => withPromised(group, others));
    named.push(...others.filter(({ name }) => !registry.group(name)));
    if (aggregated) return aggregate(registry, named, aggregated);
    return json({ kind: 'APIGroupList', apiVersion: 'v1', groups: named.map(groupBody) });
  }
  if (root === 'apis' && parts.length === 2) {
    const others = promised();
    const own = registry.group(first!);
    const group = own ? withPromised(own, others) : others.find(({ name }) => name === first);
    return group && json({ kind: 'APIGroup', apiVersion: 'v1', ...groupBody(group) });
  }
  const version =
    root === 'api' && parts.length === 2
      ? first!
      : root === 'apis' && parts.length === 3
        ? `${first}/${second}`
        : undefined;
  const list = version === undefined ? undefined : resources[version];
  if (!list) return undefined;
  // Only groups of their own tell the list's apiVersion, as the real server does.
  return json({
    kind: 'APIResourceList',
    ...(root === 'apis' && { apiVersion: 'v1' }),
    groupVersion: version,
    resources: list,
  });
}

function aggregate(registry: Registry, groups: ApiGroup[], version: 'v2' | 'v2beta1'): ApiResponse {
  const items = groups.map(({ name, versions }) => ({
    metadata: { ...(name && { name }), creationTimestamp: null },
    versions: versions.map((one) => {
      const resources = registry.data.resources[groupVersion(name, one)];
      return resources
        ? { version: one, resources: aggregateResources(resources), freshness: 'Current' }
        : { version: one, freshness: 'Stale' };
    }),
  }));
  return json(
    { kind: 'APIGroupDiscoveryList', apiVersion: `apidiscovery.k8s.io/${version}`, metadata: {}, items },
    `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`,
  );
}

function aggregateResources(list: ApiResource[]): unknown[] {
  const subresourcesOf = (plural: string) =>
    list
      .filter(({ name }) => name.startsWith(`${plural}/`))
      .map((one) => ({
        subresource: one.name.slice(plural.length + 1),
        responseKind: responseKind(one),
        verbs: one.verbs,
      }));
  return list
    .filter(({ name }) => !name.includes('/'))
    .map((one) => {
      const subresources = subresourcesOf(one.name);
      return {
        resource: one.name,
        responseKind: responseKind(one),
        scope: one.namespaced ? 'Namespaced' : 'Cluster',
        singularResource: one.singularName,
        verbs: one.verbs,
        ...(one.shortNames && { shortNames: one.shortNames }),
        ...(one.categories && { categories: one.categories }),
        ...(subresources.length > 0 && { subresources }),
      };
    });
}

const responseKind = ({ group = '', version = '', kind }: ApiResource) => ({ group, version, kind });
