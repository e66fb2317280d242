import { readJsonAsset } from '../../base/assets.ts';

// runtime.Scheme: which kinds a server knows, those of former versions, lists and options too.

let registered: Record<string, string> | undefined;

/** Kinds by group and version, as k8s.io/api registers them. */
const known = (): Record<string, string> =>
  (registered ??= readJsonAsset<Record<string, string>>('fixtures/schema/scheme.json'));

/** What every group and version has (metav1.AddToGroupVersion). */
const OPTIONS = 'WatchEvent ListOptions GetOptions DeleteOptions CreateOptions UpdateOptions PatchOptions';
/** What is the same in all versions. */
const UNVERSIONED = 'Status APIVersions APIGroup APIGroupList APIResourceList'.split(' ');

export const isUnversioned = (kind: string): boolean => UNVERSIONED.includes(kind);

/** Servers with a scheme of their own, which knows their one group. */
const OWN_SCHEMES = ['apiextensions.k8s.io', 'apiregistration.k8s.io'];

const INTERNAL = '__internal';
const SCHEME = '"pkg/api/legacyscheme/scheme.go:30"';
/** Groups whose internal types are another's. */
const INTERNAL_GROUPS: Record<string, string> = {
  '': 'core',
  'events.k8s.io': 'core',
  'internal.apiserver.k8s.io': 'apiserverinternal',
};

/** `apps/v1` → `apps` and `v1` */
export const splitVersion = (version: string): [group: string, version: string] => {
  const [group, rest] = version.split('/');
  return rest === undefined ? ['', group!] : [group!, rest];
};

/** The Go package of a group's internal types. */
export const internalPackage = (group: string): string => INTERNAL_GROUPS[group] ?? group.split('.')[0]!;

/** Whether the server of a group has another group in its scheme. */
const shares = (server: string, group: string): boolean =>
  OWN_SCHEMES.includes(server) || OWN_SCHEMES.includes(group) ? server === group : true;

const has = (kinds: string | undefined, kind: string): boolean => kinds?.split(' ').includes(kind) ?? false;

/** The Go type of a kind in the scheme of the server that has group `server`: `v1beta1.Deployment`; throws what Go says of another. */
export function goTypeOf(server: string, version: string, kind: string): string {
  const [group, short] = splitVersion(version);
  if (isUnversioned(kind)) return `v1.${kind}`;
  if (short === INTERNAL) {
    const found = Object.entries(known()).some(
      ([other, kinds]) => splitVersion(other)[0] === group && has(kinds, kind),
    );
    if (found && shares(server, group)) return `${internalPackage(group)}.${kind}`;
    throw new Error(
      `no kind ${JSON.stringify(kind)} is registered for the internal version of group ${JSON.stringify(group)} in scheme ${SCHEME}`,
    );
  }
  const kinds = known()[version];
  const shared = shares(server, group) || version === 'v1';
  if (kinds !== undefined && shared && has(OPTIONS, kind)) return `v1.${kind}`;
  if (kinds !== undefined && shares(server, group) && has(kinds, kind)) return `${short}.${kind}`;
  throw new Error(
    `no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(version)} in scheme ${SCHEME}`,
  );
}

/** Whether the server of a group knows a kind in a version (`apps/v1`). */
export function isRegistered(server: string, version: string, kind: string): boolean {
  try {
    goTypeOf(server, version, kind);
    return true;
  } catch {
    return false;
  }
}
