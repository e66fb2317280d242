import { strategy as apiservice } from './apiservice/strategy.ts';
import { strategy as certificatesigningrequest } from './certificatesigningrequest/strategy.ts';
import { strategy as clusterrole } from './clusterrole/strategy.ts';
import { strategy as clusterrolebinding } from './clusterrolebinding/strategy.ts';
import { strategy as configmap } from './configmap/strategy.ts';
import { strategy as controllerrevision } from './controllerrevision/strategy.ts';
import { strategy as cronjob } from './cronjob/strategy.ts';
import { strategy as csidriver } from './csidriver/strategy.ts';
import { strategy as csinode } from './csinode/strategy.ts';
import { strategy as csistoragecapacity } from './csistoragecapacity/strategy.ts';
import { strategy as daemonset } from './daemonset/strategy.ts';
import { strategy as deployment } from './deployment/strategy.ts';
import { strategy as endpoints } from './endpoints/strategy.ts';
import { strategy as endpointslice } from './endpointslice/strategy.ts';
import { strategy as newEvent } from './event/new-strategy.ts';
import { strategy as event } from './event/strategy.ts';
import { strategy as flowschema } from './flowschema/strategy.ts';
import { strategy as horizontalpodautoscaler } from './horizontalpodautoscaler/strategy.ts';
import { strategy as ingress } from './ingress/strategy.ts';
import { strategy as ingressclass } from './ingressclass/strategy.ts';
import { strategy as ipaddress } from './ipaddress/strategy.ts';
import { strategy as job } from './job/strategy.ts';
import type { KindStrategy } from './kind.ts';
import { strategy as lease } from './lease/strategy.ts';
import { strategy as limitrange } from './limitrange/strategy.ts';
import { strategy as mutatingwebhookconfiguration } from './mutatingwebhookconfiguration/strategy.ts';
import { strategy as namespace } from './namespace/strategy.ts';
import { strategy as networkpolicy } from './networkpolicy/strategy.ts';
import { strategy as node } from './node/strategy.ts';
import { strategy as persistentvolume } from './persistentvolume/strategy.ts';
import { strategy as persistentvolumeclaim } from './persistentvolumeclaim/strategy.ts';
import { strategy as pod } from './pod/strategy.ts';
import { strategy as poddisruptionbudget } from './poddisruptionbudget/strategy.ts';
import { strategy as podtemplate } from './podtemplate/strategy.ts';
import { strategy as priorityclass } from './priorityclass/strategy.ts';
import { strategy as prioritylevelconfiguration } from './prioritylevelconfiguration/strategy.ts';
import { strategy as replicaset } from './replicaset/strategy.ts';
import { strategy as replicationcontroller } from './replicationcontroller/strategy.ts';
import { strategy as resourcequota } from './resourcequota/strategy.ts';
import { strategy as role } from './role/strategy.ts';
import { strategy as rolebinding } from './rolebinding/strategy.ts';
import { strategy as runtimeclass } from './runtimeclass/strategy.ts';
import { strategy as secret } from './secret/strategy.ts';
import { strategy as service } from './service/strategy.ts';
import { strategy as serviceaccount } from './serviceaccount/strategy.ts';
import { strategy as servicecidr } from './servicecidr/strategy.ts';
import { type KindRules, withMetadata } from './shared/strategy.ts';
import { strategy as statefulset } from './statefulset/strategy.ts';
import { strategy as storageclass } from './storageclass/strategy.ts';
import { strategy as validatingadmissionpolicy } from './validatingadmissionpolicy/strategy.ts';
import { strategy as validatingadmissionpolicybinding } from './validatingadmissionpolicybinding/strategy.ts';
import { strategy as validatingwebhookconfiguration } from './validatingwebhookconfiguration/strategy.ts';
import { strategy as volumeattachment } from './volumeattachment/strategy.ts';

const ALL = [
  apiservice,
  certificatesigningrequest,
  clusterrole,
  clusterrolebinding,
  configmap,
  controllerrevision,
  cronjob,
  csidriver,
  csinode,
  csistoragecapacity,
  daemonset,
  deployment,
  endpoints,
  endpointslice,
  event,
  newEvent,
  flowschema,
  horizontalpodautoscaler,
  ingress,
  ingressclass,
  ipaddress,
  job,
  lease,
  limitrange,
  mutatingwebhookconfiguration,
  namespace,
  networkpolicy,
  node,
  persistentvolume,
  persistentvolumeclaim,
  pod,
  poddisruptionbudget,
  podtemplate,
  priorityclass,
  prioritylevelconfiguration,
  replicaset,
  replicationcontroller,
  resourcequota,
  role,
  rolebinding,
  runtimeclass,
  secret,
  service,
  serviceaccount,
  servicecidr,
  statefulset,
  storageclass,
  validatingadmissionpolicy,
  validatingadmissionpolicybinding,
  validatingwebhookconfiguration,
  volumeattachment,
] as unknown as KindRules[];

/** Every kind with rules of its own, by resource. */
export const STRATEGIES: Record<string, KindStrategy> = Object.fromEntries(
  ALL.map((rules) => [rules.resource, withMetadata(rules)]),
);
