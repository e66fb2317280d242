import { Quantity } from '../../base/quantity.ts';

/** Where a value is not as wanted: `spec.selector.app: it is shopp, not shop`; undefined when everything wanted is there. */
export function mismatch(wanted: unknown, actual: unknown, path = ''): string | undefined {
  if (wanted === null)
    return actual === undefined || actual === null ? undefined : `${at(path)} is there: ${show(actual)}`;
  if (Array.isArray(wanted)) {
    if (!Array.isArray(actual)) return `${at(path)} is ${show(actual)}, not a list`;
    const missing = wanted.find((item) => !actual.some((one) => mismatch(item, one) === undefined));
    return missing === undefined ? undefined : `${at(path)} has no item like ${show(missing)}`;
  }
  if (typeof wanted === 'object') {
    if (typeof actual !== 'object' || actual === null || Array.isArray(actual))
      return `${at(path)} is ${show(actual)}, not like ${show(wanted)}`;
    for (const [key, value] of Object.entries(wanted as Record<string, unknown>)) {
      const found = mismatch(value, (actual as Record<string, unknown>)[key], path ? `${path}.${key}` : key);
      if (found) return found;
    }
    return undefined;
  }
  return sameValue(wanted, actual) ? undefined : `${at(path)} is ${show(actual)}, not ${show(wanted)}`;
}

/** Whether two scalars mean the same: as text, or as quantities (`500m` and `0.5`). */
export function sameValue(wanted: unknown, actual: unknown): boolean {
  if (actual === undefined || actual === null || typeof actual === 'object') return false;
  if (String(wanted) === String(actual)) return true;
  const [a, b] = [quantity(wanted), quantity(actual)];
  return a !== undefined && b !== undefined && a.compare(b) === 0;
}

/** A number or the text of a quantity as such. */
export function quantity(value: unknown): Quantity | undefined {
  if (typeof value !== 'number' && typeof value !== 'string') return undefined;
  try {
    return Quantity.parse(value);
  } catch {
    return undefined;
  }
}

const at = (path: string): string => path || 'the object';

const LONG = 160;

/** A value as a sentence can hold it. */
export function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const line = text === '' ? 'empty' : text.replaceAll('\n', '⏎');
  return line.length > LONG ? `${line.slice(0, LONG)}…` : line;
}
