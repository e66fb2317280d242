import { isLabelValue } from '../../../base/names.ts';
import type { LabelSelector } from '../../../types/objects.ts';
import { type FieldError, forbidden, invalid, required } from '../../machinery/field-errors.ts';
import { each, invalidEach } from './checks.ts';
import { validateLabelName, validateLabels } from './object-meta.ts';

type Requirement = NonNullable<LabelSelector['matchExpressions']>[number];

/** What In, NotIn, Exists and DoesNotExist say of their values, in label and node selectors alike. */
export function validateOperator(
  { operator, values = [] }: Pick<Requirement, 'operator' | 'values'>,
  path: string,
): FieldError[] {
  switch (operator) {
    case 'In':
    case 'NotIn':
      return values.length > 0
        ? []
        : [required(`${path}.values`, "must be specified when `operator` is 'In' or 'NotIn'")];
    case 'Exists':
    case 'DoesNotExist':
      return values.length === 0
        ? []
        : [forbidden(`${path}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")];
    default:
      return [invalid(`${path}.operator`, operator ?? '', 'not a valid selector operator')];
  }
}

export const validateLabelValues = (values: string[] | undefined, path: string): FieldError[] =>
  each(values, path, (value, at) => invalidEach(at, value, isLabelValue(value)));

/** metav1validation.ValidateLabelSelector */
export function validateLabelSelector(selector: LabelSelector | undefined, path: string): FieldError[] {
  if (!selector) return [];
  return [
    ...validateLabels(selector.matchLabels, `${path}.matchLabels`),
    ...each(selector.matchExpressions, `${path}.matchExpressions`, (requirement, at) => [
      ...validateOperator(requirement, at),
      ...validateLabelName(requirement.key ?? '', `${at}.key`),
      ...validateLabelValues(requirement.values, `${at}.values`),
    ]),
  ];
}

/** Whether a selector has neither labels nor expressions. */
export const isEmptySelector = (selector: LabelSelector | undefined): boolean =>
  Object.keys(selector?.matchLabels ?? {}).length + (selector?.matchExpressions ?? []).length === 0;

/** Whether `selector` selects an object with these labels. */
export function selects(selector: LabelSelector, labels: Record<string, string> = {}): boolean {
  const hasAll = Object.entries(selector.matchLabels ?? {}).every(([key, value]) => labels[key] === value);
  const fits = ({ key, operator, values = [] }: Requirement) => {
    const has = Object.hasOwn(labels, key);
    if (operator === 'In') return has && values.includes(labels[key]!);
    if (operator === 'NotIn') return !has || !values.includes(labels[key]!);
    return operator === 'Exists' ? has : operator === 'DoesNotExist' && !has;
  };
  return hasAll && (selector.matchExpressions ?? []).every(fits);
}
