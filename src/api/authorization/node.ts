import type { ClusterRole, PersistentVolume, PersistentVolumeClaim, Pod } from '../../types/objects.ts';
import type { UserInfo } from '../request.ts';
import type { ApiWorld } from '../world.ts';
import type { Attributes, ResourceAttributes } from './attributes.ts';
import { ruleAllows } from './rbac.ts';

const PREFIX = 'system:node:';
const GROUP = 'system:nodes';
const ROLE = 'system:node';
const LEASES = 'kube-node-lease';

/** What the node authorizer says: true, or why it says nothing. */
type Verdict = true | string;

/** The node that a user is: '' for one that does not say which, undefined for who is none (nodeidentifier). */
export function nodeOf({ username, groups }: UserInfo): string | undefined {
  if (!username.startsWith(PREFIX) || !groups.includes(GROUP)) return undefined;
  return username.slice(PREFIX.length);
}

/** Every name that stands at one of these places of a pod's specification, wherever it is nested: `secretRef.name`. */
function namesAt(value: unknown, places: readonly (readonly [key: string, name: string])[]): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const own = places
      .filter(([place]) => place === key)
      .flatMap(([, name]) => [inner].flat().map((one) => (one as Record<string, string> | undefined)?.[name]))
      .filter((name) => name !== undefined);
    return [...own, ...namesAt(inner, places)];
  });
}

/** What a pod refers to in its namespace, by resource. */
const REFERENCES: Record<string, readonly (readonly [key: string, name: string])[]> = {
  secrets: [
    ['secretRef', 'name'],
    ['secretKeyRef', 'name'],
    ['secret', 'secretName'],
    ['secret', 'name'],
    ['imagePullSecrets', 'name'],
  ],
  configmaps: [
    ['configMapRef', 'name'],
    ['configMapKeyRef', 'name'],
    ['configMap', 'name'],
  ],
  persistentvolumeclaims: [['persistentVolumeClaim', 'claimName']],
};

/** Names of the objects of a resource that a pod's specification refers to. */
export const referredBy = (spec: Pod['spec'], resource: 'secrets' | 'configmaps'): string[] =>
  namesAt(spec, REFERENCES[resource]!);

/** Whether a pod of the node needs the object (the graph of the real one). */
function isNeeded(world: ApiWorld, node: string, { resource, namespace, name }: ResourceAttributes): boolean {
  const [plural = ''] = resource.split('/');
  const pods = (world.store.list('pods') as Pod[]).filter(({ spec }) => spec?.nodeName === node);
  const own = pods.filter(({ metadata }) => metadata.namespace === namespace);
  if (plural === 'pods') return own.some(({ metadata }) => metadata.name === name);
  if (plural === 'serviceaccounts') return own.some(({ spec }) => spec?.serviceAccountName === name);
  const places = REFERENCES[plural];
  if (places) return own.some(({ spec }) => namesAt(spec, places).includes(name));
  if (plural !== 'persistentvolumes') return false;
  const claim = (world.store.get('persistentvolumes', '', name) as PersistentVolume | undefined)?.spec?.claimRef;
  return pods.some(
    ({ metadata, spec }) =>
      metadata.namespace === claim?.namespace &&
      namesAt(spec, REFERENCES.persistentvolumeclaims!).some((used) => {
        const found = world.store.get('persistentvolumeclaims', metadata.namespace!, used);
        return (found as PersistentVolumeClaim | undefined)?.spec?.volumeName === name;
      }),
  );
}

function related(world: ApiWorld, node: string, wanted: ResourceAttributes): Verdict {
  if (wanted.name === '') return 'No Object name found';
  return isNeeded(world, node, wanted) || `no relationship found between node '${node}' and this object`;
}

type Judge = (world: ApiWorld, node: string, wanted: ResourceAttributes, subresource: string) => Verdict;

const readNamespaced: Judge = (world, node, wanted, subresource) => {
  if (!['get', 'list', 'watch'].includes(wanted.verb)) return 'can only read resources of this type';
  if (subresource) return 'cannot read subresource';
  if (wanted.namespace === '') return 'can only read namespaced object of this type';
  return related(world, node, wanted);
};

const getOne: Judge = (world, node, wanted, subresource) => {
  if (wanted.verb !== 'get') return 'can only get individual resources of this type';
  return subresource ? 'cannot get subresource' : related(world, node, wanted);
};

const updatesStatus: Judge = (world, node, wanted) =>
  ['update', 'patch'].includes(wanted.verb) ? related(world, node, wanted) : 'can only get/update/patch this type';

const createToken: Judge = (world, node, wanted, subresource) => {
  if (wanted.verb === 'get' && subresource === '') return 'not allowed to get service accounts';
  if (wanted.verb !== 'create' || wanted.name === '') return 'can only create tokens for individual service accounts';
  if (subresource !== 'token') return 'can only create token subresource of serviceaccount';
  return related(world, node, wanted);
};

const ownLease: Judge = (_, node, { verb, namespace, name }) => {
  if (!['get', 'create', 'update', 'patch', 'delete'].includes(verb))
    return 'can only get, create, update, patch, or delete a node lease';
  if (namespace !== LEASES) return `can only access leases in the ${JSON.stringify(LEASES)} system namespace`;
  return verb === 'create' || name === node || 'can only access node lease with the same name as the requesting node';
};

const ownCsiNode: Judge = (_, node, { verb, name }, subresource) => {
  if (!['get', 'create', 'update', 'patch', 'delete'].includes(verb))
    return 'can only get, create, update, patch, or delete a CSINode';
  if (subresource) return 'cannot authorize CSINode subresources';
  return verb === 'create' || name === node || 'can only access CSINode with the same name as the requesting node';
};

const ownNode: Judge = (_, node, { verb, name }, subresource) => {
  const changes = ['update', 'patch'].includes(verb);
  if (subresource !== '') return (subresource === 'status' && changes) || '';
  if (changes || verb === 'create') return true;
  if (!['get', 'list', 'watch'].includes(verb)) return '';
  if (name === node) return true;
  return name === ''
    ? `node '${node}' cannot read all nodes, only its own Node object`
    : `node '${node}' cannot read '${name}', only its own Node object`;
};

const ownPods: Judge = (world, node, wanted, subresource) => {
  const { verb, name, fields = [] } = wanted;
  if (subresource === 'status') return verb === 'update' || verb === 'patch' || '';
  if (subresource === 'eviction') return verb === 'create' || '';
  if (subresource !== '') return '';
  if (verb === 'get') return getOne(world, node, wanted, subresource);
  if (verb === 'create' || verb === 'delete') return true;
  if (verb !== 'list' && verb !== 'watch') return '';
  if (fields.some((term) => term.field === 'spec.nodeName' && term.operator !== '!=' && term.value === node))
    return true;
  return name === '' ? 'can only list/watch pods with spec.nodeName field selector' : related(world, node, wanted);
};

const JUDGES: Record<string, Judge> = {
  secrets: readNamespaced,
  configmaps: readNamespaced,
  persistentvolumeclaims: (world, node, wanted, subresource) =>
    (subresource === 'status' ? updatesStatus : getOne)(world, node, wanted, subresource),
  persistentvolumes: getOne,
  'volumeattachments.storage.k8s.io': getOne,
  'resourceclaims.resource.k8s.io': getOne,
  serviceaccounts: createToken,
  'leases.coordination.k8s.io': ownLease,
  'csinodes.storage.k8s.io': ownCsiNode,
  nodes: ownNode,
  pods: ownPods,
};

/** What a kubelet may (plugin/pkg/auth/authorizer/node): true, or why not ('' for nothing to say). */
export function nodeMay(world: ApiWorld, node: string, user: UserInfo, wanted: Attributes): Verdict {
  if (node === '') return `unknown node for user ${JSON.stringify(user.username)}`;
  if (wanted.path === undefined) {
    const [plural = '', subresource = ''] = wanted.resource.split('/');
    const judge = JUDGES[wanted.group === '' ? plural : `${plural}.${wanted.group}`];
    if (judge) return judge(world, node, wanted, subresource);
  }
  const role = world.store.get('clusterroles.rbac.authorization.k8s.io', '', ROLE) as ClusterRole | undefined;
  return (role?.rules ?? []).some((rule) => ruleAllows(rule, wanted)) || '';
}
