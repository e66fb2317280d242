import { isPercent, isPortName, isPortNumber } from '../../../base/names.ts';
import { type FieldError, invalid } from '../../machinery/field-errors.ts';
import { invalidEach, nonNegative } from './checks.ts';

export type IntOrString = number | string;

/** apps validation's ValidatePositiveIntOrPercent. */
export function validateIntOrPercent(value: IntOrString | undefined, path: string): FieldError[] {
  if (value === undefined) return [];
  return typeof value === 'string' ? invalidEach(path, value, isPercent(value)) : nonNegative(path, value);
}

const isPercentage = (value: IntOrString | undefined): value is string =>
  typeof value === 'string' && isPercent(value).length === 0;

export const validateNotOver100Percent = (value: IntOrString | undefined, path: string): FieldError[] =>
  isPercentage(value) && Number.parseInt(value, 10) > 100
    ? [invalid(path, value, 'must not be greater than 100%')]
    : [];

/** A plain number, or what stands before a percentage's sign. */
export const intOrPercentValue = (value: IntOrString | undefined): number =>
  typeof value === 'number' ? value : isPercentage(value) ? Number.parseInt(value, 10) : 0;

/** A port by number or name. */
export const validatePort = (port: IntOrString | undefined, path: string): FieldError[] =>
  typeof port === 'string'
    ? invalidEach(path, port, isPortName(port))
    : invalidEach(path, port ?? 0, isPortNumber(port ?? 0));
