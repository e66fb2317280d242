import type { CSINode, Node } from '../../types/objects.ts';

/** In-tree volume plugins whose work CSI drivers do. */
const MIGRATED = ['aws-ebs', 'azure-disk', 'azure-file', 'cinder', 'gce-pd', 'portworx-volume', 'vsphere-volume'];
/** What drivers say of a node: how many volumes can be attached to it, and by what they tell nodes apart. */
const FACTS: Record<string, { count?: number; topologyKeys?: string[] }> = {
  'disk.csi.azure.com': { count: 8, topologyKeys: ['topology.disk.csi.azure.com/zone'] },
};

/** The drivers that have registered themselves with a node's kubelet. */
export const csiDrivers = (nodeID: string, names: string[]): NonNullable<CSINode['spec']> => ({
  drivers: (names.length > 0
    ? names.map((name) => {
        const { count, topologyKeys = null } = FACTS[name] ?? {};
        return { name, nodeID, topologyKeys, ...(count && { allocatable: { count } }) };
      })
    : null) as unknown as NonNullable<CSINode['spec']>['drivers'],
});

/** The CSINode with which a kubelet begins (pkg/volume/csi/nodeinfomanager). */
export const newCSINode = ({ metadata }: Node, drivers: string[]): CSINode => ({
  apiVersion: 'storage.k8s.io/v1',
  kind: 'CSINode',
  metadata: {
    name: metadata.name,
    annotations: {
      'storage.alpha.kubernetes.io/migrated-plugins': MIGRATED.map((name) => `kubernetes.io/${name}`).join(','),
    },
    ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: metadata.name!, uid: metadata.uid! }],
  },
  spec: csiDrivers(metadata.name!, drivers),
});
