import type { Actor } from '../runtime/actor.ts';
import { apiServiceController } from './apiservice/index.ts';
import { csiAttacher } from './attachdetach/attacher.ts';
import { attachDetachController } from './attachdetach/index.ts';
import { bootstrapSigner, tokenCleaner } from './bootstrap/index.ts';
import { csrCleaner } from './certificates/cleaner.ts';
import { csrApprovingController, csrSigningController } from './certificates/index.ts';
import { clusterRoleAggregationController } from './clusterroleaggregation/index.ts';
import { cronJobController } from './cronjob/index.ts';
import { daemonSetController } from './daemonset/index.ts';
import { deploymentController } from './deployment/index.ts';
import { disruptionController } from './disruption/index.ts';
import { endpointsController } from './endpoints/index.ts';
import { endpointSliceController } from './endpointslice/index.ts';
import { endpointSliceMirroringController } from './endpointslicemirroring/index.ts';
import { ephemeralVolumeController } from './ephemeralvolume/index.ts';
import { flowSchemaController } from './flowschema/index.ts';
import { garbageCollector } from './garbagecollector/index.ts';
import { jobController } from './job/index.ts';
import { namespaceController } from './namespace/index.ts';
import { nodeLifecycleController } from './nodelifecycle/index.ts';
import { persistentVolumeController } from './persistentvolume/index.ts';
import { podAutoscaler } from './podautoscaler/index.ts';
import { podGarbageCollector } from './podgc/index.ts';
import { replicaSetController } from './replicaset/index.ts';
import { replicationController } from './replication/index.ts';
import { resourceQuotaController } from './resourcequota/index.ts';
import { rootCACertPublisher } from './rootcacertpublisher/index.ts';
import { serviceAccountController } from './serviceaccount/index.ts';
import { serviceCidrController } from './servicecidr/index.ts';
import { statefulSetController } from './statefulset/index.ts';
import { pvcProtectionController, pvProtectionController } from './storageprotection/index.ts';
import { taintEvictionController } from './tainteviction/index.ts';
import { tokensController } from './tokens/index.ts';
import { ttlController } from './ttl/index.ts';
import { ttlAfterFinishedController } from './ttlafterfinished/index.ts';
import { validatingAdmissionPolicyStatusController } from './validatingadmissionpolicystatus/index.ts';
import { csiResizer, volumeExpandController } from './volumeexpand/index.ts';

/** Every controller of kube-controller-manager. */
export const controllers: Actor[] = [
  serviceAccountController,
  rootCACertPublisher,
  deploymentController,
  replicaSetController,
  replicationController,
  daemonSetController,
  statefulSetController,
  jobController,
  cronJobController,
  ttlAfterFinishedController,
  endpointsController,
  endpointSliceController,
  garbageCollector,
  namespaceController,
  nodeLifecycleController,
  taintEvictionController,
  podGarbageCollector,
  disruptionController,
  podAutoscaler,
  resourceQuotaController,
  persistentVolumeController,
  pvcProtectionController,
  pvProtectionController,
  clusterRoleAggregationController,
  endpointSliceMirroringController,
  ephemeralVolumeController,
  tokensController,
  serviceCidrController,
  apiServiceController,
  flowSchemaController,
  csrApprovingController,
  csrSigningController,
  csrCleaner,
  ttlController,
  validatingAdmissionPolicyStatusController,
  attachDetachController,
  csiAttacher,
  volumeExpandController,
  csiResizer,
  bootstrapSigner,
  tokenCleaner,
];
