import type { ControllerRevision } from '../../../types/objects.ts';
import { type FieldError, required } from '../../machinery/field-errors.ts';
import { immutable, nonNegative } from '../shared/checks.ts';
import type { KindRules } from '../shared/strategy.ts';

function validateCreate({ data }: ControllerRevision): FieldError[] {
  if (data === undefined || data === null) return [required('data', 'data is mandatory')];
  const isObject = typeof data === 'object' && !Array.isArray(data);
  return isObject ? [] : [required('data', 'data must be a valid JSON object')];
}

export const strategy: KindRules<ControllerRevision> = {
  resource: 'controllerrevisions.apps',
  validate: ({ revision }) => nonNegative('revision', revision),
  validateCreate,
  validateUpdate: (revision, old) => immutable('data', revision.data, old.data),
};
