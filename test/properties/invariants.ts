import type { Cluster } from '../../src/cluster/cluster.ts';
import type { Client } from '../../src/runtime/client.ts';
import { type ContainerRecord, RUNTIME_SECTIONS } from '../../src/types/node-runtime.ts';
import type { KubeObject, Pod } from '../../src/types/objects.ts';
import { NAMESPACE, type User } from './actions.ts';

const RESOURCES: Record<string, string> = {
  Deployment: 'deployments.apps',
  ReplicaSet: 'replicasets.apps',
  StatefulSet: 'statefulsets.apps',
  DaemonSet: 'daemonsets.apps',
  Job: 'jobs.batch',
};

const controllerOf = ({ metadata }: KubeObject) => metadata.ownerReferences?.find(({ controller }) => controller);
const isFinished = ({ status }: Pod) => status?.phase === 'Succeeded' || status?.phase === 'Failed';
const isReady = ({ status }: Pod) =>
  status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True');

/** What is wrong with a cluster that has settled; empty when nothing is. */
export function violations(cluster: Cluster, client: Client, { orphaned }: User): string[] {
  const found: string[] = [];
  const expect = (holds: boolean, what: string) => {
    if (!holds) found.push(what);
  };
  const pods = client.list('pods', NAMESPACE);
  const podsOf = (owner: KubeObject) => pods.filter((pod) => controllerOf(pod)?.uid === owner.metadata.uid);
  const live = (owner: KubeObject) => podsOf(owner).filter((pod) => !isFinished(pod));

  for (const pod of pods) {
    const owner = controllerOf(pod);
    const there = owner && client.get(RESOURCES[owner.kind]!, NAMESPACE, owner.name);
    expect(
      !owner || there?.metadata.uid === owner.uid,
      `${pod.metadata.name}: its ${owner?.kind} ${owner?.name} is gone`,
    );
    expect(pod.metadata.deletionTimestamp === undefined, `${pod.metadata.name} never goes`);
    expect(owner !== undefined || isOwn(pod) || orphaned.has(appOf(pod)), `nobody left ${pod.metadata.name} behind`);
  }
  for (const set of client.list('replicasets.apps', NAMESPACE)) {
    const owner = controllerOf(set);
    const there = owner && client.get('deployments.apps', NAMESPACE, owner.name);
    expect(!owner || there?.metadata.uid === owner.uid, `replica set ${set.metadata.name}: its deployment is gone`);
    expect(owner !== undefined || orphaned.has(appOf(set)), `nobody left ${set.metadata.name} behind`);
    expect(
      live(set).length === set.spec!.replicas,
      `replica set ${set.metadata.name} has ${live(set).length} of ${set.spec!.replicas} pods`,
    );
    expect(
      (set.status?.readyReplicas ?? 0) === live(set).filter(isReady).length,
      `replica set ${set.metadata.name} counts ${set.status?.readyReplicas} ready`,
    );
  }
  for (const deployment of client.list('deployments.apps', NAMESPACE)) {
    const { name } = deployment.metadata;
    const sets = client
      .list('replicasets.apps', NAMESPACE)
      .filter((set) => controllerOf(set)?.uid === deployment.metadata.uid);
    const wanted = deployment.spec!.replicas!;
    expect(sets.filter((set) => set.spec!.replicas! > 0).length <= 1, `deployment ${name} has several sets`);
    expect(
      (deployment.status?.readyReplicas ?? 0) === wanted,
      `deployment ${name}: ${deployment.status?.readyReplicas} of ${wanted} ready`,
    );
    expect(
      (deployment.status?.updatedReplicas ?? 0) === wanted,
      `deployment ${name}: ${deployment.status?.updatedReplicas} of ${wanted} updated`,
    );
  }
  for (const set of client.list('statefulsets.apps', NAMESPACE)) {
    const names = live(set)
      .map(({ metadata }) => metadata.name!)
      .sort();
    const wanted = Array.from({ length: set.spec!.replicas! }, (_, ordinal) => `${set.metadata.name}-${ordinal}`);
    expect(
      names.join() === wanted.join(),
      `stateful set ${set.metadata.name} has ${names.join()} instead of ${wanted.join()}`,
    );
    expect(
      (set.status?.readyReplicas ?? 0) === wanted.length,
      `stateful set ${set.metadata.name}: ${set.status?.readyReplicas} of ${wanted.length} ready`,
    );
  }
  for (const set of client.list('daemonsets.apps', NAMESPACE)) {
    const nodes = live(set).map(({ spec }) => spec!.nodeName!);
    expect(new Set(nodes).size === nodes.length, `daemon set ${set.metadata.name} has two pods on a node`);
    expect(
      set.status?.numberReady === set.status?.desiredNumberScheduled,
      `daemon set ${set.metadata.name}: ${set.status?.numberReady} of ${set.status?.desiredNumberScheduled} ready`,
    );
    expect(
      nodes.length === set.status?.desiredNumberScheduled,
      `daemon set ${set.metadata.name}: ${nodes.length} pods`,
    );
  }
  for (const job of client.list('jobs.batch', NAMESPACE)) {
    const over = job.status?.conditions?.some(
      ({ type, status }) => (type === 'Complete' || type === 'Failed') && status === 'True',
    );
    expect(over === true, `job ${job.metadata.name} does not end`);
    expect(
      !over || podsOf(job).every(({ metadata }) => !metadata.finalizers?.length),
      `job ${job.metadata.name} holds its pods`,
    );
  }
  for (const budget of client.list('poddisruptionbudgets.policy', NAMESPACE)) {
    const { app } = budget.spec!.selector!.matchLabels!;
    const healthy = pods.filter((pod) => pod.metadata.labels?.app === app && isReady(pod)).length;
    expect(
      budget.status?.currentHealthy === healthy,
      `budget ${budget.metadata.name} counts ${budget.status?.currentHealthy} of ${healthy}`,
    );
  }
  for (const quota of client.list('resourcequotas', NAMESPACE)) {
    for (const [resource, used] of Object.entries(usageOf(client)))
      expect(
        quota.status?.used?.[resource] === String(used),
        `quota ${quota.metadata.name}: ${quota.status?.used?.[resource]} ${resource} used instead of ${used}`,
      );
  }
  for (const service of client.list('services', NAMESPACE)) {
    const { selector } = service.spec!;
    if (!selector) continue;
    const wanted = pods
      .filter((pod) => pod.metadata.labels?.app === selector.app && isReady(pod))
      .map(({ status }) => status!.podIP!);
    const endpoints = client.get('endpoints', NAMESPACE, service.metadata.name!);
    const told = (endpoints?.subsets ?? []).flatMap(({ addresses }) => (addresses ?? []).map(({ ip }) => ip));
    expect(
      told.sort().join() === wanted.sort().join(),
      `service ${service.metadata.name} has ${told.join()} instead of ${wanted.join()}`,
    );
  }
  const containers = cluster.state.section<ContainerRecord>(RUNTIME_SECTIONS.containers);
  for (const key of containers.keys()) {
    const { pod, state } = containers.get(key)!;
    const there = client.get('pods', pod.namespace, pod.name);
    expect(state !== 'running' || there !== undefined, `a container of ${pod.name} runs on without its pod`);
  }
  const addresses = client
    .list('pods')
    .filter((pod) => !isFinished(pod) && !pod.spec!.hostNetwork)
    .flatMap(({ status }) => status?.podIP ?? []);
  expect(new Set(addresses).size === addresses.length, 'two pods have one address');
  return found;
}

/** The workload that an object of its own label belongs to; pods of jobs have none but the job's. */
const appOf = ({ metadata: { labels } }: KubeObject): string => labels?.app ?? `job-${labels?.['job-name']}`;
/** Whether a user made the pod. */
const isOwn = (pod: Pod): boolean => appOf(pod).startsWith('pod-');

/** What a quota of the namespace should count. */
const usageOf = (client: Client): Record<string, number> => ({
  pods: client.list('pods', NAMESPACE).filter((pod) => !isFinished(pod)).length,
  services: client.list('services', NAMESPACE).length,
});

/** Pods of which two run at once, where nobody asked for it: one ordinal of a stateful set is one pod. */
function doubles(cluster: Cluster, client: Client, { forced }: User): string[] {
  const containers = cluster.state.section<ContainerRecord>(RUNTIME_SECTIONS.containers);
  const uids = new Map<string, Set<string>>();
  for (const key of containers.keys()) {
    const { pod, state } = containers.get(key)!;
    if (state !== 'running' || pod.namespace !== NAMESPACE || forced.has(pod.name)) continue;
    uids.set(pod.name, (uids.get(pod.name) ?? new Set()).add(pod.uid));
  }
  const owned = client.list('pods', NAMESPACE).filter((pod) => controllerOf(pod)?.kind === 'StatefulSet');
  return owned.flatMap(({ metadata: { name = '' } }) =>
    (uids.get(name)?.size ?? 0) > 1 ? [`two pods of ${name} run`] : [],
  );
}

/** What must hold at any time; empty when it does. */
export function breaches(cluster: Cluster, client: Client, user: User): string[] {
  const found = [...user.wrongEvictions, ...doubles(cluster, client, user)];
  for (const budget of client.list('poddisruptionbudgets.policy', NAMESPACE)) {
    const { disruptionsAllowed = 0, currentHealthy = 0, desiredHealthy = 0 } = budget.status ?? {};
    if (disruptionsAllowed > Math.max(0, currentHealthy - desiredHealthy))
      found.push(`budget ${budget.metadata.name} allows too much`);
  }
  for (const quota of client.list('resourcequotas', NAMESPACE)) {
    const { used = {}, hard = {} } = quota.status ?? {};
    for (const [resource, is] of Object.entries(usageOf(client))) {
      // What goes is counted off later, what comes at once.
      if (used[resource] !== undefined && Number(used[resource]) < is)
        found.push(`quota ${quota.metadata.name} counts ${used[resource]} ${resource} of ${is}`);
      if (Number(used[resource]) < 0) found.push(`quota ${quota.metadata.name} is below zero: ${hard[resource]}`);
    }
  }
  return found;
}
