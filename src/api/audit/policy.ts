import { isDns1123Subdomain } from '../../base/names.ts';
import { readYaml } from '../../base/yaml/parse.ts';
import { resourceText } from '../authorization/attributes.ts';
import { type FieldError, invalid, notSupported, required } from '../machinery/field-errors.ts';
import { aggregate, errorText } from '../machinery/invalid.ts';
import type { UserInfo } from '../request.ts';

const LEVELS = ['None', 'Metadata', 'Request', 'RequestResponse'] as const;
export type Level = (typeof LEVELS)[number];

const STAGES = ['RequestReceived', 'ResponseStarted', 'ResponseComplete', 'Panic'] as const;
export type Stage = (typeof STAGES)[number];

interface GroupResources {
  group?: string;
  resources?: string[];
  resourceNames?: string[];
}

interface PolicyRule {
  level: Level;
  users?: string[];
  userGroups?: string[];
  verbs?: string[];
  resources?: GroupResources[];
  namespaces?: string[];
  nonResourceURLs?: string[];
  omitStages?: Stage[];
  omitManagedFields?: boolean;
}

/** audit.k8s.io/v1 Policy. */
export interface AuditPolicy {
  omitStages?: Stage[];
  omitManagedFields?: boolean;
  rules: PolicyRule[];
}

/** What is asked of the API, as a rule looks at it: a resource, or a path that is none. */
export interface Audited {
  user: UserInfo;
  verb: string;
  target: { group: string; resource: string; subresource: string; namespace: string; name: string } | { path: string };
}

/** Why an API server does not start with such a policy; `message` is what it says. */
export class PolicyError extends Error {}

function urlErrors(urls: string[], field: string): FieldError[] {
  return urls
    .filter((url) => url !== '*')
    .flatMap((url, i) => [
      ...(url.startsWith('/')
        ? []
        : [invalid(`${field}[${i}]`, url, "non-resource URL rules must begin with a '/' character")]),
      ...(url.slice(0, -1).includes('*')
        ? [invalid(`${field}[${i}]`, url, "non-resource URL wildcards '*' must be the final character of the rule")]
        : []),
    ]);
}

function resourceErrors(resources: GroupResources[], field: string): FieldError[] {
  return resources.flatMap(({ group = '', resources: names = [], resourceNames = [] }) => {
    const wrong = group === '' ? [] : isDns1123Subdomain(group);
    return [
      ...(wrong.length > 0 ? [invalid(`${field}.group`, group, wrong.join(','))] : []),
      ...(resourceNames.length > 0 && names.length === 0
        ? [invalid(`${field}.resourceNames`, resourceNames, 'using resourceNames requires at least one resource')]
        : []),
    ];
  });
}

const stageErrors = (stages: readonly string[], field: string): FieldError[] =>
  stages.flatMap((stage, i) =>
    STAGES.some((known) => known === stage)
      ? []
      : [invalid(`${field}[${i}]`, stage, `allowed stages are ${STAGES.join(',')}`)],
  );

/** ValidatePolicy. */
function validate({ omitStages = [], rules }: AuditPolicy): FieldError[] {
  const errors = stageErrors(omitStages, 'omitStages');
  for (const [i, rule] of rules.entries()) {
    const at = `rules[${i}]`;
    const { level, nonResourceURLs = [], resources = [], namespaces = [] } = rule;
    if (!level) errors.push(required(`${at}.level`));
    else if (!LEVELS.includes(level)) errors.push(notSupported(`${at}.level`, level, LEVELS));
    errors.push(...urlErrors(nonResourceURLs, `${at}.nonResourceURLs`));
    errors.push(...resourceErrors(resources, `${at}.resources`));
    errors.push(...stageErrors(rule.omitStages ?? [], `${at}.omitStages`));
    if (nonResourceURLs.length > 0 && resources.length + namespaces.length > 0)
      errors.push(
        invalid(
          `${at}.nonResourceURLs`,
          nonResourceURLs,
          'rules cannot apply to both regular resources and non-resource URLs',
        ),
      );
  }
  return errors;
}

/** Reads an audit policy as policy.LoadPolicyFromFile does; throws PolicyError. `path`: where it stands. */
export function readPolicy(text: string, path: string): AuditPolicy {
  const failed = (why: string): never => {
    throw new PolicyError(`loading audit policy file: ${why}: from file ${path}`);
  };
  let policy: (AuditPolicy & { apiVersion?: string; kind?: string }) | null = null;
  try {
    policy = readYaml(text) as unknown as AuditPolicy;
  } catch (error) {
    failed(`failed decoding: ${(error as Error).message}`);
  }
  const { apiVersion, kind, rules } = policy ?? ({} as AuditPolicy & { apiVersion?: string; kind?: string });
  if (!kind) failed(`failed decoding: Object 'Kind' is missing in '${text}'`);
  if (!apiVersion) failed(`failed decoding: Object 'apiVersion' is missing in '${text}'`);
  if (kind !== 'Policy' || apiVersion !== 'audit.k8s.io/v1')
    failed(
      `failed decoding: no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)} in scheme "pkg/audit/scheme.go:30"`,
    );
  const errors = validate({ ...policy, rules: rules ?? [] });
  if (errors.length > 0) failed(aggregate(errors.map(errorText)));
  if (!rules?.length) failed('loaded illegal policy with 0 rules');
  return policy as AuditPolicy;
}

const has = (list: string[] | undefined, ...values: string[]): boolean =>
  !list?.length || values.some((value) => list.includes(value));

/** A path, or what begins with it where it ends with `*`. */
const matchesPath = (path: string, spec: string): boolean =>
  spec === '*' || spec === path || (spec.endsWith('*') && path.startsWith(spec.replace(/\*+$/, '')));

function matchesResource(groups: GroupResources[], target: Extract<Audited['target'], { resource: string }>): boolean {
  const { group, resource, subresource, name } = target;
  const whole = resourceText(resource, subresource);
  return groups.some((rule) => {
    if ((rule.group ?? '') !== group) return false;
    if (!rule.resources?.length) return true;
    return (
      has(rule.resourceNames, name) &&
      rule.resources.some(
        (one) =>
          one === '*' ||
          one === whole ||
          (subresource !== '' && one === `*/${subresource}`) ||
          (one.endsWith('/*') && one.slice(0, -2) === resource),
      )
    );
  });
}

function matches(rule: PolicyRule, { user, verb, target }: Audited): boolean {
  if (!has(rule.users, user.username) || !has(rule.userGroups, ...user.groups) || !has(rule.verbs, verb)) return false;
  if (rule.namespaces?.length || rule.resources?.length) {
    if ('path' in target) return false;
    return (
      has(rule.namespaces, target.namespace) && (!rule.resources?.length || matchesResource(rule.resources, target))
    );
  }
  if (rule.nonResourceURLs?.length)
    return 'path' in target && rule.nonResourceURLs.some((spec) => matchesPath(target.path, spec));
  return true;
}

export interface AuditConfig {
  level: Level;
  omitStages: Stage[];
  omitManagedFields: boolean;
}

/** What the first rule that matches wants to be kept of a request (EvaluatePolicyRule). */
export function auditConfig(policy: AuditPolicy, audited: Audited): AuditConfig {
  const rule = policy.rules.find((one) => matches(one, audited));
  return {
    level: rule?.level ?? 'None',
    // The policy's own stages are omitted for every rule, too (policy.ConvertDynamic… unionStages).
    omitStages: [...(policy.omitStages ?? []), ...(rule?.omitStages ?? [])],
    omitManagedFields: rule?.omitManagedFields ?? policy.omitManagedFields ?? false,
  };
}

/** Whether a level keeps at least as much as another. */
export const keeps = (level: Level, wanted: Level): boolean => LEVELS.indexOf(level) >= LEVELS.indexOf(wanted);
