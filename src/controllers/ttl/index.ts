import type { Actor } from '../../runtime/actor.ts';
import { controller } from '../shared/actor.ts';
import { withAnnotations } from '../shared/objects.ts';

const ANNOTATION = 'node.alpha.kubernetes.io/ttl';
/** How long kubelets may keep secrets and config maps (s), by the greatest number of nodes. */
const BY_SIZE: readonly [nodes: number, seconds: number][] = [
  [100, 0],
  [500, 15],
  [1000, 30],
  [2000, 60],
  [Number.POSITIVE_INFINITY, 300],
];

/** Tells kubelets how long they may cache objects: the longer the more nodes there are (pkg/controller/ttl). */
export const ttlController: Actor = controller({
  name: 'ttl-controller',
  watches: [{ resource: 'nodes', keys: ({ type, object }) => (type === 'DELETED' ? [] : [object.metadata.name!]) }],
  reconcile(key, { client }) {
    const nodes = client.list('nodes');
    const node = nodes.find(({ metadata }) => metadata.name === key);
    const ttl = String(BY_SIZE.find(([most]) => nodes.length <= most)![1]);
    if (!node || node.metadata.annotations?.[ANNOTATION] === ttl) return;
    client.update('nodes', withAnnotations(node, { [ANNOTATION]: ttl }));
  },
});
