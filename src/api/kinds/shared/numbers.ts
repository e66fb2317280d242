import { goQuote } from '../../../base/go-quote.ts';
import { isPercent, isPortName, isPortNumber } from '../../../base/names.ts';
import { type FieldError, invalid } from '../../machinery/field-errors.ts';
import { GoSyntax } from '../../machinery/invalid.ts';
import { invalidEach, nonNegative } from './checks.ts';

export type IntOrString = number | string;

/** An intstr.IntOrString as `%#v` prints it. */
export const goIntOrString = (value: IntOrString = 0): GoSyntax =>
  new GoSyntax(
    typeof value === 'number'
      ? `intstr.IntOrString{Type:0, IntVal:${value}, StrVal:""}`
      : `intstr.IntOrString{Type:1, IntVal:0, StrVal:${goQuote(value)}}`,
  );

/** apps validation's ValidatePositiveIntOrPercent. */
export function validateIntOrPercent(value: IntOrString | undefined, path: string): FieldError[] {
  if (value === undefined) return [];
  return typeof value === 'string'
    ? invalidEach(path, goIntOrString(value), isPercent(value))
    : nonNegative(path, value);
}

const isPercentage = (value: IntOrString | undefined): value is string =>
  typeof value === 'string' && isPercent(value).length === 0;

export const validateNotOver100Percent = (value: IntOrString | undefined, path: string): FieldError[] =>
  isPercentage(value) && Number.parseInt(value, 10) > 100
    ? [invalid(path, goIntOrString(value), 'must not be greater than 100%')]
    : [];

/** A number, plain or as text, or what stands before a percentage's sign; 0 for any other text. */
export function intOrPercentValue(value: IntOrString | undefined): number {
  if (typeof value === 'number') return value;
  return isPercentage(value) || /^[-+]?[0-9]+$/.test(value ?? '') ? Number.parseInt(value!, 10) : 0;
}

/** A port by number or name. */
export const validatePort = (port: IntOrString | undefined, path: string): FieldError[] =>
  typeof port === 'string'
    ? invalidEach(path, port, isPortName(port))
    : invalidEach(path, port ?? 0, isPortNumber(port ?? 0));
