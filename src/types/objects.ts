import type * as models from '@kubernetes/client-node';

/** A client-node model as it travels in JSON: dates are strings, and `_continue` is `continue`. */
export type Wire<T> = T extends Date
  ? string
  : T extends (infer U)[]
    ? Wire<U>[]
    : T extends object
      ? { [K in keyof T as K extends `_${infer Name}` ? Name : K]: Wire<T[K]> }
      : T;

export type ObjectMeta = Wire<models.V1ObjectMeta>;
export type OwnerReference = Wire<models.V1OwnerReference>;
export type LabelSelector = Wire<models.V1LabelSelector>;

/** What the store holds and the API answers: plain JSON, never changed in place. */
export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
}

/** A typed object of the given model: `Resource<V1Pod>`. */
export type Resource<T> = Omit<Wire<T>, 'apiVersion' | 'kind' | 'metadata'> & KubeObject;

export type Node = Resource<models.V1Node>;
export type Namespace = Resource<models.V1Namespace>;
export type Pod = Resource<models.V1Pod>;
export type Service = Resource<models.V1Service>;
export type Endpoints = Resource<models.V1Endpoints>;
export type EndpointSlice = Resource<models.V1EndpointSlice>;
export type ConfigMap = Resource<models.V1ConfigMap>;
export type Secret = Resource<models.V1Secret>;
export type ServiceAccount = Resource<models.V1ServiceAccount>;
export type CoreEvent = Resource<models.CoreV1Event>;
export type Lease = Resource<models.V1Lease>;
export type Deployment = Resource<models.V1Deployment>;
export type ReplicaSet = Resource<models.V1ReplicaSet>;
export type DaemonSet = Resource<models.V1DaemonSet>;
export type StatefulSet = Resource<models.V1StatefulSet>;
export type ControllerRevision = Resource<models.V1ControllerRevision>;
export type ReplicationController = Resource<models.V1ReplicationController>;
export type Job = Resource<models.V1Job>;
export type CronJob = Resource<models.V1CronJob>;
export type PriorityClass = Resource<models.V1PriorityClass>;
export type PersistentVolume = Resource<models.V1PersistentVolume>;
export type PersistentVolumeClaim = Resource<models.V1PersistentVolumeClaim>;
export type StorageClass = Resource<models.V1StorageClass>;
export type PodDisruptionBudget = Resource<models.V1PodDisruptionBudget>;
export type HorizontalPodAutoscaler = Resource<models.V2HorizontalPodAutoscaler>;
export type ResourceQuota = Resource<models.V1ResourceQuota>;
export type LimitRange = Resource<models.V1LimitRange>;
export type Ingress = Resource<models.V1Ingress>;
export type NetworkPolicy = Resource<models.V1NetworkPolicy>;
export type ClusterRole = Resource<models.V1ClusterRole>;
export type Role = Resource<models.V1Role>;
export type RoleBinding = Resource<models.V1RoleBinding>;
export type ClusterRoleBinding = Resource<models.V1ClusterRoleBinding>;

export type VolumeAttachment = Resource<models.V1VolumeAttachment>;
export type CSIDriver = Resource<models.V1CSIDriver>;
export type CSINode = Resource<models.V1CSINode>;
export type PodSpec = Wire<models.V1PodSpec>;
export type PodStatus = Wire<models.V1PodStatus>;
export type PodTemplateSpec = Wire<models.V1PodTemplateSpec>;
export type Container = Wire<models.V1Container>;
export type ContainerStatus = Wire<models.V1ContainerStatus>;
export type Probe = Wire<models.V1Probe>;
export type Taint = Wire<models.V1Taint>;
export type Toleration = Wire<models.V1Toleration>;

/** The types behind the names that the typed client takes: `resource` or `resource.group`, as kubectl writes them. */
export interface ResourceTypes {
  nodes: Node;
  namespaces: Namespace;
  pods: Pod;
  services: Service;
  endpoints: Endpoints;
  configmaps: ConfigMap;
  secrets: Secret;
  serviceaccounts: ServiceAccount;
  events: CoreEvent;
  persistentvolumes: PersistentVolume;
  persistentvolumeclaims: PersistentVolumeClaim;
  replicationcontrollers: ReplicationController;
  resourcequotas: ResourceQuota;
  limitranges: LimitRange;
  'endpointslices.discovery.k8s.io': EndpointSlice;
  'leases.coordination.k8s.io': Lease;
  'deployments.apps': Deployment;
  'replicasets.apps': ReplicaSet;
  'daemonsets.apps': DaemonSet;
  'statefulsets.apps': StatefulSet;
  'controllerrevisions.apps': ControllerRevision;
  'jobs.batch': Job;
  'cronjobs.batch': CronJob;
  'priorityclasses.scheduling.k8s.io': PriorityClass;
  'storageclasses.storage.k8s.io': StorageClass;
  'volumeattachments.storage.k8s.io': VolumeAttachment;
  'csidrivers.storage.k8s.io': CSIDriver;
  'csinodes.storage.k8s.io': CSINode;
  'poddisruptionbudgets.policy': PodDisruptionBudget;
  'horizontalpodautoscalers.autoscaling': HorizontalPodAutoscaler;
  'ingresses.networking.k8s.io': Ingress;
  'networkpolicies.networking.k8s.io': NetworkPolicy;
  'clusterroles.rbac.authorization.k8s.io': ClusterRole;
  'roles.rbac.authorization.k8s.io': Role;
  'rolebindings.rbac.authorization.k8s.io': RoleBinding;
  'clusterrolebindings.rbac.authorization.k8s.io': ClusterRoleBinding;
}

/** A resource by name: typed where `ResourceTypes` knows it, any Kubernetes object otherwise. */
export type ResourceName = keyof ResourceTypes | (string & {});
export type ObjectOf<R extends ResourceName> = R extends keyof ResourceTypes ? ResourceTypes[R] : KubeObject;
