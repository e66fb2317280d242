import type { ObjectStore } from '../../store/object-store.ts';
import type { Resource } from '../schema/registry.ts';

const GROUP = 'admissionregistration.k8s.io';
const POLICIES = `validatingadmissionpolicies.${GROUP}`;
const WEBHOOKS = [`validatingwebhookconfigurations.${GROUP}`, `mutatingwebhookconfigurations.${GROUP}`];
const DEFINITIONS = 'customresourcedefinitions.apiextensions.k8s.io';

/** Kinds whose objects hold expressions. */
const HOLDERS = new Set([POLICIES, ...WEBHOOKS, DEFINITIONS]);

/** Whether a write of the resource may have to compile or evaluate an expression. */
export function needsCel(store: ObjectStore, resource?: Resource): boolean {
  if (resource && HOLDERS.has(resource.name)) return true;
  if (resource?.custom?.schema && JSON.stringify(resource.custom.schema).includes('"x-kubernetes-validations"'))
    return true;
  if (store.list(POLICIES).length > 0) return true;
  return WEBHOOKS.some((kind) => store.list(kind).some((one) => JSON.stringify(one).includes('"matchConditions"')));
}
