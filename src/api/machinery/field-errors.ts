/** k8s.io/apimachinery/pkg/util/validation/field: one thing that is wrong with an object, and where. */
export interface FieldError {
  type: FieldErrorType;
  /** `spec.containers[0].image` */
  field: string;
  /** The value, as it stands in the object; rendered as Go renders it. */
  value?: unknown;
  detail: string;
}

/** The `reason` of a cause in the Status; the words in front of the message follow from it. */
export type FieldErrorType =
  | 'FieldValueNotFound'
  | 'FieldValueRequired'
  | 'FieldValueDuplicate'
  | 'FieldValueInvalid'
  | 'FieldValueNotSupported'
  | 'FieldValueForbidden'
  | 'FieldValueTooLong'
  | 'FieldValueTooMany'
  | 'InternalError'
  | 'FieldValueTypeInvalid';

/** A value that the message leaves out (field.OmitValueType): `Invalid value: must be …`. */
export const OMITTED = Symbol('omitted');

export const required = (field: string, detail = ''): FieldError => ({ type: 'FieldValueRequired', field, detail });
export const invalid = (field: string, value: unknown, detail: string): FieldError => ({
  type: 'FieldValueInvalid',
  field,
  value,
  detail,
});
export const forbidden = (field: string, detail: string): FieldError => ({
  type: 'FieldValueForbidden',
  field,
  detail,
});
export const duplicate = (field: string, value: unknown): FieldError => ({
  type: 'FieldValueDuplicate',
  field,
  value,
  detail: '',
});
export const notFound = (field: string, value: unknown): FieldError => ({
  type: 'FieldValueNotFound',
  field,
  value,
  detail: '',
});
export const tooMany = (field: string, value: unknown, max: number): FieldError => ({
  type: 'FieldValueTooMany',
  field,
  value,
  detail: `must have at most ${max} items`,
});
export const tooLong = (field: string, value: unknown, max: number): FieldError => ({
  type: 'FieldValueTooLong',
  field,
  value,
  detail: `may not be more than ${max} bytes`,
});
/** Values are listed in the order given: sort them where the real one keeps them in a set. */
export const notSupported = (field: string, value: unknown, supported: readonly string[]): FieldError => ({
  type: 'FieldValueNotSupported',
  field,
  value,
  detail: `supported values: ${supported.map((v) => JSON.stringify(v)).join(', ')}`,
});
