import { internalError } from '../../errors.ts';
import { type FieldError, invalid } from '../../machinery/field-errors.ts';

/** Takes what a client wished for: what the allocator refuses is the error of a field. */
export function attempt(take: () => unknown, path: string, value: unknown, words = ''): FieldError[] {
  try {
    take();
    return [];
  } catch (error) {
    return [invalid(path, value, words + (error as Error).message)];
  }
}

/** Takes what is free: that there is none is nobody's fault, and so an internal error. */
export function demand<T>(take: () => T, words: string): T {
  try {
    return take();
  } catch (error) {
    throw internalError(`${words}: ${(error as Error).message}`);
  }
}
