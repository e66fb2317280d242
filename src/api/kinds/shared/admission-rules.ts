import type { V1MatchResources, V1ValidatingWebhook } from '@kubernetes/client-node';
import { isDns1035Label, isDns1123Subdomain, isPathSegmentName } from '../../../base/names.ts';
import type { Wire } from '../../../types/objects.ts';
import { AdmissionExpressions } from '../../cel/admission-expressions.ts';
import { CelCompileError } from '../../cel/issues.ts';
import { duplicate, type FieldError, invalid, notSupported, required, tooMany } from '../../machinery/field-errors.ts';
import { goStrings } from '../../machinery/invalid.ts';
import { each, invalidEach, oneOfIfSet, qualifiedName, same } from './checks.ts';
import { validateLabelSelector } from './label-selector.ts';
import { validateWebhookClient } from './webhook-client.ts';

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

function validateResources(resources: string[] | undefined, path: string): FieldError[] {
  const list = resources ?? [];
  if (list.length === 0) return [required(path)];
  const errors: FieldError[] = [];
  const ofResource = new Set<string>();
  const ofSubresource = new Set<string>();
  for (const [index, text] of list.entries()) {
    const at = `${path}[${index}]`;
    const slash = text.indexOf('/');
    if (!text) errors.push(required(at));
    if (slash < 0) continue;
    const [resource, sub] = [text.slice(0, slash), text.slice(slash + 1)];
    if (ofResource.has(resource))
      errors.push(invalid(at, text, `if '${resource}/*' is present, must not specify ${text}`));
    if (ofSubresource.has(sub)) errors.push(invalid(at, text, `if '*/${sub}' is present, must not specify ${text}`));
    if (sub === '*') ofResource.add(resource);
    if (resource === '*') ofSubresource.add(sub);
  }
  if (list.length > 1 && list.includes('*/*'))
    errors.push(invalid(path, goStrings(list), "if '*/*' is present, must not specify other resources"));
  const last = list.findLast((text) => !text.includes('/'));
  if (list.includes('*') && last !== '*')
    errors.push(
      invalid(path, goStrings(list), "if '*' is present, must not specify other resources without subresources"),
    );
  return errors;
}

type NamedRule = Rule & { resourceNames?: string[] };

const validateNamedRule = (rule: NamedRule, path: string): FieldError[] => [
  ...each(rule.resourceNames, `${path}.resourceNames`, (name, at, index) => [
    ...invalidEach(at, name, isPathSegmentName(name)),
    ...(rule.resourceNames!.indexOf(name) < index ? [duplicate(at, name)] : []),
  ]),
  ...validateRule(rule, path),
];

const validateRule = (rule: Rule, path: string): FieldError[] => [
  ...validateList(rule.operations, `${path}.operations`, 'operations'),
  ...each(rule.operations, `${path}.operations`, (operation, at) =>
    OPERATIONS.includes(operation) ? [] : [notSupported(at, operation, OPERATIONS)],
  ),
  ...validateList(rule.apiGroups, `${path}.apiGroups`, 'API groups'),
  ...validateList(rule.apiVersions, `${path}.apiVersions`, 'API versions'),
  ...each(rule.apiVersions, `${path}.apiVersions`, (version, at) => (version ? [] : [required(at)])),
  ...validateResources(rule.resources, `${path}.resources`),
  ...oneOfIfSet(`${path}.scope`, rule.scope, SCOPES),
];

/** validateMatchResources */
export function validateMatchResources(match: MatchResources | undefined, path: string): FieldError[] {
  if (!match) return [];
  return [
    ...oneOfIfSet(`${path}.matchPolicy`, match.matchPolicy, MATCH_POLICIES),
    ...validateLabelSelector(match.namespaceSelector, `${path}.namespaceSelector`),
    ...validateLabelSelector(match.objectSelector, `${path}.objectSelector`),
    ...each(match.resourceRules, `${path}.resourceRules`, validateNamedRule),
    ...each(match.excludeResourceRules, `${path}.excludeResourceRules`, validateNamedRule),
  ];
}

/** What is wrong with an expression that `compile` compiles. */
export function celError(path: string, expression: string, compile: () => unknown): FieldError[] {
  try {
    compile();
    return [];
  } catch (error) {
    if (error instanceof CelCompileError) return [invalid(path, expression, error.message)];
    throw error;
  }
}

const MAX_CONDITIONS = 64;

interface MatchCondition {
  name: string;
  expression: string;
}

/** validateMatchConditions */
export function validateMatchConditions(
  conditions: MatchCondition[] | undefined,
  path: string,
  expressions: AdmissionExpressions,
): FieldError[] {
  const count = conditions?.length ?? 0;
  const names = conditions?.map(({ name }) => name) ?? [];
  return [
    ...(count > MAX_CONDITIONS ? [tooMany(path, count, MAX_CONDITIONS)] : []),
    ...each(conditions, path, ({ name, expression }, at, index) => {
      const trimmed = expression?.trim();
      return [
        ...(trimmed
          ? celError(`${at}.expression`, trimmed, () => expressions.compile(trimmed, 'matchCondition'))
          : [required(`${at}.expression`)]),
        ...(name ? qualifiedName(`${at}.name`, name) : [required(`${at}.name`)]),
        ...(name && names.indexOf(name) < index ? [duplicate(`${at}.name`, name)] : []),
      ];
    }),
  ];
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
function validateWebhook(webhook: Webhook, path: string, conditions: boolean): FieldError[] {
  const { sideEffects, timeoutSeconds: seconds } = webhook;
  return [
    ...validateName(webhook.name, `${path}.name`),
    ...each(webhook.rules, `${path}.rules`, validateRule),
    ...oneOfIfSet(`${path}.failurePolicy`, webhook.failurePolicy, FAILURE_POLICIES),
    ...oneOfIfSet(`${path}.matchPolicy`, webhook.matchPolicy, MATCH_POLICIES),
    ...(sideEffects === undefined
      ? [required(`${path}.sideEffects`, `must specify one of ${SIDE_EFFECTS.join(', ')}`)]
      : oneOfIfSet(`${path}.sideEffects`, sideEffects, SIDE_EFFECTS)),
    ...(seconds !== undefined && (seconds < 1 || seconds > 30)
      ? [invalid(`${path}.timeoutSeconds`, seconds, 'the timeout value must be between 1 and 30 seconds')]
      : []),
    ...validateLabelSelector(webhook.namespaceSelector, `${path}.namespaceSelector`),
    ...validateLabelSelector(webhook.objectSelector, `${path}.objectSelector`),
    ...oneOfIfSet(`${path}.reinvocationPolicy`, webhook.reinvocationPolicy, ['IfNeeded', 'Never']),
    ...validateWebhookClient(webhook.clientConfig ?? {}, `${path}.clientConfig`),
    ...(conditions
      ? validateMatchConditions(webhook.matchConditions, `${path}.matchConditions`, new AdmissionExpressions(false))
      : []),
  ];
}

function validateReviewVersions(versions: string[], path: string): FieldError[] {
  if (versions.length === 0) return [required(path, 'must specify one of v1, v1beta1')];
  return [
    ...each(versions, path, (version, at, index) =>
      versions.indexOf(version) < index
        ? [invalid(at, version, 'duplicate version')]
        : invalidEach(at, version, isDns1035Label(version)),
    ),
    ...(versions.includes('v1') || versions.includes('v1beta1')
      ? []
      : [invalid(path, goStrings(versions), 'must include at least one of v1, v1beta1')]),
  ];
}

/** A configuration's webhooks: each right, their names different, and known review versions. */
export function validateWebhooks(webhooks: Webhook[] | undefined, old?: Webhook[]): FieldError[] {
  const names = webhooks?.map(({ name }) => name) ?? [];
  const kept =
    old !== undefined &&
    old.length === names.length &&
    old.every(({ matchConditions }, index) => same(matchConditions, webhooks![index]!.matchConditions));
  return each(webhooks, 'webhooks', (webhook, at, index) => [
    ...validateWebhook(webhook, at, !kept),
    ...validateReviewVersions(webhook.admissionReviewVersions ?? [], `${at}.admissionReviewVersions`),
    ...(webhook.name && names.indexOf(webhook.name) < index ? [duplicate(`${at}.name`, webhook.name)] : []),
  ]);
}

export const validateDnsName = (path: string, name: string | undefined): FieldError[] =>
  name ? invalidEach(path, name, isDns1123Subdomain(name)) : [required(path)];
