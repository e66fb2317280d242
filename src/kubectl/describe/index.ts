import type { Describer } from './source.ts';

/** Describers by `Kind.group`, each in a chunk that is loaded when it is asked for. A kind that is not here is described by its fields. */
const DESCRIBERS: Record<string, () => Promise<unknown>> = {
  Pod: async () => (await import('./pod.ts')).describePod,
  Node: async () => (await import('./node.ts')).describeNode,
  Namespace: async () => (await import('./quota.ts')).describeNamespace,
  ResourceQuota: async () => (await import('./quota.ts')).describeResourceQuota,
  LimitRange: async () => (await import('./quota.ts')).describeLimitRange,
  Secret: async () => (await import('./config.ts')).describeSecret,
  ConfigMap: async () => (await import('./config.ts')).describeConfigMap,
  ServiceAccount: async () => (await import('./config.ts')).describeServiceAccount,
  Service: async () => (await import('./networking.ts')).describeService,
  Endpoints: async () => (await import('./networking.ts')).describeEndpoints,
  'EndpointSlice.discovery.k8s.io': async () => (await import('./networking.ts')).describeEndpointSlice,
  'Ingress.networking.k8s.io': async () => (await import('./networking.ts')).describeIngress,
  'IngressClass.networking.k8s.io': async () => (await import('./networking.ts')).describeIngressClass,
  'NetworkPolicy.networking.k8s.io': async () => (await import('./networking.ts')).describeNetworkPolicy,
  'ServiceCIDR.networking.k8s.io': async () => (await import('./networking.ts')).describeServiceCIDR,
  'IPAddress.networking.k8s.io': async () => (await import('./networking.ts')).describeIPAddress,
  PersistentVolume: async () => (await import('./storage.ts')).describePersistentVolume,
  PersistentVolumeClaim: async () => (await import('./persistent-volume-claim.ts')).describePersistentVolumeClaim,
  'StorageClass.storage.k8s.io': async () => (await import('./storage.ts')).describeStorageClass,
  'CSINode.storage.k8s.io': async () => (await import('./storage.ts')).describeCSINode,
  'VolumeAttributesClass.storage.k8s.io': async () => (await import('./storage.ts')).describeVolumeAttributesClass,
  'Deployment.apps': async () => (await import('./workloads.ts')).describeDeployment,
  'ReplicaSet.apps': async () => (await import('./workloads.ts')).describeReplicaSet,
  'DaemonSet.apps': async () => (await import('./workloads.ts')).describeDaemonSet,
  'StatefulSet.apps': async () => (await import('./workloads.ts')).describeStatefulSet,
  ReplicationController: async () => (await import('./workloads.ts')).describeReplicationController,
  'Job.batch': async () => (await import('./workloads.ts')).describeJob,
  'CronJob.batch': async () => (await import('./workloads.ts')).describeCronJob,
  'Role.rbac.authorization.k8s.io': async () => (await import('./rbac.ts')).describeRole,
  'ClusterRole.rbac.authorization.k8s.io': async () => (await import('./rbac.ts')).describeRole,
  'RoleBinding.rbac.authorization.k8s.io': async () => (await import('./rbac.ts')).describeRoleBinding,
  'ClusterRoleBinding.rbac.authorization.k8s.io': async () => (await import('./rbac.ts')).describeRoleBinding,
  'PodDisruptionBudget.policy': async () => (await import('./policy.ts')).describePodDisruptionBudget,
  'PriorityClass.scheduling.k8s.io': async () => (await import('./policy.ts')).describePriorityClass,
  'HorizontalPodAutoscaler.autoscaling': async () => (await import('./policy.ts')).describeHorizontalPodAutoscaler,
  'CertificateSigningRequest.certificates.k8s.io': async () =>
    (await import('./certificate.ts')).describeCertificateSigningRequest,
};

/** The describer of a kind in a group ('' for the core group). */
export async function describerFor(kind: string, group: string): Promise<Describer> {
  const load = DESCRIBERS[group ? `${kind}.${group}` : kind];
  // Each describer takes its own type; the registry's key is what makes the cast true.
  return load ? ((await load()) as Describer) : (await import('./generic.ts')).describeGeneric;
}
