import type { Variable } from './state.ts';

/**
 * bash's arrays. An element is a variable of its own, named `NAME[KEY]`, so that children and functions inherit it as any other;
 * the variable of the array's own name only says that its keys are words (`declare -A`).
 */
type Variables = Record<string, Variable>;

export const elementName = (name: string, key: string): string => `${name}[${key}]`;

/** The keys of an array in bash's order: indexes by number, words as they came. */
export function keysOf(variables: Variables, name: string): string[] {
  const prefix = `${name}[`;
  const keys = Object.keys(variables)
    .filter((variable) => variable.startsWith(prefix))
    .map((variable) => variable.slice(prefix.length, -1));
  if (keys.length === 0) return variables[name] && !variables[name].words ? ['0'] : [];
  return variables[name]?.words ? keys : keys.sort((a, b) => Number(a) - Number(b));
}

/** Which element a subscript means: an index counts from the end when it is negative. `number` evaluates arithmetic. */
export function keyOf(variables: Variables, name: string, subscript: string, number: (text: string) => number): string {
  if (variables[name]?.words) return subscript;
  const index = number(subscript);
  return String(index < 0 ? Number(keysOf(variables, name).at(-1) ?? -1) + 1 + index : index);
}

/** Removes all elements, and a plain variable of that name. */
export function clearArray(variables: Variables, name: string): void {
  for (const key of keysOf(variables, name)) delete variables[elementName(name, key)];
  if (!variables[name]?.words) delete variables[name];
}

/** Makes `values` the elements of an indexed array. */
export function fillArray(variables: Variables, name: string, values: readonly string[]): void {
  clearArray(variables, name);
  values.forEach((value, index) => {
    variables[elementName(name, String(index))] = { value };
  });
}
