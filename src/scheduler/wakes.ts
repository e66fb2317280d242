import { isDeepStrictEqual } from 'node:util';
import type { ActorWorld } from '../runtime/actor.ts';
import type { StoreEvent } from '../store/object-store.ts';
import type { Node, Pod } from '../types/objects.ts';
import { objection } from './algorithm.ts';
import type { FilterPlugin } from './framework.ts';
import { FILTERS } from './plugins/index.ts';
import { WaitingPods } from './queue.ts';
import { isFinished, nodeInfo, snapshot } from './snapshot.ts';

export const keyOf = ({ metadata }: Pod): string => `${metadata.namespace}/${metadata.name}`;

const PLUGINS = new Map(FILTERS.map((plugin) => [plugin.name, plugin]));

/** Waiting pods that were kept out by a plugin which `matters`: the most important first, then who has waited longest. */
function waitingFor(world: ActorWorld, matters: (plugin: FilterPlugin, key: string) => boolean): string[] {
  const waiting = new WaitingPods(world);
  const keys = waiting
    .keys()
    .filter((key) => waiting.get(key)!.plugins.some((name) => matters(PLUGINS.get(name)!, key)));
  const priority = (key: string) => {
    const [namespace = '', name = ''] = key.split('/');
    return world.client.get('pods', namespace, name)?.spec?.priority ?? 0;
  };
  return keys
    .map((key) => ({ key, priority: priority(key), ...waiting.get(key)! }))
    .sort((a, b) => b.priority - a.priority || a.tried - b.tried || a.since - b.since)
    .map(({ key }) => key);
}

const wakesOn = (world: ActorWorld, what: NonNullable<FilterPlugin['wakes']>[number]): string[] =>
  waitingFor(world, (plugin) => plugin?.wakes?.includes(what) ?? false);

/** A pod itself, and those that wait for room that it leaves or for its company. */
export function podKeys(event: StoreEvent, world: ActorWorld): string[] {
  const pod = event.object as Pod;
  const before = event.previous as Pod | undefined;
  if (!pod.spec?.nodeName) {
    const changed = !before || !isDeepStrictEqual([pod.spec, pod.metadata], [before.spec, before.metadata]);
    const changedSpec =
      !before || !isDeepStrictEqual([pod.spec, pod.metadata.labels], [before.spec, before.metadata.labels]);
    if (event.type === 'DELETED') return [keyOf(pod), ...wakesOn(world, 'pod-changed')];
    return changed && (changedSpec || pod.metadata.deletionTimestamp) ? [keyOf(pod)] : [];
  }
  const ended =
    event.type === 'DELETED' ? !(before && isFinished(before)) : isFinished(pod) && !!before && !isFinished(before);
  if (ended) return wakesOn(world, 'pod-deleted');
  const appeared = !before?.spec?.nodeName;
  const relabelled = !isDeepStrictEqual(before?.metadata.labels, pod.metadata.labels);
  return appeared || relabelled ? wakesOn(world, 'pod-changed') : [];
}

const outline = ({ metadata, spec, status }: Node) => [metadata.labels, spec, status?.allocatable];

/** Pods that a plugin kept off this node as it was, and no longer keeps off it. */
export function nodeKeys(event: StoreEvent, world: ActorWorld): string[] {
  if (event.type === 'DELETED') return [];
  const node = event.object as Node;
  const before = event.previous as Node | undefined;
  if (before && isDeepStrictEqual(outline(before), outline(node))) return [];
  return waitingFor(world, (plugin, key) => {
    const [namespace = '', name = ''] = key.split('/');
    const pod = world.client.get('pods', namespace, name);
    if (!pod || !plugin) return false;
    const nodes = snapshot(world.client, pod);
    const fits = (one: Node) => {
      const pods = nodes.find((info) => info.node.metadata.name === node.metadata.name)?.pods ?? [];
      const changed = nodeInfo(one, pods);
      const others = nodes.filter((info) => info.node.metadata.name !== node.metadata.name);
      return !objection(plugin, { pod, nodes: [...others, changed], client: world.client }, changed);
    };
    return fits(node) && !(before && fits(before));
  });
}

/** Pods that wait for volumes. */
export const volumeKeys = (_event: StoreEvent, world: ActorWorld): string[] => {
  const waiting = new WaitingPods(world);
  const assumed = waiting.keys().filter((key) => waiting.get(key)!.assumed);
  return [...assumed, ...wakesOn(world, 'volumes')];
};
