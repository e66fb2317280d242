import { matchesPodAffinity } from '../../runtime/component-helpers/node-selector.ts';
import { toleratesTaint } from '../../runtime/component-helpers/tolerations.ts';
import type { DaemonSet, Node, Pod, Toleration } from '../../types/objects.ts';
import { REVISION_LABEL } from '../shared/history.ts';
import { podFromTemplate } from '../shared/pod-control.ts';

const GENERATION_ANNOTATION = 'deprecated.daemonset.template.generation';
const GENERATION_LABEL = 'pod-template-generation';

const tolerate = (condition: string, effect: string): Toleration => ({
  key: `node.kubernetes.io/${condition}`,
  operator: 'Exists',
  effect,
});

/** What daemons put up with beyond what their template says. */
const TOLERATIONS: readonly Toleration[] = [
  tolerate('not-ready', 'NoExecute'),
  tolerate('unreachable', 'NoExecute'),
  tolerate('disk-pressure', 'NoSchedule'),
  tolerate('memory-pressure', 'NoSchedule'),
  tolerate('pid-pressure', 'NoSchedule'),
  tolerate('unschedulable', 'NoSchedule'),
];

/** The set's pod for a node: the scheduler may put it nowhere else. */
export function podFor(set: DaemonSet, node: string, hash: string): Pod {
  const pod = podFromTemplate(set.spec!.template, set);
  const generation = set.metadata.annotations?.[GENERATION_ANNOTATION];
  const labels = {
    ...pod.metadata.labels,
    [REVISION_LABEL]: hash,
    ...(generation && { [GENERATION_LABEL]: generation }),
  };
  const spec = { ...pod.spec!, affinity: onlyOn(node, pod.spec!.affinity), tolerations: tolerationsOf(set) };
  return { ...pod, metadata: { ...pod.metadata, labels }, spec };
}

/** Worked out once for each set as it stands: every node asks. */
const tolerationsKept = new WeakMap<DaemonSet, Toleration[]>();

function tolerationsOf(set: DaemonSet): Toleration[] {
  const kept = tolerationsKept.get(set);
  if (kept) return kept;
  const { hostNetwork, tolerations: own = [] } = set.spec!.template.spec!;
  const network = hostNetwork ? [tolerate('network-unavailable', 'NoSchedule')] : [];
  const all = [...own];
  for (const one of [...TOLERATIONS, ...network]) {
    const index = all.findIndex((other) => matchesToleration(other, one));
    all.splice(index < 0 ? all.length : index, 1, one);
  }
  tolerationsKept.set(set, all);
  return all;
}

/** Toleration.MatchToleration: for how long one is tolerated does not count. */
const matchesToleration = (a: Toleration, b: Toleration): boolean =>
  a.key === b.key && a.effect === b.effect && a.operator === b.operator && (a.value ?? '') === (b.value ?? '');

/** Whether a daemon is of the set's present template: by its hash, or, as older pods have it, by its generation. */
export function isUpdatedDaemon({ metadata }: Pod, set: DaemonSet, hash: string): boolean {
  const generation = set.metadata.annotations?.[GENERATION_ANNOTATION];
  return (
    metadata.labels?.[REVISION_LABEL] === hash || (!!generation && metadata.labels?.[GENERATION_LABEL] === generation)
  );
}

type Affinity = NonNullable<Pod['spec']>['affinity'];

/** ReplaceDaemonSetPodNodeNameNodeAffinity: what nodes the template requires has been looked at, and is not kept. */
function onlyOn(node: string, affinity: Affinity): NonNullable<Affinity> {
  const nodeSelectorTerms = [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [node] }] }];
  return {
    ...affinity,
    nodeAffinity: {
      ...affinity?.nodeAffinity,
      requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms },
    },
  };
}

/** The node that a daemon is on, or is meant for. */
export function targetNode({ spec }: Pod): string | undefined {
  if (spec?.nodeName) return spec.nodeName;
  const terms = spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  return terms?.[0]?.matchFields?.find((field) => field.key === 'metadata.name')?.values?.[0];
}

/** Whether a daemon should start on the node, and whether one that is there may stay (NodeShouldRunDaemonPod). */
export function shouldRun(set: DaemonSet, node: Node): { run: boolean; stay: boolean } {
  const spec = set.spec!.template.spec!;
  if ((spec.nodeName && spec.nodeName !== node.metadata.name!) || !matchesPodAffinity({ spec } as Pod, node))
    return { run: false, stay: false };
  const untolerated = (node.spec?.taints ?? []).filter(
    (taint) => taint.effect !== 'PreferNoSchedule' && !toleratesTaint(tolerationsOf(set), taint),
  );
  const stay = untolerated.every((taint) => taint.effect !== 'NoExecute');
  return { run: untolerated.length === 0, stay };
}
