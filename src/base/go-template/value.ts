import { GoFloat } from '../go-float.ts';
import { typeName } from './sprintf.ts';

/**
 * What an expression gives. `data` undefined is reflect's invalid value (a missing key); `boxed` ones still stand in the
 * `interface {}` of the map or slice that holds them, which is the type that messages name.
 */
export interface Value {
  data: unknown;
  boxed?: boolean;
}

export const MISSING: Value = { data: undefined };

/** The type that messages name. */
export const typeOf = ({ data, boxed }: Value): string => (boxed ? 'interface {}' : typeName(data));

/** Out of its interface; null becomes nothing. */
export const unbox = ({ data, boxed }: Value): Value => ({ data: boxed && data === null ? undefined : data });

/** Whether `if` takes it for true. */
export function isTrue(data: unknown): boolean {
  if (data === null || data === undefined) return false;
  if (data instanceof GoFloat) return data.value !== 0;
  if (Array.isArray(data)) return data.length > 0;
  return typeof data === 'object' ? Object.keys(data).length > 0 : Boolean(data);
}
