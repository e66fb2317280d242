import { readJsonAsset } from '../../base/assets.ts';

/** Group, version and kind; as a selector, an empty one means any. */
export interface Gvk {
  group?: string;
  version?: string;
  kind?: string;
}

/** What tells one resource from another. */
export interface ResourceId extends Gvk {
  name: string;
  namespace: string;
}

export const NOT_NAMESPACED = '_non_namespaceable_';

interface RegistryFile {
  resources: Record<string, { name: string; kind: string; namespaced: boolean }[]>;
}

let clusterScoped: Set<string> | undefined;

/** `policy/v1` → group and version. */
export function parseApiVersion(apiVersion = ''): { group: string; version: string } {
  const at = apiVersion.indexOf('/');
  return at < 0
    ? { group: '', version: apiVersion }
    : { group: apiVersion.slice(0, at), version: apiVersion.slice(at + 1) };
}

export const apiVersionOf = ({ group, version = '' }: Gvk): string => (group ? `${group}/${version}` : version);

/** Whether a kind is known to have no namespace; unknown kinds are taken to have one. */
export function isClusterScoped(gvk: Gvk): boolean {
  if (!clusterScoped) {
    const { resources } = readJsonAsset<RegistryFile>('fixtures/schema/registry.json');
    clusterScoped = new Set();
    for (const [groupVersion, rows] of Object.entries(resources)) {
      for (const { name, kind, namespaced } of rows) {
        if (!namespaced && !name.includes('/')) clusterScoped.add(`${groupVersion} ${kind}`);
      }
    }
  }
  return clusterScoped.has(`${apiVersionOf(gvk)} ${gvk.kind ?? ''}`);
}

/** `Deployment.v1.apps`; what is missing is said. */
export const gvkText = ({ group, version, kind }: Gvk): string =>
  [kind || '[noKind]', version || '[noVer]', group || '[noGrp]'].join('.');

/** `Deployment.v1.apps/web.default` */
export const idText = (id: ResourceId): string => `${gvkText(id)}/${id.name || '[noName]'}.${id.namespace || '[noNs]'}`;

/** Go's `%#v` of a resid.ResId. */
export const idSyntax = (id: ResourceId): string =>
  `resid.ResId{Gvk:resid.Gvk{Group:${JSON.stringify(id.group ?? '')}, Version:${JSON.stringify(id.version ?? '')}, Kind:${JSON.stringify(id.kind ?? '')}, isClusterScoped:${isClusterScoped(id)}}, Name:${JSON.stringify(id.name)}, Namespace:${JSON.stringify(id.namespace)}}`;

export const effectiveNamespace = (id: ResourceId): string =>
  isClusterScoped(id) ? NOT_NAMESPACED : id.namespace || 'default';

/** Whether `selector` says nothing that `gvk` is not. */
export const isSelected = (gvk: Gvk, selector: Gvk): boolean =>
  (!selector.group || selector.group === gvk.group) &&
  (!selector.version || selector.version === gvk.version) &&
  (!selector.kind || selector.kind === gvk.kind);

const sameGvk = (a: Gvk, b: Gvk) =>
  (a.group ?? '') === (b.group ?? '') && (a.version ?? '') === (b.version ?? '') && (a.kind ?? '') === (b.kind ?? '');

export const sameNamespace = (a: ResourceId, b: ResourceId): boolean => effectiveNamespace(a) === effectiveNamespace(b);

export const sameId = (a: ResourceId, b: ResourceId): boolean =>
  a.name === b.name && sameGvk(a, b) && sameNamespace(a, b);
