import { goQuote, goSyntax } from '../../base/go-quote.ts';
import { detailsOf } from '../errors.ts';
import { ApiError } from '../request.ts';
import { type FieldError, OMITTED } from './field-errors.ts';

/** The words in front of a message, by type (field.ErrorType.String). */
const WORDS: Record<FieldError['type'], string> = {
  FieldValueNotFound: 'Not found',
  FieldValueRequired: 'Required value',
  FieldValueDuplicate: 'Duplicate value',
  FieldValueInvalid: 'Invalid value',
  FieldValueNotSupported: 'Unsupported value',
  FieldValueForbidden: 'Forbidden',
  FieldValueTooLong: 'Too long',
  FieldValueTooMany: 'Too many',
  InternalError: 'Internal error',
  FieldValueTypeInvalid: 'Invalid value',
};

const WITHOUT_VALUE = new Set(['FieldValueRequired', 'FieldValueForbidden', 'FieldValueTooLong', 'InternalError']);

/** A value that prints as Go would print it: `v1.LabelSelector{…}`. */
export class GoSyntax {
  constructor(readonly text: string) {}
}

function printValue(value: unknown): string {
  if (value instanceof GoSyntax) return value.text;
  if (value === null || value === undefined) return '"null"';
  if (typeof value === 'string') return goQuote(value);
  if (typeof value !== 'object') return String(value);
  // Values come out of typed structs, whose maps and lists of strings print as such.
  const strings = Object.values(value).every((item) => typeof item === 'string');
  const syntax = goSyntax(value);
  return strings
    ? syntax.replace(/^map\[string\]interface \{\}/, 'map[string]string').replace(/^\[\]interface \{\}/, '[]string')
    : syntax;
}

/** field.Error.ErrorBody: `Invalid value: "x": must be …`. */
export function errorBody(error: FieldError): string {
  const words = WORDS[error.type];
  const body =
    WITHOUT_VALUE.has(error.type) || error.value === OMITTED
      ? words
      : error.type === 'FieldValueTooMany' && typeof error.value === 'number'
        ? `${words}: ${error.value}`
        : `${words}: ${printValue(error.value)}`;
  return error.detail ? `${body}: ${error.detail}` : body;
}

/** `spec.replicas: Invalid value: -1: must be …` */
export const errorText = (error: FieldError): string => `${error.field}: ${errorBody(error)}`;

/** utilerrors.NewAggregate(…).Error(): the one message, or all different ones in brackets. */
export function aggregate(messages: readonly string[]): string {
  const different = [...new Set(messages)];
  return different.length === 1 ? different[0]! : `[${different.join(', ')}]`;
}

/** The Invalid status of an object: all its errors in the message, and each as a cause. */
export function invalidObject(group: string, kind: string, name: string, errors: readonly FieldError[]): ApiError {
  const title = group === '' ? kind : `${kind}.${group}`;
  const message = `${title} ${JSON.stringify(name)} is invalid: ${aggregate(errors.map(errorText))}`;
  const causes = errors.map((error) => ({ reason: error.type, message: errorBody(error), field: error.field }));
  return new ApiError(422, 'Invalid', message, detailsOf({ group, plural: kind }, name, { causes }));
}

/** A list of strings as %#v prints it. */
export const goStrings = (texts: readonly string[] | undefined): GoSyntax =>
  new GoSyntax(texts ? `[]string{${texts.map(goQuote).join(', ')}}` : '[]string(nil)');
