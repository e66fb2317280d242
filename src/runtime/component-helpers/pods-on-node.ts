import type { ObjectIndex } from '../../store/object-index.ts';
import type { Pod } from '../../types/objects.ts';
import type { Client } from '../client.ts';

const BY_NODE: ObjectIndex = { name: 'node', valueOf: (object) => (object as Pod).spec?.nodeName ?? '' };

/** The pods that are bound to a node; the same array until one of them changes. */
export const podsOnNode = (client: Client, node: string): readonly Pod[] => client.under('pods', BY_NODE, node);

/** The pods that are bound to no node yet. */
export const unboundPods = (client: Client): readonly Pod[] => podsOnNode(client, '');
