import { arithmetic } from './arithmetic.ts';
import type { Definition, Node, Pattern } from './ast.ts';
import { BUILTINS, DEFINED } from './builtins.ts';
import { formatted } from './formats.ts';
import { CompileError } from './parser.ts';
import { deletePath, getKey, getPath, itemsOf, type Path, setPath } from './paths.ts';
import { brief, compare, isObject, JqError, type Json, type JsonObject, truthy, typeOf } from './values.ts';

/** A value, and the path that led to it where paths are asked for. */
export interface Item {
  value: Json;
  path?: Path | undefined;
}

type Items = Generator<Item, void>;

/** A function's argument: a program in the scope where it was written. */
interface Closure {
  node: Node;
  scope: Scope;
}

type Callable = { definition: Definition; scope: () => Scope } | { closure: Closure };

/** Names that a program can use, innermost first. */
export interface Scope {
  variables: ReadonlyMap<string, Json>;
  functions: ReadonlyMap<string, Callable>;
  labels: ReadonlyMap<string, symbol>;
  world: World;
}

/** What a program sees beside its input. */
export interface World {
  environment: Record<string, string>;
  /** ms since the epoch. */
  now(): number;
  /** The next input; undefined after the last. */
  next(): Json | undefined;
  /** What is said beside the output. */
  say(text: string): void;
}

/** `break`. */
class Break extends Error {
  constructor(readonly label: symbol) {
    super('break');
  }
}

export const emptyScope = (world: World, variables: Record<string, Json> = {}): Scope => ({
  variables: new Map(Object.entries(variables)),
  functions: new Map(),
  labels: new Map(),
  world,
});

const withVariable = (scope: Scope, name: string, value: Json): Scope => ({
  ...scope,
  variables: new Map(scope.variables).set(name, value),
});

function withFunction(scope: Scope, definition: Definition): Scope {
  const own: Scope = {
    ...scope,
    functions: new Map(scope.functions).set(`${definition.name}/${definition.parameters.length}`, {
      definition,
      scope: () => own,
    }),
  };
  return own;
}

const untracked = (item: Item): Item => ({ value: item.value });

/** A step from an item to what is below it. */
function step({ value, path }: Item, key: Json): Item {
  const found = getKey(value, key);
  return path ? { value: found, path: [...path, key] } : { value: found };
}

function notAPath(item: Item): void {
  if (item.path) throw new JqError(`Invalid path expression with result ${brief(item.value, 30)}`);
}

/** The values alone of a program. */
export function* valuesOf(node: Node, scope: Scope, value: Json): Generator<Json, void> {
  for (const item of run(node, scope, { value })) yield item.value;
}

/** Runs a program on an item: every item that it gives, in order. */
export function* run(node: Node, scope: Scope, item: Item): Items {
  switch (node.kind) {
    case 'identity':
      yield item;
      return;
    case 'recurse':
      yield* below(item);
      return;
    case 'literal':
      yield* made(item, node.value as Json);
      return;
    case 'variable':
      yield* made(item, variable(scope, node.name));
      return;
    case 'format':
      yield* made(item, formatted(node.name, item.value));
      return;
    case 'string':
      for (const text of interpolated(node, scope, item.value, 0)) yield* made(item, text);
      return;
    case 'index':
      for (const target of run(node.target, scope, item))
        for (const key of valuesOf(node.key, scope, item.value)) yield step(target, key);
      return;
    case 'slice':
      for (const target of run(node.target, scope, item))
        for (const end of node.to ? valuesOf(node.to, scope, item.value) : [null])
          for (const start of node.from ? valuesOf(node.from, scope, item.value) : [null])
            yield step(target, { start, end });
      return;
    case 'iterate':
      for (const target of run(node.target, scope, item))
        for (const [key, value] of itemsOf(target.value))
          yield target.path ? { value, path: [...target.path, key] } : { value };
      return;
    case 'array':
      yield* made(item, node.body ? [...valuesOf(node.body, scope, item.value)] : []);
      return;
    case 'object':
      for (const object of objects(node.entries, scope, item.value, {})) yield* made(item, object);
      return;
    case 'negate':
      for (const value of valuesOf(node.body, scope, item.value)) {
        if (typeof value !== 'number') throw new JqError(`${typeOf(value)} (${brief(value)}) cannot be negated`);
        yield* made(item, -value);
      }
      return;
    case 'pipe':
      for (const left of run(node.left, scope, item)) yield* run(node.right, scope, left);
      return;
    case 'comma':
      yield* run(node.left, scope, item);
      yield* run(node.right, scope, item);
      return;
    case 'alternative':
      yield* alternative(node, scope, item);
      return;
    case 'and':
    case 'or':
      for (const left of valuesOf(node.left, scope, item.value))
        if (truthy(left) === (node.kind === 'or')) yield* made(item, node.kind === 'or');
        else for (const right of valuesOf(node.right, scope, item.value)) yield* made(item, truthy(right));
      return;
    case 'binary':
      for (const right of valuesOf(node.right, scope, item.value))
        for (const left of valuesOf(node.left, scope, item.value))
          yield* made(item, arithmetic(node.operator, left, right));
      return;
    case 'assign':
      for (const value of assigned(node, scope, item.value)) yield* made(item, value);
      return;
    case 'if':
      for (const condition of valuesOf(node.condition, scope, item.value))
        yield* run(truthy(condition) ? node.then : node.otherwise, scope, item);
      return;
    case 'try':
      yield* attempted(node, scope, item);
      return;
    case 'reduce':
      for (const initial of run(node.initial, scope, item)) yield* reduced(node, scope, item, initial);
      return;
    case 'foreach':
      for (const initial of run(node.initial, scope, item)) {
        let state = initial;
        for (const value of valuesOf(node.source, scope, item.value))
          for (const own of bound([node.pattern], value, scope, item.value))
            for (const next of run(node.update, own, state)) {
              state = next;
              yield* run(node.extract, own, next);
            }
      }
      return;
    case 'bind':
      for (const value of valuesOf(node.source, scope, item.value))
        for (const own of bound(node.patterns, value, scope, item.value)) yield* run(node.body, own, item);
      return;
    case 'label': {
      const label = Symbol(node.name);
      try {
        yield* run(node.body, { ...scope, labels: new Map(scope.labels).set(node.name, label) }, item);
      } catch (error) {
        if (!(error instanceof Break) || error.label !== label) throw error;
      }
      return;
    }
    case 'break':
      throw new Break(scope.labels.get(node.name)!);
    case 'define':
      yield* run(node.body, withFunction(scope, node.definition), item);
      return;
    case 'call':
      yield* called(node.name, node.args, scope, item);
      return;
    default:
  }
}

/** A value that was made, which no path leads to. */
function* made(item: Item, value: Json): Items {
  if (item.path && value !== null) notAPath({ ...item, value });
  yield item.path ? { value, path: [...item.path] } : { value };
}

function* below(item: Item): Items {
  yield item;
  if (typeof item.value !== 'object' || item.value === null) return;
  for (const [key, value] of itemsOf(item.value))
    yield* below(item.path ? { value, path: [...item.path, key] } : { value });
}

function variable(scope: Scope, name: string): Json {
  if (name === 'ENV') return scope.world.environment;
  const value = scope.variables.get(name);
  if (value === undefined) throw new CompileError(`$${name} is not defined`);
  return value;
}

function* interpolated(
  node: Extract<Node, { kind: 'string' }>,
  scope: Scope,
  value: Json,
  at: number,
): Generator<string, void> {
  const part = node.parts[at];
  if (part === undefined) {
    yield '';
    return;
  }
  for (const rest of interpolated(node, scope, value, at + 1)) {
    if (typeof part === 'string') yield part + rest;
    else for (const inner of valuesOf(part, scope, value)) yield formatted(node.format || 'text', inner) + rest;
  }
}

function* objects(entries: [Node, Node][], scope: Scope, value: Json, before: JsonObject): Generator<JsonObject, void> {
  const [entry, ...rest] = entries;
  if (!entry) {
    yield before;
    return;
  }
  for (const key of valuesOf(entry[0], scope, value)) {
    if (typeof key !== 'string') throw new JqError(`Object keys must be strings`);
    // A key alone stands for the field of that name.
    const source: Node =
      entry[1].kind === 'index' && entry[1].key === entry[0]
        ? { ...entry[1], key: { kind: 'literal', value: key } }
        : entry[1];
    for (const item of valuesOf(source, scope, value)) yield* objects(rest, scope, value, { ...before, [key]: item });
  }
}

function* alternative(node: { left: Node; right: Node }, scope: Scope, item: Item): Items {
  let any = false;
  try {
    for (const left of run(node.left, scope, item))
      if (truthy(left.value)) {
        any = true;
        yield left;
      }
  } catch (error) {
    if (!(error instanceof JqError)) throw error;
  }
  if (!any) yield* run(node.right, scope, item);
}

function* attempted(node: { body: Node; handler: Node | undefined }, scope: Scope, item: Item): Items {
  const items = run(node.body, scope, item);
  for (;;) {
    let next: IteratorResult<Item, void>;
    // What is done with an item afterwards is not this program's failure.
    try {
      next = items.next();
    } catch (error) {
      if (!(error instanceof JqError)) throw error;
      if (isObject(error.value) && error.value.__jq !== undefined) return;
      if (node.handler) yield* run(node.handler, scope, { value: error.value });
      return;
    }
    if (next.done) return;
    yield next.value;
  }
}

function* reduced(node: Extract<Node, { kind: 'reduce' }>, scope: Scope, item: Item, initial: Item): Items {
  let state: Item = initial;
  for (const value of valuesOf(node.source, scope, item.value))
    for (const own of bound([node.pattern], value, scope, item.value)) {
      let last: Item | undefined;
      for (const next of run(node.update, own, state)) last = next;
      state = last ?? { value: null };
    }
  yield state;
}

/** Scopes with a value taken apart; with several patterns, the first one that fits, and all names of the others null. */
function* bound(patterns: Pattern[], value: Json, scope: Scope, input: Json): Generator<Scope, void> {
  const [first, ...others] = patterns as [Pattern, ...Pattern[]];
  if (others.length === 0) {
    yield* matched(first, value, scope, input);
    return;
  }
  const names = patterns.flatMap(namesIn);
  const blank = names.reduce((own, name) => withVariable(own, name, null), scope);
  try {
    yield* matched(first, value, blank, input);
  } catch (error) {
    if (!(error instanceof JqError)) throw error;
    yield* bound(others, value, blank, input);
  }
}

function namesIn(pattern: Pattern): string[] {
  if ('entries' in pattern)
    return pattern.entries.flatMap(({ variable: own, pattern: inner }) => [
      ...(own ? [own] : []),
      ...(inner ? namesIn(inner) : []),
    ]);
  return 'items' in pattern ? pattern.items.flatMap(namesIn) : [pattern.variable];
}

function* matched(pattern: Pattern, value: Json, scope: Scope, input: Json): Generator<Scope, void> {
  if ('variable' in pattern) {
    yield withVariable(scope, pattern.variable, value);
    return;
  }
  if ('items' in pattern) {
    if (value !== null && !Array.isArray(value)) throw new JqError(`Cannot index ${typeOf(value)} with number`);
    yield* each(pattern.items, scope, (inner, own, i) => matched(inner, value?.[i] ?? null, own, input));
    return;
  }
  yield* each(pattern.entries, scope, function* (entry, own) {
    for (const key of valuesOf(entry.key, own, input)) {
      const found = getKey(value, key);
      const named = entry.variable ? withVariable(own, entry.variable, found) : own;
      if (entry.pattern) yield* matched(entry.pattern, found, named, input);
      else yield named;
    }
  });
}

function* each<T>(
  list: T[],
  scope: Scope,
  work: (item: T, scope: Scope, index: number) => Generator<Scope, void>,
  at = 0,
): Generator<Scope, void> {
  if (at === list.length) yield scope;
  else for (const own of work(list[at]!, scope, at)) yield* each(list, own, work, at + 1);
}

/** The paths that a program leads to from a value. */
export function* pathsOf(node: Node, scope: Scope, value: Json): Generator<Path, void> {
  for (const { path } of run(node, scope, { value, path: [] })) yield path ?? [];
}

function* assigned(node: Extract<Node, { kind: 'assign' }>, scope: Scope, value: Json): Generator<Json, void> {
  const { operator, left, right } = node;
  if (operator === '|=') {
    let result = value;
    const gone: Path[] = [];
    for (const path of [...pathsOf(left, scope, value)]) {
      const first = valuesOf(right, scope, getPath(result, path)).next();
      if (first.done) gone.push(path);
      else result = setPath(result, path, first.value);
    }
    yield deletePaths(result, gone);
    return;
  }
  for (const item of valuesOf(right, scope, value)) {
    let result = value;
    for (const path of [...pathsOf(left, scope, value)]) {
      const old = getPath(result, path);
      if (operator === '=') result = setPath(result, path, item);
      else if (operator === '//=') result = setPath(result, path, truthy(old) ? old : item);
      else result = setPath(result, path, arithmetic(operator[0]!, old, item));
    }
    yield result;
  }
}

/** Without all that these paths lead to: the last first, so that none leads elsewhere by then. */
export const deletePaths = (value: Json, paths: Path[]): Json =>
  [...paths].sort((a, b) => compare(b, a)).reduce<Json>(deletePath, value);

function* called(name: string, args: Node[], scope: Scope, item: Item): Items {
  const key = `${name}/${args.length}`;
  const own = scope.functions.get(key);
  if (own) {
    if ('closure' in own) yield* run(own.closure.node, own.closure.scope, item);
    else yield* applied(own.definition, args, own.scope(), scope, item);
    return;
  }
  if (BUILTINS[key]) {
    const arg = (at: number) => ({
      values: (value: Json) => valuesOf(args[at]!, scope, value),
      items: (one: Item) => run(args[at]!, scope, one),
      paths: (value: Json) => pathsOf(args[at]!, scope, value),
    });
    for (const result of BUILTINS[key]!(
      item,
      args.map((_, at) => arg(at)),
      scope.world,
    )) {
      if (item.path && !result.path) notAPath({ ...item, value: result.value });
      yield item.path ? result : untracked(result);
    }
    return;
  }
  const definition = DEFINED()[key];
  if (!definition) throw new CompileError(`${key} is not defined`);
  yield* applied(definition, args, emptyScope(scope.world), scope, item);
}

function* applied(definition: Definition, args: Node[], home: Scope, scope: Scope, item: Item): Items {
  const functions = new Map(home.functions);
  const values: [string, Node][] = [];
  for (const [i, parameter] of definition.parameters.entries()) {
    const plain = parameter.replace(/^\$/, '');
    functions.set(`${plain}/0`, { closure: { node: args[i]!, scope } });
    if (parameter !== plain) values.push([plain, args[i]!]);
  }
  yield* withValues(values, { ...home, functions }, scope, item, definition.body);
}

/** Runs a body for each combination of the values of its `$parameters`. */
function* withValues(values: [string, Node][], own: Scope, scope: Scope, item: Item, body: Node): Items {
  const [first, ...rest] = values;
  if (!first) {
    yield* run(body, own, item);
    return;
  }
  for (const value of valuesOf(first[1], scope, item.value))
    yield* withValues(rest, withVariable(own, first[0], value), scope, item, body);
}
