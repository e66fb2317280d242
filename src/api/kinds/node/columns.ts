import type { Node } from '../../../types/objects.ts';
import type { KindView } from '../kind.ts';
import { NONE } from '../shared/cells.ts';

const UNKNOWN = '<unknown>';
const ROLE_LABEL = 'kubernetes.io/role';
const ROLE_PREFIX = 'node-role.kubernetes.io/';

function status(node: Node): string {
  const ready = node.status?.conditions?.find(({ type }) => type === 'Ready');
  const words = [ready ? (ready.status === 'True' ? 'Ready' : 'NotReady') : 'Unknown'];
  if (node.spec?.unschedulable) words.push('SchedulingDisabled');
  return words.join(',');
}

function roles(node: Node): string {
  const names = Object.entries(node.metadata.labels ?? {}).map(([key, value]) =>
    key.startsWith(ROLE_PREFIX) ? key.slice(ROLE_PREFIX.length) : key === ROLE_LABEL ? value : '',
  );
  return [...new Set(names.filter(Boolean))].sort().join(',') || NONE;
}

const address = (node: Node, type: string): string =>
  node.status?.addresses?.find((candidate) => candidate.type === type)?.address ?? NONE;

export const view: KindView<Node> = {
  cells: {
    Status: status,
    Roles: roles,
    Version: (node) => node.status?.nodeInfo?.kubeletVersion ?? '',
    'Internal-IP': (node) => address(node, 'InternalIP'),
    'External-IP': (node) => address(node, 'ExternalIP'),
    'OS-Image': (node) => node.status?.nodeInfo?.osImage || UNKNOWN,
    'Kernel-Version': (node) => node.status?.nodeInfo?.kernelVersion || UNKNOWN,
    'Container-Runtime': (node) => node.status?.nodeInfo?.containerRuntimeVersion || UNKNOWN,
  },
  selectableFields: { 'spec.unschedulable': (node) => String(node.spec?.unschedulable ?? false) },
};
