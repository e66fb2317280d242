import { JsonPath, relaxedJsonPath } from '../../base/jsonpath/index.ts';
import { asError, CommandError } from '../errors.ts';
import type { FindValues } from './sort.ts';

function relaxed(field: string): string {
  try {
    return relaxedJsonPath(field);
  } catch {
    return field;
  }
}

/** What --sort-by names, as a JSONPath and as a function that finds its values. */
export function fieldFinder(field: string): { path: string; find: FindValues } {
  const path = relaxed(field);
  try {
    const parsed = new JsonPath(path, { allowMissingKeys: true });
    return { path, find: (object) => parsed.find(object)[0] ?? [] };
  } catch (error) {
    throw new CommandError(`sorting error: ${asError(error).message}`);
  }
}
