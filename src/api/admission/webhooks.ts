import type { V1ValidatingWebhook, V1ValidatingWebhookConfiguration } from '@kubernetes/client-node';
import type { KubeObject, Resource, Wire } from '../../types/objects.ts';
import { AdmissionExpressions } from '../cel/admission-expressions.ts';
import { forbidden, internalError } from '../errors.ts';
import { callError } from '../machinery/webhook-client.ts';
import { type ResourceRequest, subjectOf } from '../world.ts';
import { admissionValues, conditionsHold } from './expression-values.ts';
import type { AdmissionPlugin } from './plugin.ts';
import { type Attempt, attemptOf, type ConnectOptions, matchCriteria } from './rule-matching.ts';

type Webhook = Wire<V1ValidatingWebhook>;
type Configuration = Resource<V1ValidatingWebhookConfiguration>;

const MUTATING = 'mutatingwebhookconfigurations.admissionregistration.k8s.io';
const VALIDATING = 'validatingwebhookconfigurations.admissionregistration.k8s.io';

/** Calls a webhook whose rules match; nobody answers, which is an error unless the webhook says Ignore. */
function call(attempt: Attempt, webhook: Webhook): void {
  const { request } = attempt;
  const ignores = webhook.failurePolicy === 'Ignore';
  const version = matchCriteria({ ...webhook, rules: webhook.rules ?? [] }, attempt);
  if (version === undefined || !webhook.rules?.length) return;
  if (webhook.matchConditions?.length) {
    const values = admissionValues(attempt, version);
    const holds = conditionsHold(webhook.matchConditions, new AdmissionExpressions(false), values);
    if (holds === false || (ignores && holds !== true)) return;
    if (typeof holds === 'string') throw forbidden(subjectOf(request), attempt.name, holds);
  }
  if (ignores) return;
  const { clientConfig, timeoutSeconds = 10 } = webhook;
  const reason = callError(request.world, clientConfig, timeoutSeconds);
  throw internalError(`failed calling webhook ${JSON.stringify(webhook.name)}: failed to call webhook: ${reason}`);
}

function callAll(
  kind: string,
  request: ResourceRequest,
  object: KubeObject | undefined,
  old: KubeObject | undefined,
  options?: ConnectOptions,
): void {
  const configurations = request.world.store.list(kind) as Configuration[];
  const attempt = configurations.length > 0 ? attemptOf(request, object, old, options) : undefined;
  if (!attempt) return;
  for (const { webhooks } of configurations) for (const webhook of webhooks ?? []) call(attempt, webhook as Webhook);
}

export const mutatingAdmissionWebhook: AdmissionPlugin = {
  name: 'MutatingAdmissionWebhook',
  admit: (request, object, old) => callAll(MUTATING, request, object, old),
  connect: (request, options) => callAll(MUTATING, request, undefined, undefined, options),
};

export const validatingAdmissionWebhook: AdmissionPlugin = {
  name: 'ValidatingAdmissionWebhook',
  validate: (request, object, old) => callAll(VALIDATING, request, object, old),
  connect: (request, options) => callAll(VALIDATING, request, undefined, undefined, options),
};
