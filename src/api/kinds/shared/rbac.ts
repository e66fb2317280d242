import { goQuote } from '../../../base/go-quote.ts';
import { isDns1123Subdomain } from '../../../base/names.ts';
import type { ClusterRole, RoleBinding } from '../../../types/objects.ts';
import { type FieldError, invalid, notSupported, required } from '../../machinery/field-errors.ts';
import { GoSyntax, goStrings } from '../../machinery/invalid.ts';
import { each, invalidEach, same } from './checks.ts';
import { pathSegmentName } from './object-meta.ts';

type Rule = NonNullable<ClusterRole['rules']>[number];
type Binding = Pick<RoleBinding, 'roleRef' | 'subjects'>;
type Subject = NonNullable<RoleBinding['subjects']>[number];

const GROUP = 'rbac.authorization.k8s.io';
const SUBJECTS = ['ServiceAccount', 'User', 'Group'];

/** ValidatePolicyRule of a Role's rules (`namespaced`) or a ClusterRole's. */
export const validateRules = (rules: Rule[] | undefined, namespaced: boolean): FieldError[] =>
  each(rules, 'rules', (rule, at) => {
    const { nonResourceURLs: urls = [], apiGroups = [], resources = [], resourceNames = [] } = rule;
    const errors: FieldError[] = rule.verbs?.length
      ? []
      : [required(`${at}.verbs`, 'verbs must contain at least one value')];
    if (urls.length > 0) {
      const refuse = (detail: string) => errors.push(invalid(`${at}.nonResourceURLs`, goStrings(urls), detail));
      if (namespaced) refuse('namespaced rules cannot apply to non-resource URLs');
      if (apiGroups.length + resources.length + resourceNames.length > 0)
        refuse('rules cannot apply to both regular resources and non-resource URLs');
      return errors;
    }
    if (apiGroups.length === 0)
      errors.push(required(`${at}.apiGroups`, 'resource rules must supply at least one api group'));
    if (resources.length === 0)
      errors.push(required(`${at}.resources`, 'resource rules must supply at least one resource'));
    return errors;
  });

/** SetDefaults of bindings: whom and what they name is of RBAC's own group. */
export function defaultBinding(binding: Binding): void {
  if (binding.roleRef) binding.roleRef.apiGroup ||= GROUP;
  for (const subject of binding.subjects ?? [])
    if (subject.kind === 'User' || subject.kind === 'Group') subject.apiGroup ||= GROUP;
    else if (subject.kind === 'ServiceAccount') subject.apiGroup ||= '';
}

function validateSubject(subject: Subject, namespaced: boolean, path: string): FieldError[] {
  const errors: FieldError[] = subject.name ? [] : [required(`${path}.name`)];
  const { kind, name, apiGroup = '', namespace } = subject;
  if (!SUBJECTS.includes(kind)) return [...errors, notSupported(`${path}.kind`, kind ?? '', SUBJECTS)];
  if (kind !== 'ServiceAccount')
    return apiGroup === GROUP ? errors : [...errors, notSupported(`${path}.apiGroup`, apiGroup, [GROUP])];
  if (name) errors.push(...invalidEach(`${path}.name`, name, isDns1123Subdomain(name)));
  if (apiGroup) errors.push(notSupported(`${path}.apiGroup`, apiGroup, ['']));
  if (!namespaced && !namespace) errors.push(required(`${path}.namespace`));
  return errors;
}

/** ValidateRoleBinding and ValidateClusterRoleBinding, which differ in the kinds of role that they may name. */
export function validateBinding({ roleRef, subjects }: Binding, kinds: readonly string[]): FieldError[] {
  const { apiGroup = '', kind = '', name = '' } = roleRef ?? {};
  return [
    ...(apiGroup === GROUP ? [] : [notSupported('roleRef.apiGroup', apiGroup, [GROUP])]),
    ...(kinds.includes(kind) ? [] : [notSupported('roleRef.kind', kind, kinds)]),
    ...(name ? invalidEach('roleRef.name', name, pathSegmentName(name, false)) : [required('roleRef.name')]),
    ...each(subjects, 'subjects', (subject, at) => validateSubject(subject, kinds.includes('Role'), at)),
  ];
}

/** What a binding grants never changes. */
export function validateSameRole({ roleRef }: Binding, { roleRef: old }: Binding): FieldError[] {
  if (same(roleRef, old)) return [];
  const { apiGroup, kind, name } = roleRef;
  const shown = `rbac.RoleRef{APIGroup:${goQuote(apiGroup)}, Kind:${goQuote(kind)}, Name:${goQuote(name)}}`;
  return [invalid('roleRef', new GoSyntax(shown), 'cannot change roleRef')];
}
