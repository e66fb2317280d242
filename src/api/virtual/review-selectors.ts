import { each } from '../kinds/shared/checks.ts';
import { validateLabelValues, validateOperator } from '../kinds/shared/label-selector.ts';
import { validateLabelName } from '../kinds/shared/object-meta.ts';
import { type FieldError, invalid, required } from '../machinery/field-errors.ts';
import { type FieldTerm, parseFieldSelector, parseLabelSelector } from '../machinery/selectors.ts';

interface Requirement {
  key?: string;
  operator?: string;
  values?: string[];
}

/** authorization.k8s.io's FieldSelectorAttributes and LabelSelectorAttributes. */
export interface SelectorAttributes {
  rawSelector?: string;
  requirements?: Requirement[];
}

export interface Selectors {
  fieldSelector?: SelectorAttributes;
  labelSelector?: SelectorAttributes;
}

const OPERATORS = ['In', 'NotIn', 'Exists', 'DoesNotExist'];

/** Operators of newer clients are nothing wrong. */
const operatorProblems = ({ operator = '', values = [] }: Requirement, path: string): FieldError[] =>
  OPERATORS.includes(operator) ? validateOperator({ operator, values }, path) : [];

const fieldProblems = (requirement: Requirement, path: string): FieldError[] => [
  ...(requirement.key ? [] : [required(`${path}.key`, 'must be specified')]),
  ...operatorProblems(requirement, path),
];

const labelProblems = (requirement: Requirement, path: string): FieldError[] => [
  ...operatorProblems(requirement, path),
  ...validateLabelName(requirement.key ?? '', `${path}.key`),
  ...validateLabelValues(requirement.values, `${path}.values`),
];

function problemsOf(
  selector: SelectorAttributes | undefined,
  path: string,
  judge: (requirement: Requirement, path: string) => FieldError[],
): FieldError[] {
  if (!selector) return [];
  const { rawSelector = '', requirements = [] } = selector;
  const errors: FieldError[] = [];
  if (rawSelector !== '' && requirements.length > 0)
    errors.push(invalid(`${path}.rawSelector`, rawSelector, 'may not specified at the same time as requirements'));
  if (rawSelector === '' && requirements.length === 0)
    errors.push(required(`${path}.requirements`, `when ${path} is specified, requirements or rawSelector is required`));
  return [...errors, ...each(requirements, `${path}.requirements`, judge)];
}

/** validateResourceAttributes */
export const selectorProblems = ({ fieldSelector, labelSelector }: Selectors, path: string): FieldError[] => [
  ...problemsOf(fieldSelector, `${path}.fieldSelector`, fieldProblems),
  ...problemsOf(labelSelector, `${path}.labelSelector`, labelProblems),
];

/** The term that a requirement of fields is; undefined for what no selector can say yet. */
function termOf({ key = '', operator, values = [] }: Requirement): FieldTerm | undefined {
  if (values.length !== 1 || (operator !== 'In' && operator !== 'NotIn')) return undefined;
  return { field: key, operator: operator === 'In' ? '=' : '!=', value: values[0]! };
}

const labelOf = ({ operator = '' }: Requirement): boolean | undefined => OPERATORS.includes(operator) || undefined;

/** What could be understood of a selector, and whether that was all. */
function understood<T>(
  { rawSelector, requirements = [] }: SelectorAttributes,
  parse: (text: string) => T[],
  read: (requirement: Requirement) => T | undefined,
): { terms: T[]; whole: boolean } {
  if (requirements.length > 0) {
    const terms = requirements.map(read).filter((term) => term !== undefined);
    return { terms, whole: terms.length === requirements.length };
  }
  try {
    return { terms: parse(rawSelector ?? ''), whole: true };
  } catch {
    return { terms: [], whole: false };
  }
}

/** The fields that a review selects by, and what is said of selectors that were not understood (BuildEvaluationError). */
export function readSelectors({ fieldSelector = {}, labelSelector = {} }: Selectors): {
  fields: FieldTerm[];
  evaluationError: string;
} {
  const fields = understood(fieldSelector, parseFieldSelector, termOf);
  const labels = understood<unknown>(labelSelector, parseLabelSelector, labelOf);
  const ignored = Object.entries({ fieldSelector: fields, labelSelector: labels })
    .filter(([, { whole }]) => !whole)
    .map(
      ([name, { terms }]) =>
        `spec.resourceAttributes.${name} ${terms.length > 0 ? 'partially ' : ''}ignored due to parse error`,
    );
  return { fields: fields.terms, evaluationError: ignored.join('; ') };
}
