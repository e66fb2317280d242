import { goJson } from '../../../base/go-json.ts';
import type { ControllerRevision } from '../../../types/objects.ts';
import { type FieldError, required } from '../../machinery/field-errors.ts';
import { GoSyntax } from '../../machinery/invalid.ts';
import { immutable, nonNegative } from '../shared/checks.ts';
import type { KindRules } from '../shared/strategy.ts';

/** A runtime.RawExtension as `%#v` prints it, bytes and all. */
function goRaw(data: unknown): GoSyntax {
  const bytes = [...Buffer.from(goJson(data))].map((byte) => `0x${byte.toString(16)}`);
  const raw = data === undefined || data === null ? '(nil)' : `{${bytes.join(', ')}}`;
  return new GoSyntax(`runtime.RawExtension{Raw:[]uint8${raw}, Object:runtime.Object(nil)}`);
}

function validateCreate({ data }: ControllerRevision): FieldError[] {
  if (data === undefined || data === null) return [required('data', 'data is mandatory')];
  const isObject = typeof data === 'object' && !Array.isArray(data);
  return isObject ? [] : [required('data', 'data must be a valid JSON object')];
}

export const strategy: KindRules<ControllerRevision> = {
  resource: 'controllerrevisions.apps',
  updateChecks: ['metadata', 'object', 'changes'],
  validate: ({ revision }) => nonNegative('revision', revision),
  validateCreate,
  validateUpdate: (revision, old) => immutable('data', revision.data, old.data, goRaw(revision.data)),
};
