import type { Pod } from '../../../types/objects.ts';
import type { Invocation } from '../../command.ts';
import { AggregateFailure, asError, CommandError, isNotFound } from '../../errors.ts';

/** What a filter says of a pod: taken as it is, left alone, or taken or refused with a word about it. */
type Verdict = { take: boolean; warning?: string; error?: string };
type PodFilter = (pod: Pod, invocation: Invocation) => Verdict | Promise<Verdict>;

const OKAY: Verdict = { take: true };
const SKIP: Verdict = { take: false };
const controllerOf = (pod: Pod) => pod.metadata.ownerReferences?.find((r) => r.controller);
const hasEnded = (pod: Pod): boolean => pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';

const skipLongDeleted: PodFilter = async (pod, { flags, factory }) => {
  const seconds = flags.int('skip-wait-for-delete-timeout');
  if (seconds <= 0 || !pod.metadata.deletionTimestamp) return OKAY;
  const { transport } = await factory.client();
  return transport.now() - Date.parse(pod.metadata.deletionTimestamp) > seconds * 1000 ? SKIP : OKAY;
};

const daemonSets: PodFilter = async (pod, { flags, factory }) => {
  const owner = controllerOf(pod);
  if (owner?.kind !== 'DaemonSet' || hasEnded(pod)) return OKAY;
  const client = await factory.client();
  try {
    await client.get(`/apis/apps/v1/namespaces/${pod.metadata.namespace}/daemonsets/${owner.name}`);
  } catch (error) {
    const { message } = asError(error);
    return isNotFound(error) && flags.bool('force')
      ? { take: true, warning: message }
      : { take: false, error: message };
  }
  if (!flags.bool('ignore-daemonsets'))
    return { take: false, error: 'DaemonSet-managed Pods (use --ignore-daemonsets to ignore)' };
  return { take: false, warning: 'ignoring DaemonSet-managed Pods' };
};

const mirrors: PodFilter = (pod) =>
  pod.metadata.annotations?.['kubernetes.io/config.mirror'] === undefined ? OKAY : SKIP;

const localStorage: PodFilter = (pod, { flags }) => {
  if (!pod.spec?.volumes?.some((volume) => volume.emptyDir) || hasEnded(pod)) return OKAY;
  if (!flags.bool('delete-emptydir-data'))
    return { take: false, error: 'Pods with local storage (use --delete-emptydir-data to override)' };
  return { take: true, warning: 'deleting Pods with local storage' };
};

const unmanaged: PodFilter = (pod, { flags }) => {
  if (hasEnded(pod) || controllerOf(pod)) return OKAY;
  if (flags.bool('force')) return { take: true, warning: 'deleting Pods that declare no controller' };
  return { take: false, error: 'cannot delete Pods that declare no controller (use --force to override)' };
};

/** In the order of pkg/drain: the first that does not take a pod decides. */
const FILTERS: PodFilter[] = [skipLongDeleted, daemonSets, mirrors, localStorage, unmanaged];

const podName = (pod: Pod): string => `${pod.metadata.namespace}/${pod.metadata.name}`;

/** `message: ns/a, ns/b`, by message. */
function grouped(items: [message: string, pod: Pod][]): string[] {
  const groups = new Map<string, string[]>();
  for (const [message, pod] of items) groups.set(message, [...(groups.get(message) ?? []), podName(pod)]);
  return [...groups].map(([message, pods]) => `${message}: ${pods.join(', ')}`);
}

/** The pods of a node that a drain removes, with a warning about some of them; throws when there are some that it may not touch. */
export async function podsForDeletion(invocation: Invocation, node: string): Promise<{ pods: Pod[]; warning: string }> {
  const client = await invocation.factory.client();
  const all = await client.list<Pod>('/api/v1/pods', {
    labelSelector: invocation.flags.string('pod-selector'),
    fieldSelector: `spec.nodeName=${node}`,
  });
  const pods: Pod[] = [];
  const warnings: [string, Pod][] = [];
  const refusals: [string, Pod][] = [];
  for (const pod of all) {
    let verdict = OKAY;
    for (const filter of FILTERS) {
      verdict = await filter(pod, invocation);
      if (!verdict.take) break;
    }
    if (verdict.take) pods.push(pod);
    if (verdict.warning) warnings.push([verdict.warning, pod]);
    if (verdict.error) refusals.push([verdict.error, pod]);
  }
  const errors = grouped(refusals).map((text) => new CommandError(`cannot delete ${text}`));
  if (errors.length > 0) throw new AggregateFailure(errors);
  return { pods, warning: grouped(warnings).join('; ') };
}
