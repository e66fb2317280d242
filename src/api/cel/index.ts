import type { Program } from './compile.ts';
import { CelCompileError } from './issues.ts';
import { type CelType, nameOf, sameType } from './types.ts';
import type { CelTimes } from './values.ts';

let loaded: typeof import('./compile.ts') | undefined;
const programs = new Map<string, Program>();

/** Loads what expressions need; before it, `compileOnce` must not be called. */
export async function loadCel(): Promise<void> {
  loaded ??= await import('./compile.ts');
}

export const isCelLoaded = (): boolean => loaded !== undefined;

const ready = (): typeof import('./compile.ts') => {
  if (!loaded) throw new Error('expressions are not loaded: await loadCel() first');
  return loaded;
};

/** Makes values that only the library can make. */
export const celTimes = (): CelTimes => ready().times;

/**
 * The program of an expression whose result is one of `results` (of anything, unless given); throws CelCompileError.
 * Programs are kept: `variables` must be the same whenever `key` is.
 */
export function compileOnce(
  expression: string,
  key: string,
  variables: () => ReadonlyMap<string, CelType>,
  results: readonly CelType[] = [],
): Program {
  const { compile } = ready();
  const whole = `${key}\n${expression}`;
  let program = programs.get(whole);
  if (!program) {
    program = compile(expression, variables());
    programs.set(whole, program);
  }
  const { type } = program;
  if (results.length === 0 || results.some((result) => sameType(result, type))) return program;
  const names = results.map(nameOf);
  const wanted = names.length === 1 ? names[0] : `one of [${names.join(' ')}]`;
  throw new CelCompileError(`must evaluate to ${wanted} but got ${nameOf(type)}`);
}
