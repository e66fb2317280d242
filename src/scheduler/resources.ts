import { parseResources, type Resources } from '../runtime/component-helpers/pod-requests.ts';
import type { Node } from '../types/objects.ts';

const known = new WeakMap<Node, Resources>();

export function allocatable(node: Node): Resources {
  let resources = known.get(node);
  if (!resources) {
    resources = parseResources(node.status?.allocatable ?? node.status?.capacity);
    known.set(node, resources);
  }
  return resources;
}
