import type { Client } from '../runtime/client.ts';
import { addTo, podRequests, type Resources } from '../runtime/component-helpers/pod-requests.ts';
import { podsOnNode, unboundPods } from '../runtime/component-helpers/pods-on-node.ts';
import type { Node, Pod } from '../types/objects.ts';
import type { NodeInfo } from './framework.ts';

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
  const withAffinity = pods.filter(({ spec }) => spec?.affinity?.podAffinity ?? spec?.affinity?.podAntiAffinity);
  const info: NodeInfo = { node, pods, withAffinity, requested: {}, guessed: {} };
  for (const pod of pods) {
    const { requested, guessed } = requestsOf(pod);
    addTo(info.requested, requested);
    addTo(info.guessed, guessed);
  }
  return info;
}

/** Node infos as they were last made, by the lists of pods that they were made of: most nodes do not change between two pods. */
const made = new WeakMap<readonly Pod[], NodeInfo>();

function boundTo(node: Node, pods: readonly Pod[]): NodeInfo {
  let info = made.get(pods);
  if (info?.node !== node) {
    info = nodeInfo(
      node,
      pods.filter((pod) => !isFinished(pod)),
    );
    made.set(pods, info);
  }
  return info;
}

/** All nodes with their pods, as they are for `incoming`: room that a preemptor waits for counts as taken. */
export function snapshot(client: Client, incoming: Pod): NodeInfo[] {
  const waiting = unboundPods(client).filter(
    (pod) =>
      pod.status?.nominatedNodeName !== undefined &&
      !isFinished(pod) &&
      pod.metadata.uid !== incoming.metadata.uid &&
      priorityOf(pod) >= priorityOf(incoming),
  );
  return client.list('nodes').map((node) => {
    const info = boundTo(node, podsOnNode(client, node.metadata.name!));
    const coming = waiting.filter((pod) => pod.status!.nominatedNodeName === node.metadata.name);
    return coming.length > 0 ? nodeInfo(node, [...info.pods, ...coming]) : info;
  });
}
