import type { V1MatchResources, V1ValidatingWebhook } from '@kubernetes/client-node';
import { isDns1123Subdomain } from '../../../base/names.ts';
import type { Wire } from '../../../types/objects.ts';
import { type FieldError, invalid, notSupported, required } from '../../machinery/field-errors.ts';
import { goStrings } from '../../machinery/invalid.ts';
import { each, invalidEach, oneOf, oneOfIfSet } from './checks.ts';
import { validateLabelSelector } from './label-selector.ts';

type MatchResources = Wire<V1MatchResources>;
export type Webhook = Wire<V1ValidatingWebhook> & { reinvocationPolicy?: string };
type Rule = NonNullable<Webhook['rules']>[number];

const OPERATIONS = ['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE'];
const SCOPES = ['*', 'Cluster', 'Namespaced'];
export const FAILURE_POLICIES = ['Fail', 'Ignore'];
const MATCH_POLICIES = ['Equivalent', 'Exact'];
const SIDE_EFFECTS = ['None', 'NoneOnDryRun'];

function defaultRules(rules: Rule[] | undefined): void {
  for (const rule of rules ?? []) rule.scope ??= '*';
}

/** SetDefaults_MatchResources */
export function defaultMatchResources(match: MatchResources | undefined): void {
  if (!match) return;
  match.matchPolicy ??= 'Equivalent';
  match.namespaceSelector ??= {};
  match.objectSelector ??= {};
  defaultRules(match.resourceRules);
  defaultRules(match.excludeResourceRules);
}

/** SetDefaults of a webhook, validating or (`mutating`) mutating. */
export function defaultWebhook(webhook: Webhook, mutating: boolean): void {
  webhook.failurePolicy ??= 'Fail';
  webhook.matchPolicy ??= 'Equivalent';
  webhook.namespaceSelector ??= {};
  webhook.objectSelector ??= {};
  webhook.timeoutSeconds ??= 10;
  if (mutating) webhook.reinvocationPolicy ??= 'Never';
  if (webhook.clientConfig?.service) webhook.clientConfig.service.port ??= 443;
  defaultRules(webhook.rules);
}

function validateList(list: string[] | undefined, path: string, what: string): FieldError[] {
  const values = list ?? [];
  if (values.length === 0) return [required(path)];
  return values.length > 1 && values.includes('*')
    ? [invalid(path, goStrings(values), `if '*' is present, must not specify other ${what}`)]
    : [];
}

const validateRule = (rule: Rule, path: string): FieldError[] => [
  ...validateList(rule.operations, `${path}.operations`, 'operations'),
  ...each(rule.operations, `${path}.operations`, (operation, at) =>
    OPERATIONS.includes(operation) ? [] : [notSupported(at, operation, OPERATIONS)],
  ),
  ...validateList(rule.apiGroups, `${path}.apiGroups`, 'API groups'),
  ...validateList(rule.apiVersions, `${path}.apiVersions`, 'API versions'),
  ...each(rule.apiVersions, `${path}.apiVersions`, (version, at) => (version ? [] : [required(at)])),
  ...(rule.resources?.length ? [] : [required(`${path}.resources`)]),
  ...each(rule.resources, `${path}.resources`, (resource, at) => (resource ? [] : [required(at)])),
  ...oneOfIfSet(`${path}.scope`, rule.scope, SCOPES),
];

/** validateMatchResources */
export function validateMatchResources(match: MatchResources | undefined, path: string): FieldError[] {
  if (!match) return [];
  return [
    ...oneOf(`${path}.matchPolicy`, match.matchPolicy, MATCH_POLICIES),
    ...validateLabelSelector(match.namespaceSelector, `${path}.namespaceSelector`),
    ...validateLabelSelector(match.objectSelector, `${path}.objectSelector`),
    ...each(match.resourceRules, `${path}.resourceRules`, validateRule),
    ...each(match.excludeResourceRules, `${path}.excludeResourceRules`, validateRule),
  ];
}

function validateClientConfig({ url, service }: Webhook['clientConfig'], path: string): FieldError[] {
  if ((url === undefined) === (service === undefined))
    return [required(path, 'exactly one of url or service is required')];
  if (service)
    return [
      ...(service.name ? [] : [required(`${path}.service.name`, 'service name is required')]),
      ...(service.namespace ? [] : [required(`${path}.service.namespace`, 'service namespace is required')]),
    ];
  const at = `${path}.url`;
  const form = '; desired format: https://host[/path]';
  const parts = /^([a-z]+):\/\/([^/?#]*)/.exec(url ?? '');
  if (!parts) return [required(at, `url must be a valid URL${form}`)];
  const errors: FieldError[] = [];
  if (parts[1] !== 'https') errors.push(invalid(at, parts[1], `'https' is the only allowed URL scheme${form}`));
  if (!parts[2]) errors.push(invalid(at, parts[2], `host must be specified${form}`));
  return errors;
}

/** IsFullyQualifiedName */
function validateName(name: string, path: string): FieldError[] {
  if (!name) return [required(path)];
  const wrong = isDns1123Subdomain(name);
  if (wrong.length > 0) return [invalid(path, name, wrong.join(','))];
  return name.split('.').length < 3
    ? [invalid(path, name, 'should be a domain with at least three segments separated by dots')]
    : [];
}

/** validateValidatingWebhook */
function validateWebhook(webhook: Webhook, path: string): FieldError[] {
  const { sideEffects, timeoutSeconds: seconds } = webhook;
  return [
    ...validateName(webhook.name, `${path}.name`),
    ...each(webhook.rules, `${path}.rules`, validateRule),
    ...oneOfIfSet(`${path}.failurePolicy`, webhook.failurePolicy, FAILURE_POLICIES),
    ...oneOfIfSet(`${path}.matchPolicy`, webhook.matchPolicy, MATCH_POLICIES),
    ...(!sideEffects
      ? [required(`${path}.sideEffects`, `must specify one of ${SIDE_EFFECTS.join(', ')}`)]
      : oneOfIfSet(`${path}.sideEffects`, sideEffects, SIDE_EFFECTS)),
    ...(seconds !== undefined && (seconds < 1 || seconds > 30)
      ? [invalid(`${path}.timeoutSeconds`, seconds, 'the timeout value must be between 1 and 30 seconds')]
      : []),
    ...validateLabelSelector(webhook.namespaceSelector, `${path}.namespaceSelector`),
    ...validateLabelSelector(webhook.objectSelector, `${path}.objectSelector`),
    ...validateClientConfig(webhook.clientConfig ?? {}, `${path}.clientConfig`),
  ];
}

/** A configuration's webhooks: each right, their names different, and known review versions. */
export function validateWebhooks(webhooks: Webhook[] | undefined): FieldError[] {
  return each(webhooks, 'webhooks', (webhook, at) => {
    const versions = webhook.admissionReviewVersions ?? [];
    const path = `${at}.admissionReviewVersions`;
    const errors = validateWebhook(webhook, at);
    if (versions.length === 0) errors.push(required(path, 'must specify one of v1, v1beta1'));
    else if (!versions.includes('v1') && !versions.includes('v1beta1'))
      errors.push(invalid(path, goStrings(versions), 'must include at least one of v1, v1beta1'));
    return errors;
  });
}

export const validateDnsName = (path: string, name: string | undefined): FieldError[] =>
  name ? invalidEach(path, name, isDns1123Subdomain(name)) : [required(path)];
