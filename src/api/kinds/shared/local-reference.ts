import { isPathSegmentName } from '../../../base/names.ts';
import { type FieldError, required } from '../../machinery/field-errors.ts';
import { invalidEach, subdomain1123 } from './checks.ts';

interface Reference {
  apiGroup?: string;
  kind?: string;
  name?: string;
}

/** validateIngressTypedLocalObjectReference: an object in the same namespace, of any kind. */
export const validateLocalReference = (reference: Reference, path: string): FieldError[] => [
  ...(reference.apiGroup === undefined ? [] : subdomain1123(`${path}.apiGroup`, reference.apiGroup)),
  ...(['kind', 'name'] as const).flatMap((field) => {
    const value = reference[field];
    const at = `${path}.${field}`;
    return value ? invalidEach(at, value, isPathSegmentName(value)) : [required(at, `${field} is required`)];
  }),
];
