import type { KubeObject } from '../../types/objects.ts';
import type { ResourceRequest } from '../world.ts';
import { certificateApproval, certificateSigning, certificateSubjectRestriction } from './certificates.ts';
import { chosenPlugins } from './chosen.ts';
import { persistentVolumeClaimResize } from './claim-resize.ts';
import { defaultIngressClass, defaultStorageClass, storageObjectInUseProtection } from './default-classes.ts';
import { defaultTolerationSeconds } from './default-toleration-seconds.ts';
import { limitRanger } from './limit-ranger.ts';
import { namespaceLifecycle } from './namespace-lifecycle.ts';
import { nodeRestriction } from './node-restriction.ts';
import { OPTIONAL } from './optional/index.ts';
import type { AdmissionPlugin } from './plugin.ts';
import { podSecurity } from './pod-security/index.ts';
import { priority } from './priority.ts';
import { rbacEscalation } from './rbac-escalation.ts';
import { resourceQuota } from './resource-quota.ts';
import type { ConnectOptions } from './rule-matching.ts';
import { runtimeClass } from './runtime-class.ts';
import { serviceAccount } from './service-account.ts';
import { taintNodesByCondition } from './taint-nodes-by-condition.ts';
import { validatingAdmissionPolicy } from './validating-admission-policy.ts';
import { mutatingAdmissionWebhook, validatingAdmissionWebhook } from './webhooks.ts';

/** In kube-apiserver's order (AllOrderedPlugins). */
export const PLUGINS: AdmissionPlugin[] = [
  ...OPTIONAL.first,
  namespaceLifecycle,
  limitRanger,
  serviceAccount,
  nodeRestriction,
  taintNodesByCondition,
  ...OPTIONAL.middle,
  podSecurity,
  priority,
  defaultTolerationSeconds,
  defaultStorageClass,
  storageObjectInUseProtection,
  persistentVolumeClaimResize,
  runtimeClass,
  certificateApproval,
  certificateSigning,
  certificateSubjectRestriction,
  defaultIngressClass,
  rbacEscalation,
  mutatingAdmissionWebhook,
  validatingAdmissionPolicy,
  validatingAdmissionWebhook,
  resourceQuota,
  ...OPTIONAL.last,
];

/** The plugins that look at a resource, by its name. */
const byResource = new Map<string, AdmissionPlugin[]>();

function concerned({ world, resource: { name } }: ResourceRequest): AdmissionPlugin[] {
  let plugins = byResource.get(name);
  if (!plugins) {
    plugins = PLUGINS.filter(({ resources }) => !resources || resources.includes(name));
    byResource.set(name, plugins);
  }
  const isChosen = chosenPlugins(world.state);
  return plugins.filter((plugin) => isChosen(plugin.name));
}

/** The mutating half. */
export function admit(request: ResourceRequest, draft: KubeObject | undefined, old: KubeObject | undefined): void {
  for (const plugin of concerned(request)) plugin.admit?.(request, draft, old);
}

/** The validating half. */
export function admitted(request: ResourceRequest, object: KubeObject | undefined, old: KubeObject | undefined): void {
  for (const plugin of concerned(request)) plugin.validate?.(request, object, old);
}

/** What looks at more than objects of a resource. */
const OF_ACTIONS = [
  namespaceLifecycle,
  nodeRestriction,
  mutatingAdmissionWebhook,
  validatingAdmissionPolicy,
  validatingAdmissionWebhook,
];

/** The mutating half for what is posted to an object, and is none of its resource (`request.written`): an Eviction, a Binding. */
export function admitAction(request: ResourceRequest, posted: KubeObject): void {
  for (const plugin of OF_ACTIONS) plugin.admit?.(request, posted, undefined);
}

/** The validating half. */
export function actionAdmitted(request: ResourceRequest, posted: KubeObject): void {
  for (const plugin of OF_ACTIONS) plugin.validate?.(request, posted, undefined);
}

/** For connections. `options`: what kind of connection, and how (`PodExecOptions`). */
export function admitConnection(request: ResourceRequest, options: ConnectOptions): void {
  for (const plugin of PLUGINS) plugin.connect?.(request, options);
}
