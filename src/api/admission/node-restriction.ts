import type { KubeObject, Node, Pod } from '../../types/objects.ts';
import { resourceText } from '../authorization/attributes.ts';
import { authorize } from '../authorization/index.ts';
import { nodeOf } from '../authorization/node.ts';
import { notFound } from '../errors.ts';
import { equal } from '../machinery/patch/json-value.ts';
import type { ResourceRequest } from '../world.ts';
import { type AdmissionPlugin, refuse } from './plugin.ts';

const MIRROR = 'kubernetes.io/config.mirror';
const RESTRICTED = 'node-restriction.kubernetes.io';
/** Labels of Kubernetes' own domains that a kubelet may set on its node. */
const KUBELET_LABELS = new Set([
  'kubernetes.io/hostname',
  'topology.kubernetes.io/zone',
  'topology.kubernetes.io/region',
  'failure-domain.beta.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region',
  'beta.kubernetes.io/instance-type',
  'node.kubernetes.io/instance-type',
  'kubernetes.io/os',
  'kubernetes.io/arch',
  'beta.kubernetes.io/os',
  'beta.kubernetes.io/arch',
]);
const KUBELET_DOMAINS = ['kubelet.kubernetes.io', 'node.kubernetes.io'];

const isWithin = (domain: string, parent: string) => domain === parent || domain.endsWith(`.${parent}`);

function isForbidden(label: string): boolean {
  const domain = label.includes('/') ? label.split('/')[0]! : '';
  if (isWithin(domain, RESTRICTED)) return true;
  const isOfKubernetes = isWithin(domain, 'kubernetes.io') || isWithin(domain, 'k8s.io');
  return isOfKubernetes && !KUBELET_LABELS.has(label) && !KUBELET_DOMAINS.some((own) => isWithin(domain, own));
}

/** Labels that differ and that no kubelet may change. */
function forbiddenLabels({ metadata: { labels: a = {} } }: KubeObject, old?: KubeObject): string[] {
  const b = old?.metadata.labels ?? {};
  return [...new Set([...Object.keys(a), ...Object.keys(b)])]
    .filter((key) => a[key] !== b[key] && isForbidden(key))
    .sort();
}

/** Why a node may not do this; undefined when it may. */
type Judge = (node: string, request: ResourceRequest, draft?: KubeObject, old?: KubeObject) => string | undefined;

const ownNode: Judge = (node, { verb, name }, draft, old) => {
  const who = `node ${JSON.stringify(node)}`;
  const wanted = verb === 'create' ? draft?.metadata.name : name;
  if (wanted !== node) return `${who} is not allowed to modify node ${JSON.stringify(wanted ?? '')}`;
  if (!draft) return undefined;
  const labels = forbiddenLabels(draft, old).join(', ');
  if (!old) return labels ? `${who} is not allowed to set the following labels: ${labels}` : undefined;
  const [before, after] = [old as Node, draft as Node];
  // A status says nothing of them.
  if (!equal(after.spec?.taints ?? [], before.spec?.taints ?? [])) return `${who} is not allowed to modify taints`;
  if (!equal(after.metadata.ownerReferences ?? [], before.metadata.ownerReferences ?? []))
    return `${who} is not allowed to modify ownerReferences`;
  return labels ? `is not allowed to modify labels: ${labels}` : undefined;
};

const mirrorPod: Judge = (node, { verb }, draft, old) => {
  const who = `node ${JSON.stringify(node)}`;
  if (!draft)
    return (old as Pod).spec?.nodeName === node
      ? undefined
      : `${who} can only delete pods with spec.nodeName set to itself`;
  if (verb !== 'create') return `unexpected operation "UPDATE", ${who} can only create and delete mirror pods`;
  const { metadata, spec } = draft as Pod;
  if (metadata.annotations?.[MIRROR] === undefined)
    return `pod does not have "${MIRROR}" annotation, ${who} can only create mirror pods`;
  if (spec?.nodeName !== node) return `${who} can only create pods with spec.nodeName set to itself`;
  const owners = metadata.ownerReferences ?? [];
  if (owners.length > 1) return `${who} can only create pods with a single owner reference set to itself`;
  if (owners.length === 0) return `${who} can only create pods with an owner reference set to itself`;
  const { apiVersion, kind, name, controller, blockOwnerDeletion } = owners[0]!;
  if (apiVersion !== 'v1' || kind !== 'Node' || name !== node)
    return `${who} can only create pods with an owner reference set to itself`;
  if (!controller) return `${who} can only create pods with a controller owner reference set to itself`;
  if (blockOwnerDeletion) return `${who} must not set blockOwnerDeletion on an owner reference`;
  return spec.serviceAccountName ? `${who} can not create pods that reference a service account` : undefined;
};

const ownPodStatus: Judge = (node, _, draft, old) => {
  const who = `node ${JSON.stringify(node)}`;
  if ((old as Pod | undefined)?.spec?.nodeName !== node)
    return `${who} can only update pod status for pods with spec.nodeName set to itself`;
  return equal(draft?.metadata.labels ?? {}, old?.metadata.labels ?? {})
    ? undefined
    : `${who} cannot update labels through pod status`;
};

const ownEviction: Judge = (node, { world, namespace, name }) => {
  const pod = world.store.get('pods', namespace, name) as Pod | undefined;
  if (!pod) throw notFound({ group: '', plural: 'pod' }, name);
  return pod.spec?.nodeName === node ? undefined : `node ${node} can only evict pods with spec.nodeName set to itself`;
};

interface TokenRequest {
  audiences?: string[];
  boundObjectRef?: { kind?: string; apiVersion?: string; name?: string; uid?: string };
}

/** A node asks for tokens of pods that run on it, for those whom the pods themselves have tokens for. */
const podToken: Judge = (node, { world, namespace, name, user }, draft) => {
  const { boundObjectRef: ref, audiences } = (draft as unknown as { spec: TokenRequest }).spec;
  if (ref?.apiVersion !== 'v1' || ref.kind !== 'Pod' || !ref.name) return 'node requested token not bound to a pod';
  if (!ref.uid) return 'node requested token with a pod binding without a uid';
  const pod = world.store.get('pods', namespace, ref.name) as Pod | undefined;
  if (!pod) throw notFound({ group: '', plural: 'pod' }, ref.name);
  if (ref.uid !== pod.metadata.uid)
    return `the UID in the bound object reference (${ref.uid}) does not match the UID in record. The object might have been deleted and then recreated`;
  if (pod.spec?.nodeName !== node) return 'node requested token bound to a pod scheduled on a different node';
  if ((audiences?.length ?? 0) > 1) return 'node may only request 0 or 1 audiences';
  const [audience = ''] = audiences ?? [];
  const sources = (pod.spec.volumes ?? []).flatMap(({ projected }) => projected?.sources ?? []);
  if (sources.some(({ serviceAccountToken: own }) => own && (own.audience ?? '') === audience)) return undefined;
  const wanted = { verb: 'request-serviceaccounts-token-audience', group: '', resource: audience, namespace, name };
  return authorize(world, user, wanted) === undefined
    ? undefined
    : `audience ${JSON.stringify(audience)} not found in pod spec volume, ${user.username} is not authorized to request tokens for this audience`;
};

const ofItself =
  (kind: string): Judge =>
  (node, { verb, name }, draft) => {
    const wanted = verb === 'create' ? draft?.metadata.name : name;
    return wanted === node ? undefined : `can only access ${kind} with the same name as the requesting node`;
  };

const JUDGES: Record<string, Judge> = {
  nodes: ownNode,
  'nodes/status': ownNode,
  pods: mirrorPod,
  'pods/status': ownPodStatus,
  'pods/eviction': ownEviction,
  'serviceaccounts/token': podToken,
  'leases.coordination.k8s.io': ofItself('node lease'),
  'csinodes.storage.k8s.io': ofItself('CSINode'),
};

/** A kubelet changes its own node and the pods that run there (plugin/pkg/admission/noderestriction). */
export const nodeRestriction: AdmissionPlugin = {
  name: 'NodeRestriction',
  resources: Object.keys(JUDGES).filter((name) => !name.includes('/')),
  admit(request, draft, old) {
    const { resource, subresource, user, trusted } = request;
    const node = trusted ? undefined : nodeOf(user);
    if (node === undefined) return;
    if (node === '')
      throw refuse(request, draft, `could not determine node from user ${JSON.stringify(user.username)}`);
    const why = JUDGES[resourceText(resource.name, subresource)]?.(node, request, draft, old);
    if (why !== undefined) throw refuse(request, draft ?? old, why);
  },
};
