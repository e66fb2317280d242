import { brief, compare, equal, isObject, JqError, type Json, type JsonObject, typeOf } from './values.ts';

function merged(a: JsonObject, b: JsonObject): JsonObject {
  const result: JsonObject = { ...a };
  for (const [key, value] of Object.entries(b)) {
    const old = result[key];
    result[key] = old !== undefined && isObject(old) && isObject(value) ? merged(old, value) : value;
  }
  return result;
}

const clash = (a: Json, b: Json, what: string): never => {
  throw new JqError(`${typeOf(a)} (${brief(a)}) and ${typeOf(b)} (${brief(b)}) cannot be ${what}`);
};

function divided(a: Json, b: Json): Json {
  if (typeof a === 'string' && typeof b === 'string') return a === '' ? [] : b === '' ? [...a] : a.split(b);
  if (typeof a !== 'number' || typeof b !== 'number') return clash(a, b, 'divided');
  return b === 0 ? clash(a, b, 'divided because the divisor is zero') : a / b;
}

function remainder(a: Json, b: Json): Json {
  if (typeof a !== 'number' || typeof b !== 'number') return clash(a, b, 'divided');
  const divisor = Math.trunc(b);
  return divisor === 0 ? clash(a, b, 'divided because the divisor is zero') : Math.trunc(a) % divisor;
}

function multiplied(a: Json, b: Json): Json {
  if (typeof a === 'number' && typeof b === 'number') return a * b;
  if (typeof a === 'string' && typeof b === 'number') return b > 0 ? a.repeat(Math.max(1, Math.ceil(b))) : null;
  if (typeof a === 'number' && typeof b === 'string') return multiplied(b, a);
  return isObject(a) && isObject(b) ? merged(a, b) : clash(a, b, 'multiplied');
}

function added(a: Json, b: Json): Json {
  if (a === null) return b;
  if (b === null) return a;
  if (typeof a === 'number' && typeof b === 'number') return a + b;
  if (typeof a === 'string' && typeof b === 'string') return a + b;
  if (Array.isArray(a) && Array.isArray(b)) return [...a, ...b];
  return isObject(a) && isObject(b) ? { ...a, ...b } : clash(a, b, 'added');
}

function subtracted(a: Json, b: Json): Json {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (Array.isArray(a) && Array.isArray(b)) return a.filter((item) => !b.some((other) => equal(item, other)));
  return clash(a, b, 'subtracted');
}

const OPERATORS: Record<string, (a: Json, b: Json) => Json> = {
  '+': added,
  '-': subtracted,
  '*': multiplied,
  '/': divided,
  '%': remainder,
  '==': equal,
  '!=': (a, b) => !equal(a, b),
  '<': (a, b) => compare(a, b) < 0,
  '<=': (a, b) => compare(a, b) <= 0,
  '>': (a, b) => compare(a, b) > 0,
  '>=': (a, b) => compare(a, b) >= 0,
};

/** `a OPERATOR b` of two values; throws JqError. */
export const arithmetic = (operator: string, a: Json, b: Json): Json => OPERATORS[operator]!(a, b);
