import type { V1ValidatingWebhook, V1ValidatingWebhookConfiguration } from '@kubernetes/client-node';
import type { KubeObject, Resource, Service, Wire } from '../../types/objects.ts';
import { AdmissionExpressions } from '../cel/admission-expressions.ts';
import { forbidden, internalError } from '../errors.ts';
import { type ApiWorld, type ResourceRequest, subjectOf } from '../world.ts';
import { admissionValues, conditionsHold } from './expression-values.ts';
import type { AdmissionPlugin } from './plugin.ts';
import { type Attempt, attemptOf, type ConnectOptions, matchCriteria } from './rule-matching.ts';

type Webhook = Wire<V1ValidatingWebhook>;
type Configuration = Resource<V1ValidatingWebhookConfiguration>;
type ServiceReference = NonNullable<NonNullable<Webhook['clientConfig']>['service']>;

const MUTATING = 'mutatingwebhookconfigurations.admissionregistration.k8s.io';
const VALIDATING = 'validatingwebhookconfigurations.admissionregistration.k8s.io';
const HTTPS = 443;

/** Why the API server cannot reach a service: there is nobody who would answer. */
function serviceError(world: ApiWorld, { name, namespace, port = HTTPS }: ServiceReference): string {
  const service = world.store.get('services', namespace, name) as Service | undefined;
  if (!service) return `service ${JSON.stringify(name)} not found`;
  const { clusterIP, ports = [], type, externalName } = service.spec ?? {};
  if (type === 'ExternalName') return `dial tcp: lookup ${externalName}: no such host`;
  if (clusterIP === 'None') return 'cannot route to service with ClusterIP "None"';
  if (!ports.some((one) => one.port === port))
    return `no service port ${port} found for service ${JSON.stringify(name)}`;
  return `dial tcp ${clusterIP}:${port}: connect: connection refused`;
}

function urlError(url: URL): string {
  const host = url.hostname;
  const isAddress = /^[0-9.]+$/.test(host) || host.startsWith('[');
  return isAddress
    ? `dial tcp ${host}:${url.port || HTTPS}: connect: connection refused`
    : `dial tcp: lookup ${host}: no such host`;
}

/** What comes of calling a webhook: the failure, in the words of Go's HTTP client. */
function callError(world: ApiWorld, { clientConfig, timeoutSeconds = 10 }: Webhook): string {
  const { service, url: text } = clientConfig ?? {};
  const timeout = `timeout=${timeoutSeconds}s`;
  if (service) {
    const { name, namespace, path = '/', port = HTTPS } = service;
    const url = `https://${name}.${namespace}.svc:${port}${path}?${timeout}`;
    return `Post ${JSON.stringify(url)}: ${serviceError(world, service)}`;
  }
  const url = new URL(text ?? '');
  const shown = `${url.protocol}//${url.host}${url.pathname}?${timeout}`;
  return `Post ${JSON.stringify(shown)}: ${urlError(url)}`;
}

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
  const reason = callError(request.world, webhook);
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
