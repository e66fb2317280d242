import type { V1FlowSchema } from '@kubernetes/client-node';
import { isDns1123Label } from '../../../base/names.ts';
import { type FieldError, invalid, notSupported, required } from '../../machinery/field-errors.ts';
import { goStrings } from '../../machinery/invalid.ts';
import { each } from '../shared/checks.ts';
import { validateSubject } from './subjects.ts';

type Rule = NonNullable<NonNullable<V1FlowSchema['spec']>['rules']>[number];
type ResourceRule = NonNullable<Rule['resourceRules']>[number];
type NonResourceRule = NonNullable<Rule['nonResourceRules']>[number];

const VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'proxy', 'update', 'watch'];

/** A star stands alone in its list; `what` names the others. */
const lonelyStar = (list: string[], what: string, at: string): FieldError[] =>
  list.includes('*') && list.length > 1
    ? [invalid(at, goStrings(list), `if '*' is present, must not specify other ${what}`)]
    : [];

function validateVerbs(verbs: string[] = [], at: string): FieldError[] {
  if (verbs.length === 0) return [required(at, 'verbs must contain at least one value')];
  if (verbs.includes('*')) return lonelyStar(verbs, 'verbs', at);
  return verbs.every((verb) => VERBS.includes(verb)) ? [] : [notSupported(at, goStrings(verbs), VERBS)];
}

const atLeastOne = (list: string[] = [], missing: string, what: string, at: string): FieldError[] =>
  list.length === 0 ? [required(at, missing)] : lonelyStar(list, what, at);

function validateNamespaces({ namespaces = [], clusterScope }: ResourceRule, at: string): FieldError[] {
  if (namespaces.length === 0 && !clusterScope)
    return [required(at, 'resource rules that are not cluster scoped must supply at least one namespace')];
  if (namespaces.includes('*')) return lonelyStar(namespaces, 'namespaces', at);
  return each(namespaces, at, (name, path) =>
    isDns1123Label(name).map((message) =>
      invalid(path, name, `each member of this list must be '*' or a DNS-1123 label; ${message}`),
    ),
  );
}

const validateResourceRule = (rule: ResourceRule, path: string): FieldError[] => [
  ...validateVerbs(rule.verbs, `${path}.verbs`),
  ...atLeastOne(rule.apiGroups, 'resource rules must supply at least one api group', 'api groups', `${path}.apiGroups`),
  ...atLeastOne(rule.resources, 'resource rules must supply at least one resource', 'resources', `${path}.resources`),
  ...validateNamespaces(rule, `${path}.namespaces`),
];

/** ValidateNonResourceURLPath */
function urlProblem(url: string): string | undefined {
  if (url === '') return 'must not be empty';
  if (url === '/') return undefined;
  if (!url.startsWith('/')) return 'must start with slash';
  if (url.includes(' ')) return 'must not contain white-space';
  if (url.includes('//')) return 'must not contain double slash';
  const stars = url.split('*').length - 1;
  return stars > 1 || (stars === 1 && !url.endsWith('/*')) ? 'wildcard can only do suffix matching' : undefined;
}

function validateUrls(urls: string[] = [], at: string): FieldError[] {
  if (urls.length === 0) return [required(at, 'nonResourceURLs must contain at least one value')];
  if (urls.includes('*')) return lonelyStar(urls, 'non-resource URLs', at);
  return each(urls, at, (url, path) => {
    const problem = urlProblem(url);
    return problem ? [invalid(path, url, problem)] : [];
  });
}

const validateNonResourceRule = ({ verbs, nonResourceURLs }: NonResourceRule, path: string): FieldError[] => [
  ...validateVerbs(verbs, `${path}.verbs`),
  ...validateUrls(nonResourceURLs, `${path}.nonResourceURLs`),
];

/** ValidateFlowSchemaPolicyRulesWithSubjects */
export const validateRule = (rule: Rule, path: string): FieldError[] => [
  ...(rule.subjects?.length
    ? each(rule.subjects, `${path}.subjects`, validateSubject)
    : [required(`${path}.subjects`, 'subjects must contain at least one value')]),
  ...(rule.resourceRules?.length || rule.nonResourceRules?.length
    ? []
    : [required(path, 'at least one of resourceRules and nonResourceRules has to be non-empty')]),
  ...each(rule.resourceRules, `${path}.resourceRules`, validateResourceRule),
  ...each(rule.nonResourceRules, `${path}.nonResourceRules`, validateNonResourceRule),
];
