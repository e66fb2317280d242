import type { Container, KubeObject, Namespace, ObjectMeta, Pod, PodSpec } from '../../../types/objects.ts';
import type { ResourceRequest } from '../../world.ts';
import { type AdmissionPlugin, refuse } from '../plugin.ts';
import { evaluate, type Policy, policiesOf, policyName, strictness, told } from './policy.ts';

/** Subresources of pods through which containers may come in. */
const POD_WRITES = ['', 'ephemeralcontainers', 'resize'];
/** What makes pods, from a template within. */
const WORKLOADS = new Set([
  'podtemplates',
  'replicationcontrollers',
  'replicasets.apps',
  'deployments.apps',
  'statefulsets.apps',
  'daemonsets.apps',
  'jobs.batch',
  'cronjobs.batch',
]);
/** How many pods of a namespace are looked at when its policy becomes tighter. */
const MAX_EXISTING = 3000;

interface Template {
  spec?: PodSpec;
  metadata?: ObjectMeta;
}

/** The pod that a workload would make. */
function templateOf(object: KubeObject): Template | undefined {
  const { template, spec } = object as unknown as {
    template?: Template;
    spec?: { template?: Template; jobTemplate?: { spec?: { template?: Template } } };
  };
  return template ?? spec?.template ?? spec?.jobTemplate?.spec?.template;
}

const sameImages = (now: Container[] = [], before: Container[] = []): boolean =>
  now.length === before.length && now.every(({ image }, index) => image === before[index]!.image);

/** Whether an update brings in what was not judged when the pod was made. */
function isSignificant({ spec }: Pod, { spec: old }: Pod): boolean {
  const known = new Map((old?.ephemeralContainers ?? []).map(({ name, image }) => [name, image]));
  const ephemeral = spec?.ephemeralContainers ?? [];
  return !(
    sameImages(spec?.containers, old?.containers) &&
    sameImages(spec?.initContainers, old?.initContainers) &&
    ephemeral.every(({ name, image }) => known.has(name) && known.get(name) === image)
  );
}

/** One pod of each controller first, then all others. */
function prioritized(pods: Pod[]): Pod[] {
  const controllers = new Set<string>();
  const late: Pod[] = [];
  const first = pods.filter((pod) => {
    const owner = pod.metadata.ownerReferences?.find(({ controller }) => controller)?.uid;
    if (owner === undefined) return true;
    if (controllers.has(owner)) late.push(pod);
    return !controllers.has(owner) && controllers.add(owner);
  });
  return [...first, ...late];
}

/** Pods of a namespace that a tighter policy would not have let in, told as one line for each set of reasons. */
function warnOfExisting(request: ResourceRequest, namespace: Namespace, policy: Policy): void {
  const name = namespace.metadata.name!;
  const pods = prioritized(request.world.store.list('pods', name) as Pod[]);
  const groups = new Map<string, string[]>();
  for (const pod of pods.slice(0, MAX_EXISTING)) {
    const reasons = evaluate(policy, pod.spec!, pod.metadata).map(({ reason }) => reason);
    if (reasons.length === 0) continue;
    const key = reasons.join(', ');
    groups.set(key, [...(groups.get(key) ?? []), pod.metadata.name!]);
  }
  if (pods.length > MAX_EXISTING)
    request.warnings.push(
      `new PodSecurity enforce level only checked against the first ${MAX_EXISTING} of ${pods.length} existing pods`,
    );
  if (groups.size === 0) return;
  request.warnings.push(
    `existing pods in namespace ${JSON.stringify(name)} violate the new PodSecurity enforce level ${policyName(policy)}`,
  );
  const lines = [...groups].map(([reasons, names]) => {
    const [first] = names.sort();
    const others = names.length - 1;
    const more = others === 0 ? '' : ` (and ${others} other ${others === 1 ? 'pod' : 'pods'})`;
    return `${first}${more}: ${reasons}`;
  });
  request.warnings.push(...lines.sort());
}

function judgeNamespace(request: ResourceRequest, namespace: Namespace, old: KubeObject): void {
  const [policy, before] = [policiesOf(namespace.metadata).enforce, policiesOf(old.metadata).enforce];
  if (policy.level === 'privileged') return;
  if (policy.version === before.version && strictness(policy) <= strictness(before)) return;
  warnOfExisting(request, namespace, policy);
}

/** Holds pods to the policy of their namespace's labels, and warns of workloads whose pods it would refuse. */
export const podSecurity: AdmissionPlugin = {
  name: 'PodSecurity',
  resources: ['namespaces', 'pods', ...WORKLOADS],
  validate(request, object, old) {
    const { resource, subresource, world, namespace } = request;
    if (!object) return;
    if (resource.name === 'namespaces') {
      if (old && subresource === '') judgeNamespace(request, object as Namespace, old);
      return;
    }
    const isPod = resource.name === 'pods';
    if (isPod ? !POD_WRITES.includes(subresource) : !WORKLOADS.has(resource.name) || subresource !== '') return;
    if (isPod && old && !isSignificant(object as Pod, old as Pod)) return;
    const { spec, metadata = {} } = isPod ? (object as Pod) : (templateOf(object) ?? {});
    if (!spec) return;
    const { enforce, warn } = policiesOf(world.store.get('namespaces', '', namespace)?.metadata);
    const refused = isPod ? evaluate(enforce, spec, metadata) : [];
    if (refused.length > 0)
      throw refuse(request, object, `violates PodSecurity ${policyName(enforce)}: ${told(refused)}`);
    const warned = evaluate(warn, spec, metadata);
    if (warned.length > 0) request.warnings.push(`would violate PodSecurity ${policyName(warn)}: ${told(warned)}`);
  },
};
