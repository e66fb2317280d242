import type { Environment } from '@marcbachmann/cel-js';
import { CelRuntimeError } from './issues.ts';

/** The parts of the library that a macro works with. */
interface Evaluator {
  run(node: MacroNode, context: Context): unknown;
}
interface TypeChecker {
  check(node: MacroNode, context: Context): unknown;
  getType(name: string): unknown;
}
interface Context {
  forkWithVariable(name: string, type: unknown): Context;
  reuse(parent: Context): Context;
  setIterValue(value: unknown, evaluator: Evaluator): Context;
}
/** A node of the library's tree, with what can be put in its place. */
export interface MacroNode {
  op: string;
  args: unknown;
  setMeta(key: string, value: unknown): MacroNode;
}
interface Call {
  args: MacroNode[];
  receiver: MacroNode;
}

type Body = (index: number, ...values: unknown[]) => unknown;
type Fold = (range: unknown, body: Body, bodies: number) => unknown;

/** Key and value of each: of a list, the indices. */
function entriesOf(range: unknown): [unknown, unknown][] {
  if (Array.isArray(range)) return range.map((item: unknown, index) => [BigInt(index), item]);
  if (range === null || typeof range !== 'object') throw new CelRuntimeError('no such overload');
  return Object.entries(range);
}

function truth(value: unknown): boolean {
  if (typeof value !== 'boolean') throw new CelRuntimeError('no such overload');
  return value;
}

/** Whether one decides; an error counts only if none does. */
function decided(range: unknown, body: Body, verdict: boolean): boolean {
  let failure: unknown;
  for (const entry of entriesOf(range)) {
    try {
      if (truth(body(0, ...entry)) === verdict) return true;
    } catch (error) {
      failure ??= error;
    }
  }
  if (failure) throw failure;
  return false;
}

const selected = (range: unknown, body: Body, bodies: number): [unknown, unknown][] =>
  entriesOf(range).filter((entry) => bodies === 1 || truth(body(0, ...entry)));

const one: Fold = (range, body) => entriesOf(range).filter((entry) => truth(body(0, ...entry))).length === 1;
const list: Fold = (range, body, bodies) => selected(range, body, bodies).map((entry) => body(bodies - 1, ...entry));
const map: Fold = (range, body, bodies) =>
  Object.fromEntries(selected(range, body, bodies).map((entry) => [String(entry[0]), body(bodies - 1, ...entry)]));
const merged: Fold = (range, body, bodies) =>
  Object.assign({}, ...selected(range, body, bodies).map((entry) => body(bodies - 1, ...entry)));

interface OptionalValue {
  hasValue(): boolean;
  value(): unknown;
}

/** Macros that the library lacks: how many variables, how many arguments in all. */
const COMPREHENSIONS: [name: string, variables: number, count: number, fold: Fold][] = [
  ['all', 2, 3, (range, body) => !decided(range, body, false)],
  ['exists', 2, 3, (range, body) => decided(range, body, true)],
  ['exists_one', 2, 3, one],
  ['existsOne', 2, 3, one],
  ['transformList', 2, 3, list],
  ['transformList', 2, 4, list],
  ['transformMap', 2, 3, map],
  ['transformMap', 2, 4, map],
  ['transformMapEntry', 2, 3, merged],
  ['transformMapEntry', 2, 4, merged],
];

function comprehension({ args, receiver }: Call, variables: number, fold: Fold) {
  const names = args.slice(0, variables).map(({ args: name }) => String(name));
  const bodies = args.slice(variables);
  let contexts: Context[] = [];
  return {
    async: false,
    typeCheck(checker: TypeChecker, _: unknown, context: Context) {
      const dyn = checker.getType('dyn');
      checker.check(receiver, context);
      contexts = [];
      for (const name of names) contexts.push((contexts.at(-1) ?? context).forkWithVariable(name, dyn));
      for (const body of bodies) checker.check(body, contexts.at(-1)!);
      return dyn;
    },
    evaluate(evaluator: Evaluator, _: unknown, context: Context) {
      const range = evaluator.run(receiver, context);
      const body: Body = (index, ...values) => {
        let inner = context;
        for (const [at, one] of contexts.entries()) inner = one.reuse(inner).setIterValue(values[at], evaluator);
        return evaluator.run(bodies[index]!, inner);
      };
      return fold(range, body, bodies.length);
    },
  };
}

/** Adds the macros that the library lacks. `optional.of` is the library's. */
export function registerMacros(runtime: Environment): void {
  const add = (signature: string, expand: (call: Call) => unknown) =>
    runtime.registerFunction(signature, expand as never, { async: false } as never);
  for (const [name, variables, count, fold] of COMPREHENSIONS)
    add(`dyn.${name}(${Array(count).fill('ast').join(', ')}): dyn`, (call) => comprehension(call, variables, fold));
  const of = runtime.parse('optional.of(value)');
  const withValue =
    (then: (value: unknown) => unknown): Fold =>
    (range, body) => {
      const value = range as OptionalValue;
      return value.hasValue() ? then(body(0, value.value())) : value;
    };
  add('dyn.optMap(ast, ast): dyn', (call) =>
    comprehension(
      call,
      1,
      withValue((value) => of({ value })),
    ),
  );
  add('dyn.optFlatMap(ast, ast): dyn', (call) =>
    comprehension(
      call,
      1,
      withValue((value) => value),
    ),
  );
}

/** `has(a.b)` of any `a`: the library knows names alone. */
export function presenceTest(node: MacroNode): void {
  const [, args] = node.args as [string, MacroNode[]];
  const [of, field] = args[0]!.args as [MacroNode, string];
  node
    .setMeta('alternate', undefined)
    .setMeta('async', false)
    .setMeta('macro', {
      typeCheck(checker: TypeChecker, _: unknown, context: Context) {
        checker.check(of, context);
        return checker.getType('bool');
      },
      evaluate(evaluator: Evaluator, _: unknown, context: Context) {
        const value = evaluator.run(of, context);
        if (isOptional(value)) return value.hasValue() && has(value.value(), field);
        return has(value, field);
      },
    });
}

const isOptional = (value: unknown): value is OptionalValue =>
  typeof value === 'object' && value !== null && 'hasValue' in value && typeof value.hasValue === 'function';

const has = (value: unknown, field: string): boolean =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, field);
