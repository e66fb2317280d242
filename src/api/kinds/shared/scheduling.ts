import { isDns1123Subdomain, isLabelValue } from '../../../base/names.ts';
import type { PodSpec, Toleration } from '../../../types/objects.ts';
import {
  duplicate,
  type FieldError,
  forbidden,
  invalid,
  notSupported,
  required,
} from '../../machinery/field-errors.ts';
import { each, invalidEach, label1123, oneOfIfSet, positive, sortedEntries } from './checks.ts';
import { validateLabelSelector, validateLabelValues, validateOperator } from './label-selector.ts';
import { validateLabelName } from './object-meta.ts';

type Affinity = NonNullable<PodSpec['affinity']>;
type NodeAffinity = NonNullable<Affinity['nodeAffinity']>;
export type NodeSelector = NonNullable<NodeAffinity['requiredDuringSchedulingIgnoredDuringExecution']>;
type NodeSelectorTerm = NodeSelector['nodeSelectorTerms'][number];
type NodeRequirement = NonNullable<NodeSelectorTerm['matchExpressions']>[number];
type PodAffinity = NonNullable<Affinity['podAffinity']>;
type PodAffinityTerm = NonNullable<PodAffinity['requiredDuringSchedulingIgnoredDuringExecution']>[number];
type SpreadConstraint = NonNullable<PodSpec['topologySpreadConstraints']>[number];

const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution';
const PREFERRED = 'preferredDuringSchedulingIgnoredDuringExecution';
export const TAINT_EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];
const NODE_POLICIES = ['Honor', 'Ignore'];
const UNSATISFIABLE = ['DoNotSchedule', 'ScheduleAnyway'];

function validateNodeRequirement(requirement: NodeRequirement, checkValues: boolean, path: string): FieldError[] {
  const { operator, values = [], key } = requirement;
  const comparison = operator === 'Gt' || operator === 'Lt';
  const errors = !comparison
    ? validateOperator(requirement, path)
    : values.length === 1
      ? []
      : [required(`${path}.values`, "must be specified single value when `operator` is 'Lt' or 'Gt'")];
  errors.push(...validateLabelName(key ?? '', `${path}.key`));
  return checkValues ? [...errors, ...validateLabelValues(values, `${path}.values`)] : errors;
}

function validateNodeField({ key, operator, values = [] }: NodeRequirement, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (operator !== 'In' && operator !== 'NotIn')
    errors.push(invalid(`${path}.operator`, operator, 'not a valid selector operator'));
  else if (values.length !== 1)
    errors.push(
      required(`${path}.values`, "must be only one value when `operator` is 'In' or 'NotIn' for node field selector"),
    );
  if (key !== 'metadata.name') errors.push(invalid(`${path}.key`, key, 'not a valid field selector key'));
  else errors.push(...each(values, `${path}.values`, (name, at) => invalidEach(at, name, isDns1123Subdomain(name))));
  return errors;
}

const validateTerm = (term: NodeSelectorTerm, checkValues: boolean, path: string): FieldError[] => [
  ...each(term.matchExpressions, `${path}.matchExpressions`, (r, at) => validateNodeRequirement(r, checkValues, at)),
  ...each(term.matchFields, `${path}.matchFields`, validateNodeField),
];

/** ValidateNodeSelector */
export function validateNodeSelector(selector: NodeSelector, path: string): FieldError[] {
  const at = `${path}.nodeSelectorTerms`;
  if (!selector.nodeSelectorTerms?.length) return [required(at, 'must have at least one node selector term')];
  return each(selector.nodeSelectorTerms, at, (term, termPath) => validateTerm(term, true, termPath));
}

const validateWeight = (weight: number | undefined, path: string): FieldError[] =>
  weight !== undefined && weight >= 1 && weight <= 100
    ? []
    : [invalid(`${path}.weight`, weight ?? 0, 'must be in the range 1-100')];

function validateKeys(keys: string[] | undefined, hasSelector: boolean, path: string): FieldError[] {
  if (!keys?.length) return [];
  if (!hasSelector) return [forbidden(path, 'must not be specified when labelSelector is not set')];
  return each(keys, path, validateLabelName);
}

/** Keys that the selector already has twice; the real one leaves the list's name out of the path. */
function selectedTwice({ matchLabelKeys = [], labelSelector }: PodAffinityTerm, path: string): FieldError[] {
  const selected = new Set(Object.keys(labelSelector?.matchLabels ?? {}));
  return (labelSelector?.matchExpressions ?? []).flatMap(({ key }) => {
    const twice = selected.has(key) && matchLabelKeys.includes(key);
    selected.add(key);
    return twice
      ? [invalid(`${path}[${matchLabelKeys.lastIndexOf(key)}]`, key, 'exists in both matchLabelKeys and labelSelector')]
      : [];
  });
}

function validatePodAffinityTerm(term: PodAffinityTerm, path: string): FieldError[] {
  const hasSelector = term.labelSelector !== undefined;
  const errors = [
    ...validateLabelSelector(term.labelSelector, `${path}.labelSelector`),
    ...validateLabelSelector(term.namespaceSelector, `${path}.namespaceSelector`),
    ...(term.namespaces ?? []).flatMap((name) => label1123(`${path}.namespace`, name)),
    ...validateKeys(term.matchLabelKeys, hasSelector, `${path}.matchLabelKeys`),
    ...validateKeys(term.mismatchLabelKeys, hasSelector, `${path}.mismatchLabelKeys`),
    ...selectedTwice(term, path),
    ...each(term.matchLabelKeys, `${path}.matchLabelKeys`, (key, at) =>
      term.mismatchLabelKeys?.includes(key)
        ? [invalid(at, key, 'exists in both matchLabelKeys and mismatchLabelKeys')]
        : [],
    ),
  ];
  if (!term.topologyKey) errors.push(required(`${path}.topologyKey`, 'can not be empty'));
  return [...errors, ...validateLabelName(term.topologyKey ?? '', `${path}.topologyKey`)];
}

const validatePodAffinity = (affinity: PodAffinity | undefined, path: string): FieldError[] => [
  ...each(affinity?.[REQUIRED], `${path}.${REQUIRED}`, validatePodAffinityTerm),
  ...each(affinity?.[PREFERRED], `${path}.${PREFERRED}`, ({ weight, podAffinityTerm }, at) => [
    ...validateWeight(weight, at),
    ...validatePodAffinityTerm(podAffinityTerm ?? {}, `${at}.podAffinityTerm`),
  ]),
];

/** validateAffinity */
export function validateAffinity(affinity: Affinity | undefined, path: string): FieldError[] {
  if (!affinity) return [];
  const node = affinity.nodeAffinity;
  const nodePath = `${path}.nodeAffinity`;
  return [
    ...(node?.[REQUIRED] ? validateNodeSelector(node[REQUIRED], `${nodePath}.${REQUIRED}`) : []),
    ...each(node?.[PREFERRED], `${nodePath}.${PREFERRED}`, ({ weight, preference }, at) => [
      ...validateWeight(weight, at),
      ...validateTerm(preference ?? {}, false, `${at}.preference`),
    ]),
    ...validatePodAffinity(affinity.podAffinity, `${path}.podAffinity`),
    ...validatePodAffinity(affinity.podAntiAffinity, `${path}.podAntiAffinity`),
  ];
}

/** ValidateTolerations */
export const validateTolerations = (tolerations: Toleration[] | undefined, path: string): FieldError[] =>
  each(tolerations, path, ({ key, operator, value = '', effect, tolerationSeconds }, at) => {
    const errors = key ? validateLabelName(key, `${at}.key`) : [];
    if (!key && operator !== 'Exists')
      errors.push(
        invalid(
          `${at}.operator`,
          operator ?? '',
          'operator must be Exists when `key` is empty, which means "match all values and all keys"',
        ),
      );
    if (tolerationSeconds !== undefined && effect !== 'NoExecute')
      errors.push(invalid(`${at}.effect`, effect ?? '', "effect must be 'NoExecute' when `tolerationSeconds` is set"));
    if (!operator || operator === 'Equal') {
      const wrong = isLabelValue(value);
      if (wrong.length > 0) errors.push(invalid(`${at}.operator`, value, wrong.join(';')));
    } else if (operator === 'Exists') {
      if (value) errors.push(invalid(`${at}.operator`, value, "value must be empty when `operator` is 'Exists'"));
    } else errors.push(notSupported(`${at}.operator`, operator, ['Equal', 'Exists']));
    if (effect && !TAINT_EFFECTS.includes(effect)) errors.push(notSupported(`${at}.effect`, effect, TAINT_EFFECTS));
    return errors;
  });

function validateSpreadKeys({ matchLabelKeys, labelSelector }: SpreadConstraint, path: string): FieldError[] {
  if (!matchLabelKeys?.length) return [];
  const selected = new Set([
    ...sortedEntries(labelSelector?.matchLabels).map(([key]) => key),
    ...(labelSelector?.matchExpressions ?? []).map(({ key }) => key),
  ]);
  return [
    ...(labelSelector ? [] : [forbidden(path, 'must not be specified when labelSelector is not set')]),
    ...each(matchLabelKeys, path, (key, at) => [
      ...validateLabelName(key, at),
      ...(selected.has(key) ? [invalid(at, key, 'exists in both matchLabelKeys and labelSelector')] : []),
    ]),
  ];
}

/** validateTopologySpreadConstraints */
export const validateTopologySpread = (constraints: SpreadConstraint[] | undefined, path: string): FieldError[] =>
  each(constraints, path, (constraint, at, index) => {
    const { maxSkew, topologyKey, whenUnsatisfiable, minDomains } = constraint;
    const errors = positive(`${at}.maxSkew`, maxSkew ?? 0);
    if (!topologyKey) errors.push(required(`${at}.topologyKey`, 'can not be empty'));
    if (!UNSATISFIABLE.includes(whenUnsatisfiable))
      errors.push(notSupported(`${at}.whenUnsatisfiable`, whenUnsatisfiable ?? '', UNSATISFIABLE));
    const repeated = constraints!
      .slice(index + 1)
      .some((other) => other.topologyKey === topologyKey && other.whenUnsatisfiable === whenUnsatisfiable);
    if (repeated)
      errors.push(duplicate(`${at}.{topologyKey, whenUnsatisfiable}`, `{${topologyKey}, ${whenUnsatisfiable}}`));
    if (minDomains !== undefined) {
      errors.push(...positive(`${at}.minDomains`, minDomains));
      if (whenUnsatisfiable !== 'DoNotSchedule')
        errors.push(
          invalid(
            `${at}.minDomains`,
            minDomains,
            `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${whenUnsatisfiable}`,
          ),
        );
    }
    errors.push(
      ...oneOfIfSet(`${at}.nodeAffinityPolicy`, constraint.nodeAffinityPolicy, NODE_POLICIES),
      ...oneOfIfSet(`${at}.nodeTaintsPolicy`, constraint.nodeTaintsPolicy, NODE_POLICIES),
      ...validateSpreadKeys(constraint, `${at}.matchLabelKeys`),
      ...validateLabelSelector(constraint.labelSelector, `${at}.labelSelector`),
    );
    return errors;
  });
