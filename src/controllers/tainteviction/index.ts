import { formatTime } from '../../base/time.ts';
import type { Actor, ActorWorld } from '../../runtime/actor.ts';
import { podsOnNode } from '../../runtime/component-helpers/pods-on-node.ts';
import { tolerates } from '../../runtime/component-helpers/tolerations.ts';
import type { Node, Pod } from '../../types/objects.ts';
import { controller } from '../shared/actor.ts';
import { keyOf, splitKey } from '../shared/keys.ts';
import { sameJson } from '../shared/objects.ts';
import { isNotFound } from '../shared/pod-control.ts';

const COMPONENT = 'taint-eviction-controller';
/** Since when each pod puts up with its node's taints, ms. */
const SINCE = 'taint-eviction';

const noExecute = (node: Node | undefined) =>
  (node?.spec?.taints ?? []).filter((taint) => taint.effect === 'NoExecute');

/** How long the pod tolerates the taints, ms: 0 not at all, Infinity for good. */
function patience(pod: Pod, taints: ReturnType<typeof noExecute>): number {
  const used = taints.map((taint) => (pod.spec?.tolerations ?? []).filter((one) => tolerates(one, taint)));
  if (used.some((tolerations) => tolerations.length === 0)) return 0;
  const seconds = used
    .flat()
    .flatMap(({ tolerationSeconds }) => (tolerationSeconds === undefined ? [] : [tolerationSeconds]));
  return seconds.length === 0 ? Number.POSITIVE_INFINITY : Math.max(0, Math.min(...seconds)) * 1000;
}

/** Pods of one node go one after the other, each as long as its requests take, ms. */
const turn = ({ metadata, spec }: Pod, { client }: ActorWorld): number =>
  40 * podsOnNode(client, spec!.nodeName!).findIndex((other) => other.metadata.uid === metadata.uid);

function reconcile(key: string, world: ActorWorld): void {
  const since = world.state.section<number>(SINCE);
  const pod = world.client.get('pods', ...splitKey(key));
  const taints = pod?.spec?.nodeName ? noExecute(world.client.get('nodes', '', pod.spec.nodeName)) : [];
  if (!pod || taints.length === 0) {
    if (since.has(key)) tell(key, 'Cancelling deletion of', world);
    since.delete(key);
    return;
  }
  if (pod.metadata.deletionTimestamp) return;
  const wait = patience(pod, taints);
  if (wait === Number.POSITIVE_INFINITY) return;
  if (!since.has(key)) since.set(key, world.now());
  const due = (since.get(key) ?? world.now()) + wait + turn(pod, world);
  if (world.now() < due) world.wake(key, due);
  else {
    since.delete(key);
    evict(pod, world);
  }
}

/** Events of the controller know the pod by its name alone. */
function tell(key: string, what: string, world: ActorWorld): void {
  const [namespace, name] = splitKey(key);
  const subject = { apiVersion: 'v1', kind: 'Pod', metadata: { namespace, name } };
  world.events.event(subject, 'Normal', 'TaintManagerEviction', `${what} Pod ${key}`, { component: COMPONENT });
}

function evict(pod: Pod, world: ActorWorld): void {
  const { namespace = '', name = '' } = pod.metadata;
  tell(keyOf(pod), 'Marking for deletion', world);
  const condition = {
    type: 'DisruptionTarget',
    status: 'True',
    lastProbeTime: null,
    lastTransitionTime: formatTime(world.now()),
    reason: 'DeletionByTaintManager',
    message: 'Taint manager: deleting due to NoExecute taint',
  };
  try {
    world.client.patch('pods', namespace, name, { status: { conditions: [condition] } }, 'status');
    world.client.delete('pods', namespace, name);
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

/** Ends pods on nodes whose NoExecute taints they do not tolerate (any longer). */
export const taintEvictionController: Actor = controller({
  name: COMPONENT,
  watches: [
    {
      resource: 'pods',
      keys({ type, object, previous }, world) {
        if (type === 'DELETED') return world.state.section(SINCE).has(keyOf(object)) ? [keyOf(object)] : [];
        return (object as Pod).spec?.nodeName !== (previous as Pod | undefined)?.spec?.nodeName ? [keyOf(object)] : [];
      },
    },
    {
      resource: 'nodes',
      keys({ object, previous }, world) {
        const node = object as Node;
        if (sameJson(noExecute(node), noExecute(previous as Node | undefined))) return [];
        return podsOnNode(world.client, node.metadata.name!).map(keyOf);
      },
    },
  ],
  reconcile,
});
