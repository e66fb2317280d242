import { regexError } from '../../../base/names.ts';
import { duplicate, type FieldError, invalid, notSupported, required, tooLong } from '../../machinery/field-errors.ts';
import { each } from './checks.ts';
import { validateLabelName } from './object-meta.ts';

/** metav1.Condition, as far as anything is asked of it. */
export interface Condition {
  type?: string;
  status?: string;
  observedGeneration?: number;
  lastTransitionTime?: unknown;
  reason?: string;
  message?: string;
}

export const CONDITION_STATUSES = ['False', 'True', 'Unknown'];
const MAX_REASON = 1024;
const MAX_MESSAGE = 32 * 1024;
const REASON = '[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?';
const REASON_WRONG =
  "a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric characters or '_,:', and must end with an alphanumeric character or '_'";
const EXAMPLES = ['my_name', 'MY_NAME', 'MyName', 'ReasonA,ReasonB', 'ReasonA:ReasonB'];

function validateReason(reason: string | undefined, at: string): FieldError[] {
  if (!reason) return [required(at, 'must be set')];
  return [
    ...(new RegExp(`^${REASON}$`).test(reason)
      ? []
      : [invalid(at, reason, regexError(REASON_WRONG, REASON, ...EXAMPLES))]),
    ...(reason.length > MAX_REASON ? [tooLong(at, '', MAX_REASON)] : []),
  ];
}

/** metav1's ValidateConditions */
export function validateConditions(conditions: Condition[] = [], path: string): FieldError[] {
  const types = conditions.map(({ type = '' }) => type);
  return each(conditions, path, ({ status = '', observedGeneration = 0, ...condition }, at, index) => [
    ...(types.indexOf(types[index]!) < index ? [duplicate(`${at}.type`, types[index])] : []),
    ...validateLabelName(types[index]!, `${at}.type`),
    ...(CONDITION_STATUSES.includes(status) ? [] : [notSupported(`${at}.status`, status, CONDITION_STATUSES)]),
    ...(observedGeneration < 0
      ? [invalid(`${at}.observedGeneration`, observedGeneration, 'must be greater than or equal to zero')]
      : []),
    ...(condition.lastTransitionTime ? [] : [required(`${at}.lastTransitionTime`, 'must be set')]),
    ...validateReason(condition.reason, `${at}.reason`),
    ...((condition.message ?? '').length > MAX_MESSAGE ? [tooLong(`${at}.message`, '', MAX_MESSAGE)] : []),
  ]);
}
