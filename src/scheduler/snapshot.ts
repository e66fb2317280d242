import type { Client } from '../runtime/client.ts';
import type { Node, Pod } from '../types/objects.ts';
import type { NodeInfo } from './framework.ts';
import { addTo, podRequests, type Resources } from './resources.ts';

export const priorityOf = (pod: Pod): number => pod.spec?.priority ?? 0;

export const isFinished = (pod: Pod): boolean => pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';

/** What pods request, by their spec: specs never change in place, and most stay as they are. */
const known = new WeakMap<object, { requested: Resources; guessed: Resources }>();

function requestsOf(pod: Pod): { requested: Resources; guessed: Resources } {
  let requests = known.get(pod.spec!);
  if (!requests) {
    requests = { requested: podRequests(pod), guessed: podRequests(pod, true) };
    known.set(pod.spec!, requests);
  }
  return requests;
}

export function nodeInfo(node: Node, pods: Pod[]): NodeInfo {
  const info: NodeInfo = { node, pods, requested: {}, guessed: {} };
  for (const pod of pods) {
    const { requested, guessed } = requestsOf(pod);
    addTo(info.requested, requested);
    addTo(info.guessed, guessed);
  }
  return info;
}

/** All nodes with their pods, as they are for `incoming`: room that a preemptor waits for counts as taken. */
export function snapshot(client: Client, incoming: Pod): NodeInfo[] {
  const byNode = new Map<string, Pod[]>();
  for (const pod of client.list('pods')) {
    if (isFinished(pod)) continue;
    const waits = pod.metadata.uid !== incoming.metadata.uid && priorityOf(pod) >= priorityOf(incoming);
    const name = pod.spec?.nodeName ?? (waits ? pod.status?.nominatedNodeName : undefined);
    if (!name) continue;
    const pods = byNode.get(name);
    if (pods) pods.push(pod);
    else byNode.set(name, [pod]);
  }
  return client.list('nodes').map((node) => nodeInfo(node, byNode.get(node.metadata.name!) ?? []));
}
