import { isConfigMapKey } from '../../../base/names.ts';
import type { ConfigMap } from '../../../types/objects.ts';
import { type FieldError, invalid, tooLong } from '../../machinery/field-errors.ts';
import { invalidEach, sortedEntries } from '../shared/checks.ts';
import { MAX_DATA_BYTES, validateImmutableData } from '../shared/immutable-data.ts';
import type { KindRules } from '../shared/strategy.ts';

function validate({ data, binaryData }: ConfigMap): FieldError[] {
  const errors = sortedEntries(data).flatMap(([key]) => [
    ...invalidEach(`data[${key}]`, key, isConfigMapKey(key)),
    ...(binaryData && Object.hasOwn(binaryData, key)
      ? [invalid(`data[${key}]`, key, 'duplicate of key present in binaryData')]
      : []),
  ]);
  errors.push(
    ...sortedEntries(binaryData).flatMap(([key]) => invalidEach(`binaryData[${key}]`, key, isConfigMapKey(key))),
  );
  const text = Object.values(data ?? {}).reduce((sum, value) => sum + Buffer.byteLength(value), 0);
  const bytes = Object.values(binaryData ?? {}).reduce(
    (sum, value) => sum + Buffer.byteLength(value || '', 'base64'),
    text,
  );
  return bytes > MAX_DATA_BYTES ? [...errors, tooLong('', '', MAX_DATA_BYTES)] : errors;
}

export const strategy: KindRules<ConfigMap> = {
  resource: 'configmaps',
  updateChecks: ['metadata', 'changes', 'object'],
  validate,
  validateUpdate: (configMap, old) => validateImmutableData(configMap, old, ['data', 'binaryData']),
};
