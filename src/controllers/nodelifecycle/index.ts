import { formatTime } from '../../base/time.ts';
import type { Actor, ActorWorld } from '../../runtime/actor.ts';
import { podsOnNode } from '../../runtime/component-helpers/pods-on-node.ts';
import type { KubeObject, Node, Pod, Taint } from '../../types/objects.ts';
import { controller } from '../shared/actor.ts';
import { createdAt, sameJson } from '../shared/objects.ts';
import { isPodReady } from '../shared/pods.ts';
import { lostAt, MONITOR_PERIOD } from './health.ts';
import { readiness, withNoExecute, withNoSchedule, withoutNoExecute } from './taints.ts';
import { allDisrupted, evictionPause, isDisrupted, zoneOf } from './zones.ts';

const COMPONENT = 'node-controller';
/** Conditions that nobody knows any more once the kubelet is silent. */
const KUBELET_CONDITIONS = ['MemoryPressure', 'DiskPressure', 'PIDPressure', 'Ready'];
/** Marks the entries of the queue in which the controller looks around, as it does every 5 s. */
const MONITOR = 'monitor:';
/** Marks nodes that have come or gone, and when that is told. */
const NEWS = 'news:';
const DUE = 'due:';

/** Section: the nodes that have come since the controller last looked, by uid. */
const UNKNOWN = 'node-controller/unknown';

/** Section: when a node of a zone last got its NoExecute taint, ms. */
const LAST_TAINTED = 'node-controller/last-tainted';

/** Events of the node controller know the node by its name and uid alone. */
function tellOf(node: Node, reason: string, message: string, world: ActorWorld): void {
  const { name, uid } = node.metadata;
  const subject = { apiVersion: node.apiVersion, kind: node.kind, metadata: { name, uid } } as KubeObject;
  world.events.event(subject, 'Normal', reason, message, { component: COMPONENT });
}

function markLost(node: Node, world: ActorWorld): Node {
  const at = formatTime(world.now());
  const old = node.status?.conditions ?? [];
  const ages = old.some((condition) => condition.type === 'Ready');
  const [reason, message] = ages
    ? ['NodeStatusUnknown', 'Kubelet stopped posting node status.']
    : ['NodeStatusNeverUpdated', 'Kubelet never posted node status.'];
  const unknown = KUBELET_CONDITIONS.map((type) => {
    const before = old.find((condition) => condition.type === type);
    const lastHeartbeatTime = before?.lastHeartbeatTime ?? node.metadata.creationTimestamp;
    return { type, status: 'Unknown', lastHeartbeatTime, lastTransitionTime: at, reason, message };
  });
  const conditions = [
    ...old.map((condition) => unknown.find(({ type }) => type === condition.type) ?? condition),
    ...unknown.filter(({ type }) => !old.some((condition) => condition.type === type)),
  ];
  return world.client.updateStatus('nodes', { ...node, status: { ...node.status, conditions } });
}

/** Services must not send anything to pods that nobody watches over. */
function markPodsNotReady(node: Node, world: ActorWorld): void {
  for (const pod of podsOn(node, world).filter(isPodReady)) {
    const at = formatTime(world.now());
    const conditions = pod.status!.conditions!.map((condition) =>
      condition.type === 'Ready' ? { ...condition, status: 'False', lastTransitionTime: at } : condition,
    );
    const written = world.client.updateStatus('pods', { ...pod, status: { ...pod.status, conditions } });
    world.events.event(written, 'Warning', 'NodeNotReady', 'Node is not ready', { component: COMPONENT });
  }
}

const podsOn = (node: Node, world: ActorWorld): readonly Pod[] => podsOnNode(world.client, node.metadata.name!);

function writeTaints(node: Node, taints: Taint[], world: ActorWorld): Node {
  if (sameJson(taints, node.spec?.taints)) return node;
  return world.client.update('nodes', {
    ...node,
    spec: { ...node.spec, taints: taints.length > 0 ? taints : undefined },
  });
}

/** Labels whose former names nodes have as well (labelReconcileInfo). */
const FORMER_LABELS = { 'kubernetes.io/os': 'beta.kubernetes.io/os', 'kubernetes.io/arch': 'beta.kubernetes.io/arch' };

function withOldLabels(node: Node, world: ActorWorld): Node {
  const { labels = {}, name = '' } = node.metadata;
  const lacking = Object.entries(FORMER_LABELS).flatMap(([label, former]) =>
    labels[label] !== undefined && labels[former] !== labels[label] ? [[former, labels[label]]] : [],
  );
  if (lacking.length === 0) return node;
  return world.client.patch('nodes', '', name, { metadata: { labels: Object.fromEntries(lacking) } });
}

/** When the node may get its NoExecute taint: nodes of one zone do so one after the other. */
function turnOf(node: Node, nodes: Node[], taints: Taint[], { state, now }: ActorWorld): number {
  const drivesAway = (list: Taint[]) => list.length > withoutNoExecute({ ...node, spec: { taints: list } }).length;
  if (!drivesAway(taints) || drivesAway(node.spec?.taints ?? [])) return now();
  const last = state.section<number>(LAST_TAINTED);
  const zone = zoneOf(node);
  const turn = Math.max(now(), (last.get(zone) ?? Number.NEGATIVE_INFINITY) + evictionPause(node, nodes));
  if (turn === now()) last.set(zone, now());
  return turn;
}

/** A node that has come or gone is told of when the controller looks next; one that does both in between is not noticed. */
function heedNews(key: string, world: ActorWorld): void {
  const [name = '', uid = ''] = key.slice(NEWS.length).split('/');
  if (world.client.get('nodes', '', name)) world.state.section<boolean>(UNKNOWN).set(uid, true);
  world.wake(DUE + key, Math.ceil(world.now() / MONITOR_PERIOD) * MONITOR_PERIOD);
}

function tellNews(key: string, world: ActorWorld): void {
  const [name = '', uid = ''] = key.slice((DUE + NEWS).length).split('/');
  const unknown = world.state.section<boolean>(UNKNOWN);
  const isNew = unknown.get(uid) ?? false;
  if (isNew) unknown.delete(uid);
  const isThere = world.client.get('nodes', '', name)?.metadata.uid === uid;
  const node = { apiVersion: 'v1', kind: 'Node', metadata: { name, uid } } as Node;
  if (isThere && isNew)
    tellOf(node, 'RegisteredNode', `Node ${name} event: Registered Node ${name} in Controller`, world);
  else if (!isThere && !isNew)
    tellOf(node, 'RemovingNode', `Node ${name} event: Removing Node ${name} from Controller`, world);
}

function reconcile(key: string, world: ActorWorld): void {
  if (key.startsWith(NEWS)) return heedNews(key, world);
  if (key.startsWith(DUE)) return tellNews(key, world);
  const name = key.startsWith(MONITOR) ? key.slice(MONITOR.length) : key;
  let node = world.client.get('nodes', '', name);
  if (!node) return;
  node = withOldLabels(node, world);
  const lost = lostAt(node, world);
  const known = readiness(node);
  if (lost !== undefined && known !== 'Unknown') {
    if (world.now() < lost) world.wake(MONITOR + name, lost);
    else {
      node = markLost(node, world);
      if (known === 'True') {
        tellOf(node, 'NodeNotReady', `Node ${name} status is now: NodeNotReady`, world);
        markPodsNotReady(node, world);
      }
    }
  }
  const before = node;
  node = writeTaints(node, withNoSchedule(node, world.now()), world);
  const nodes = world.client.list('nodes');
  const taints = allDisrupted(nodes) ? withoutNoExecute(node) : withNoExecute(node, world.now());
  if (taints.length > (node.spec?.taints ?? []).length && isDisrupted(node, nodes)) return;
  if (sameJson(taints, node.spec?.taints)) return;
  if (key.startsWith(MONITOR) && node === before) {
    const turn = turnOf(node, nodes, taints, world);
    if (turn > world.now()) return world.wake(MONITOR + name, turn);
    writeTaints(node, taints, world);
  } else world.wake(MONITOR + name, world.now() + MONITOR_PERIOD);
}

/** Nodes that come within this are the first of their cluster: what was said of them is forgotten, ms. */
const FIRST_NODES = 240_000;

const joinsLater = (node: Node, world: ActorWorld): boolean =>
  world.client.list('nodes').some((other) => createdAt(other) < createdAt(node) - FIRST_NODES);

/** Watches over nodes: says which are lost, and taints those that pods should not be on (pkg/controller/nodelifecycle). */
export const nodeLifecycleController: Actor = controller({
  name: 'node-controller',
  watches: [
    {
      resource: 'nodes',
      keys({ type, object, previous }, world) {
        const { name } = object.metadata;
        const { uid } = object.metadata;
        if (type === 'DELETED') return [`${NEWS}${name}/${uid}`];
        if (type === 'ADDED' && joinsLater(object as Node, world)) return [name!, `${NEWS}${name}/${uid}`];
        if (readiness(object as Node) === readiness((previous ?? object) as Node)) return [name!];
        // How many others are lost decides what becomes of each.
        const lost = world.client.list('nodes').filter((node) => readiness(node) !== 'True');
        return [...new Set([name!, ...lost.map((node) => node.metadata.name!)])];
      },
    },
    {
      resource: 'leases.coordination.k8s.io',
      keys: ({ object }) => (object.metadata.namespace === 'kube-node-lease' ? [object.metadata.name!] : []),
    },
  ],
  reconcile,
});
