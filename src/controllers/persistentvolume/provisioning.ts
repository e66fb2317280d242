import type { ActorWorld } from '../../runtime/actor.ts';
import type { PersistentVolume, PersistentVolumeClaim, StorageClass } from '../../types/objects.ts';

const COMPONENT = 'persistentvolume-controller';
const SELECTED_NODE = 'volume.kubernetes.io/selected-node';
const PROVISIONER = 'volume.kubernetes.io/storage-provisioner';
const BETA_PROVISIONER = 'volume.beta.kubernetes.io/storage-provisioner';

/** Provisioners that are no CSI drivers, and the deployment or pod that runs them. */
const RUN_BY: Record<string, [namespace: string, name: string]> = {
  'rancher.io/local-path': ['local-path-storage', 'local-path-provisioner'],
  'k8s.io/minikube-hostpath': ['kube-system', 'storage-provisioner'],
};
/** In-tree provisioners, and the CSI drivers that have taken over from them. */
const MIGRATED: Record<string, string> = {
  'kubernetes.io/aws-ebs': 'ebs.csi.aws.com',
  'kubernetes.io/azure-disk': 'disk.csi.azure.com',
  'kubernetes.io/azure-file': 'file.csi.azure.com',
  'kubernetes.io/cinder': 'cinder.csi.openstack.org',
  'kubernetes.io/gce-pd': 'pd.csi.storage.gke.io',
  'kubernetes.io/portworx-volume': 'pxd.portworx.com',
  'kubernetes.io/vsphere-volume': 'csi.vsphere.vmware.com',
};
/** What an external provisioner needs for a volume, ms. */
const PROVISIONING_TIME = 2_000;
/** Marks the entries of the queue in which a volume has been made. */
export const MADE = 'made:';

/** Whether somebody in the cluster makes volumes of this class. */
function isServed(storage: StorageClass, world: ActorWorld): boolean {
  const provisioner = MIGRATED[storage.provisioner] ?? storage.provisioner;
  const where = RUN_BY[provisioner];
  if (!where) return world.client.get('csidrivers.storage.k8s.io', '', provisioner) !== undefined;
  return [world.client.get('deployments.apps', ...where), world.client.get('pods', ...where)].some(Boolean);
}

/** Asks the provisioner of the claim's class for a volume (provisionClaim). */
export function provision(claim: PersistentVolumeClaim, world: ActorWorld): void {
  const { client, events } = world;
  const { storageClassName = '' } = claim.spec!;
  const storage = client.get('storageclasses.storage.k8s.io', '', storageClassName);
  const tell = (type: 'Normal' | 'Warning', reason: string, message: string, component = COMPONENT) =>
    events.event(claim, type, reason, message, { component });
  if (!storage)
    return tell('Warning', 'ProvisioningFailed', `storageclass.storage.k8s.io "${storageClassName}" not found`);
  const provisioner = MIGRATED[storage.provisioner] ?? storage.provisioner;
  if (provisioner.startsWith('kubernetes.io/'))
    return tell('Warning', 'ProvisioningFailed', `no volume plugin matched name: ${provisioner}`);
  const isAsked = claim.metadata.annotations?.[PROVISIONER] === provisioner;
  if (!isAsked) {
    const annotations = {
      ...claim.metadata.annotations,
      [BETA_PROVISIONER]: provisioner,
      [PROVISIONER]: provisioner,
    };
    client.update('persistentvolumeclaims', { ...claim, metadata: { ...claim.metadata, annotations } });
  }
  tell(
    'Normal',
    'ExternalProvisioning',
    `Waiting for a volume to be created either by the external provisioner '${provisioner}' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.`,
  );
  if (!isServed(storage, world)) return;
  const { namespace, name } = claim.metadata;
  const message = `External provisioner is provisioning volume for claim "${namespace}/${name}"`;
  if (!isAsked) tell('Normal', 'Provisioning', message, provisioner);
  world.wake(`${MADE}${namespace}/${name}`, world.now() + PROVISIONING_TIME);
}

/** What a driver calls a volume: disks of Azure are resources of the cluster's group. */
function handleOf(driver: string, name: string, { client }: ActorWorld): string {
  if (driver !== 'disk.csi.azure.com') return name;
  const ids = client
    .list('nodes')
    .map(({ spec }) => /^azure:\/\/(\/subscriptions\/[^/]+\/resourceGroups\/[^/]+)/.exec(spec?.providerID ?? ''));
  const [, group] = ids.find(Boolean) ?? [];
  return group ? `${group}/providers/Microsoft.Compute/disks/${name}` : name;
}

/** The external provisioner is done: the volume is there, bound in advance. */
export function makeVolume(claim: PersistentVolumeClaim, world: ActorWorld): void {
  const { namespace, name, uid, resourceVersion, annotations } = claim.metadata;
  const storage = world.client.get('storageclasses.storage.k8s.io', '', claim.spec!.storageClassName ?? '');
  if (!storage || claim.spec!.volumeName || claim.metadata.deletionTimestamp) return;
  const volumeName = `pvc-${uid}`;
  if (world.client.get('persistentvolumes', '', volumeName)) return;
  const node = annotations?.[SELECTED_NODE];
  const driver = MIGRATED[storage.provisioner] ?? storage.provisioner;
  const path = `/var/opt/${storage.metadata.name}/${volumeName}`;
  const source = RUN_BY[driver]
    ? { hostPath: { path, type: 'DirectoryOrCreate' } }
    : { csi: { driver, volumeHandle: handleOf(driver, volumeName, world) } };
  const matchExpressions = [{ key: 'kubernetes.io/hostname', operator: 'In', values: [node!] }];
  world.client.create('persistentvolumes', {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: volumeName, annotations: { 'pv.kubernetes.io/provisioned-by': driver } },
    spec: {
      capacity: { storage: claim.spec!.resources?.requests?.storage ?? '1Gi' },
      accessModes: claim.spec!.accessModes,
      volumeMode: claim.spec!.volumeMode,
      claimRef: { kind: 'PersistentVolumeClaim', namespace, name, uid, apiVersion: 'v1', resourceVersion },
      persistentVolumeReclaimPolicy: storage.reclaimPolicy ?? 'Delete',
      storageClassName: storage.metadata.name,
      ...(storage.mountOptions && { mountOptions: storage.mountOptions }),
      ...source,
      ...(RUN_BY[driver] && node && { nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions }] } } }),
    },
  } as PersistentVolume);
  const message = `Successfully provisioned volume ${volumeName}`;
  world.events.event(claim, 'Normal', 'ProvisioningSucceeded', message, { component: driver });
}
