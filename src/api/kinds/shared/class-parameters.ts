import { isQualifiedName } from '../../../base/names.ts';
import { type FieldError, invalid, required, tooLong } from '../../machinery/field-errors.ts';
import { invalidEach } from './checks.ts';

const MAX_COUNT = 512;
const MAX_BYTES = 256 * 1024;

/** validateProvisioner: what serves a class of volumes. */
export const validateProvisioner = (name: string | undefined, path: string): FieldError[] =>
  name ? invalidEach(path, name.toLowerCase(), isQualifiedName(name.toLowerCase())) : [required(path)];

/** validateParameters of a class. */
export function validateParameters(parameters: Record<string, string> = {}, path: string): FieldError[] {
  const entries = Object.entries(parameters);
  if (entries.length > MAX_COUNT) return [tooLong(path, '', MAX_COUNT)];
  const bytes = entries.reduce((sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value), 0);
  return [
    ...(Object.hasOwn(parameters, '') ? [invalid(path, '', 'field can not be empty.')] : []),
    ...(bytes > MAX_BYTES ? [tooLong(path, '', MAX_BYTES)] : []),
  ];
}
