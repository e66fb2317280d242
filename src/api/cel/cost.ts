import { type Form, formOf, type Node } from './ast.ts';
import { macroOf } from './check.ts';
import type { CelType } from './types.ts';

/** How long a text, a list or a map may be. */
export interface Size {
  min: number;
  max: number;
}

/** The size of what a path leads to, from a variable on: `['self', 'items', '@items']`; undefined where nothing is known. */
export type SizeOf = (path: readonly string[]) => Size | undefined;

/** What the entries of a list or a map may be. */
interface Entry {
  value: Size;
}

interface Local {
  path: readonly string[];
  size?: Size;
}

interface Estimate {
  cost: number;
  result?: Size;
}

/** No estimate is higher: Go counts in 64 bits. */
const MOST = 2 ** 64;
const UNKNOWN: Size = { min: 0, max: MOST };
const TRAVERSAL = 0.1;
const REGEXP = 0.25;
const LIST = 10;
const MAP = 30;
/** What the regular expressions behind named formats are taken for. */
const FORMAT_REGEXP = 128 * REGEXP;

const capped = (cost: number): number => Math.min(cost, MOST);
const times = (size: Size, factor: number): number => capped(Math.ceil(size.max * factor));
const union = (a: Size, b: Size): Size => ({ min: Math.min(a.min, b.min), max: Math.max(a.max, b.max) });
const add = (a: Size, b: Size): Size => ({ min: a.min + b.min, max: capped(a.max + b.max) });

const SCALARS = new Set(['bool', 'double', 'duration', 'int', 'timestamp', 'uint']);
/** `string`, `list`, `timestamp` … */
const kindOf = ({ kind, name }: CelType): string => (kind === 'primitive' ? name : kind);
const isScalar = (type: CelType): boolean =>
  SCALARS.has(kindOf(type)) || (type.name === 'optional_type' && isScalar(type.parameters[0]!));
const isText = (type: CelType): boolean => kindOf(type) === 'string' || kindOf(type) === 'bytes';

/** Functions that stand in a space of their own: `sets.contains`. */
const SPACES = new Set(['sets', 'optional', 'strings', 'jsonpatch', 'ip', 'format', 'math', 'cel']);
const SETS: Record<string, number> = { contains: 1, intersects: 1, equivalent: 2 };
/** Functions that read their one argument, or what they are called on, from end to end. */
const READ = new Set([
  'cidr',
  'isIP',
  'isCIDR',
  'quantity',
  'isQuantity',
  'semver',
  'isSemver',
  'url',
  'jsonpatch.escapeKey',
]);
const READ_TARGET = new Set(['lowerAscii', 'upperAscii', 'substring', 'trim']);
const COMPARED = new Set(['isSorted', 'sum', 'max', 'min', 'indexOf', 'lastIndexOf']);
const ORDERING = new Set(['_<_', '_<=_', '_>_', '_>=_']);

/** What each turn of a macro costs besides its body, what it costs once, and whether it makes a list. */
const MACROS: Record<string, { once: number; turn: number; makes?: 'list' | 'map' }> = {
  all: { once: 1, turn: 3 },
  exists: { once: 1, turn: 4 },
  exists_one: { once: 2, turn: 2 },
  existsOne: { once: 2, turn: 2 },
  map: { once: LIST + 1, turn: LIST + 2, makes: 'list' },
  filter: { once: LIST + 1, turn: LIST + 3, makes: 'list' },
  transformList: { once: LIST + 1, turn: LIST + 2, makes: 'list' },
  transformMap: { once: MAP + 1, turn: 3, makes: 'map' },
  transformMapEntry: { once: MAP + 1, turn: 2, makes: 'map' },
};

/** The highest cost that an expression can come to, as cel-go estimates it (checker/cost.go), with Kubernetes' functions. */
export function estimateCost(root: Node, typeAt: (node: Node) => CelType, sizeOf: SizeOf): number {
  return new Estimator(typeAt, sizeOf).cost(root);
}

class Estimator {
  private readonly paths = new Map<Node, readonly string[]>();
  private readonly sizes = new Map<Node, Size>();
  private readonly entries = new Map<Node, Entry>();
  private readonly locals = new Map<string, Local[]>();

  constructor(
    private readonly typeAt: (node: Node) => CelType,
    private readonly sizeOf: SizeOf,
  ) {}

  cost(node: Node): number {
    const form = literalOf(formOf(node));
    switch (form.is) {
      case 'value':
        return 0;
      case 'name':
        this.paths.set(node, this.local(form.name)?.path ?? [form.name]);
        return 1;
      case 'field':
        return this.field(node, form);
      case 'list': {
        const sum = this.sum(form.items);
        this.entries.set(node, { value: form.items.map((one) => this.size(one)).reduce(union, { min: 0, max: 0 }) });
        return capped(sum + LIST);
      }
      case 'map': {
        const sum = this.sum(form.entries.flat());
        const values = form.entries.map(([, value]) => this.size(value));
        this.entries.set(node, { value: values.reduce(union, { min: 0, max: 0 }) });
        return capped(sum + MAP);
      }
      case 'call':
        return this.call(node, form);
    }
  }

  private sum(nodes: readonly Node[]): number {
    return nodes.reduce((all, one) => capped(all + this.cost(one)), 0);
  }

  private local(name: string): Local | undefined {
    return this.locals.get(name)?.at(-1);
  }

  private path(node: Node): readonly string[] {
    return this.paths.get(node) ?? [];
  }

  /** What is known of a value's size; undefined where it could be any. */
  private known(node: Node): Size | undefined {
    const computed = this.sizes.get(node);
    if (computed) return computed;
    const form = literalOf(formOf(node));
    const exact = sizeOfForm(form);
    if (exact !== undefined) return { min: exact, max: exact };
    const path = this.path(node);
    const found = path.length > 0 ? this.sizeOf(path) : undefined;
    if (found) return found;
    if (isScalar(this.typeAt(node))) return { min: 1, max: 1 };
    return form.is === 'name' ? this.local(form.name)?.size : undefined;
  }

  private size(node: Node): Size {
    return this.known(node) ?? UNKNOWN;
  }

  private field(node: Node, { of, name, optional }: Form & { is: 'field' }): number {
    const sum = this.cost(of);
    if (optional) return capped(sum + 1);
    this.paths.set(node, this.path(of).length > 0 ? [...this.path(of), name] : []);
    const { kind } = this.typeAt(of);
    return kind === 'map' || kind === 'struct' || kind === 'param' ? capped(sum + 1) : sum;
  }

  private call(node: Node, form: Form & { is: 'call' }): number {
    const macro = macroOf(form);
    if (macro === 'has') {
      const inner = formOf(form.args[0]!);
      return inner.is === 'field' ? this.cost(inner.of) : 0;
    }
    if (macro) return this.macro(node, form);
    const { receiver, args } = form;
    // The evaluator's own names for some functions are none of cel-go's.
    const plain = form.name.replace(/^k8s_/, '');
    const space = receiver && formOf(receiver);
    const spaced = space?.is === 'name' && SPACES.has(space.name) && !this.local(space.name);
    const name = spaced ? `${space.name}.${plain}` : plain;
    const target = spaced ? undefined : receiver;
    const before = target ? this.cost(target) : 0;
    const costs = args.map((arg) => this.cost(arg));
    const { cost, result } = this.function(node, name, target, args, costs);
    const size = result ?? this.indexed(node, name, args) ?? this.known(node);
    if (size) this.sizes.set(node, size);
    return capped(before + cost);
  }

  /** What an index leads to. */
  private indexed(node: Node, name: string, [of]: readonly Node[]): Size | undefined {
    if (name !== '_[_]' || !of) return undefined;
    const isList = this.typeAt(of).kind === 'list';
    if (this.path(of).length > 0) this.paths.set(node, [...this.path(of), isList ? '@items' : '@values']);
    return this.entries.get(of)?.value;
  }

  private function(
    node: Node,
    name: string,
    target: Node | undefined,
    args: readonly Node[],
    costs: readonly number[],
  ): Estimate {
    const given = costs.reduce((sum, one) => capped(sum + one), 0);
    const [, second, third] = args;
    if (name === '_&&_' || name === '_||_') return { cost: given };
    if (name === '_?_:_') {
      const entries = [this.entries.get(second!), this.entries.get(third!)];
      if (entries[0] && entries[1]) this.entries.set(node, { value: union(entries[0].value, entries[1].value) });
      return {
        cost: capped(costs[0]! + Math.max(costs[1]!, costs[2]!)),
        result: union(this.size(second!), this.size(third!)),
      };
    }
    const own = this.own(node, name, target, args);
    return { ...own, cost: capped(own.cost + given) };
  }

  /** What a function costs besides its arguments. */
  private own(node: Node, name: string, target: Node | undefined, args: readonly Node[]): Estimate {
    const [first, second] = args;
    const given = first ? this.size(first) : UNKNOWN;
    const on = target ? this.size(target) : UNKNOWN;
    const sets = /^sets\.(\w+)$/.exec(name)?.[1];
    if (sets && second) return { cost: capped(given.max * this.size(second).max * (SETS[sets] ?? 1) + 1) };
    if (COMPARED.has(name) && target) return { cost: this.comparisons(target, on) };
    if (READ.has(name)) return { cost: times(given, TRAVERSAL), ...(name === 'url' && { result: given }) };
    if (name === 'ip') return { cost: first ? times(given, TRAVERSAL) : 1 };
    if (name === 'ip.isCanonical') return { cost: times(given, 2 * TRAVERSAL) };
    if (READ_TARGET.has(name) && target) return { cost: times(on, TRAVERSAL), result: on };
    switch (name) {
      case 'replace':
        return { cost: times(on, 2 * TRAVERSAL), result: replaced(on, given, second ? this.size(second) : UNKNOWN) };
      case 'split': {
        const limit = second && formOf(second);
        const parts = limit?.is === 'value' ? Number(limit.value) : on.max;
        return { cost: times(on, 2 * TRAVERSAL), result: { min: 0, max: parts } };
      }
      case 'join': {
        const items = this.itemSize(target!);
        const separators = first ? capped(given.max * Math.max(on.max - 1, 0)) : 0;
        const result = { min: 0, max: capped(on.max * items.max + separators) };
        return { cost: times(result, TRAVERSAL), result };
      }
      case 'find':
      case 'findAll':
        return { cost: matching(on, given), result: { min: 0, max: on.max } };
      case 'validate':
        return { cost: capped(Math.ceil(times(given, TRAVERSAL) * FORMAT_REGEXP)) };
      case 'containsIP':
      case 'containsCIDR': {
        const parsed = isText(this.typeAt(first!)) ? times(given, TRAVERSAL) : 0;
        return { cost: (name === 'containsIP' ? 4 : 7) + parsed };
      }
      case 'format':
        return { cost: target ? times(on, TRAVERSAL) : 1 };
      case 'strings.quote':
        return { cost: times(given, TRAVERSAL), result: { min: given.min + 2, max: capped(given.max * 2 + 2) } };
      case 'startsWith':
      case 'endsWith':
        return { cost: times(given, TRAVERSAL) };
      case 'matches':
        return { cost: target ? matching(on, given) : 1 };
      case 'contains':
        return { cost: capped(times(on, TRAVERSAL) * times(given, TRAVERSAL)) };
      case 'dyn': {
        if (this.known(first!)) this.sizes.set(node, given);
        return { cost: 1 };
      }
      case 'bytes':
      case 'string': {
        const from = first && kindOf(this.typeAt(first));
        if (from !== (name === 'bytes' ? 'string' : 'bytes')) return { cost: 1 };
        return {
          cost: times(given, TRAVERSAL),
          result: { min: 0, max: capped(given.max * (name === 'bytes' ? 4 : 1)) },
        };
      }
      case '@in':
        return { cost: this.typeAt(second!).kind === 'map' ? 1 : capped(this.size(second!).max) };
      case '_+_':
        return this.sumOf(node, first!, second!);
      default:
        return { cost: this.comparison(name, args) };
    }
  }

  private sumOf(node: Node, left: Node, right: Node): Estimate {
    const kind = kindOf(this.typeAt(node));
    if (SCALARS.has(kind)) return { cost: 1 };
    const result = add(this.size(left), this.size(right));
    const entries = [this.entries.get(left), this.entries.get(right)];
    if (entries[0] && entries[1]) this.entries.set(node, { value: union(entries[0].value, entries[1].value) });
    return { cost: kind === 'list' ? 1 : Math.max(times(result, TRAVERSAL), kind === 'dyn' ? 1 : 0), result };
  }

  /** Comparing costs as much as the shorter side is long; anything else that is called costs 1. */
  private comparison(name: string, [left, right]: readonly Node[]): number {
    if (!left || !right) return 1;
    const type = this.typeAt(left);
    const equality = name === '_==_' || name === '_!=_';
    // Values that the API server made up itself are compared at once.
    if (name === '_==_' && (type.kind === 'opaque' || (type.kind === 'struct' && !type.fields))) return 1;
    const types = [type, this.typeAt(right)];
    const mayBeText = types.every((one) => isText(one) || one.kind === 'dyn');
    if (!equality && !(ORDERING.has(name) && mayBeText)) return 1;
    const cost = times({ min: 0, max: Math.min(this.size(left).max, this.size(right).max) }, TRAVERSAL);
    return equality || types.some(isText) ? cost : Math.max(cost, 1);
  }

  private itemSize(list: Node): Size {
    const path = this.path(list);
    const found = path.length > 0 ? this.sizeOf([...path, '@items']) : undefined;
    return found ?? UNKNOWN;
  }

  /** Looking at each item of a list, or through a text. */
  private comparisons(target: Node, on: Size): number {
    const [item] = this.typeAt(target).parameters;
    if (!item) return times(on, TRAVERSAL);
    const each = 1 + (isText(item) ? times(this.itemSize(target), TRAVERSAL) : 0);
    return capped(on.max * each);
  }

  private macro(node: Node, { name, receiver, args }: Form & { is: 'call' }): number {
    const range = receiver!;
    const before = this.cost(range);
    if (name === 'optMap' || name === 'optFlatMap') {
      const body = this.within([[args[0]!, { path: [] }]], () => this.cost(args[1]!));
      return capped(before * 2 + LIST + (name === 'optMap' ? 3 : 2) + body);
    }
    const { once, turn, makes } = MACROS[name]!;
    const two = name.startsWith('transform') || (!makes && args.length === 3);
    const names = args.slice(0, two ? 2 : 1);
    const bodies = args.slice(names.length);
    const [each, last] = this.within(this.iterated(range, names), () => {
      const sum = this.sum(bodies);
      return [sum, this.size(bodies.at(-1)!)] as const;
    });
    const count = this.size(range);
    if (makes) {
      this.sizes.set(node, count);
      const value = name === 'filter' ? (this.entries.get(range)?.value ?? this.itemSize(range)) : last;
      if (makes === 'list') this.entries.set(node, { value });
    } else this.sizes.set(node, { min: 1, max: 1 });
    return capped(before + once + capped(count.max * (turn + each)));
  }

  /** The variables of a macro: items of a list, keys (and values) of a map. */
  private iterated(range: Node, names: readonly Node[]): [Node, Local][] {
    const isList = this.entries.has(range) || this.typeAt(range).kind === 'list';
    const value = this.entries.get(range)?.value;
    const at = (part: string, size?: Size): Local => ({
      path: this.path(range).length > 0 ? [...this.path(range), part] : [],
      ...(size && { size }),
    });
    if (names.length === 1) return [[names[0]!, isList ? at('@items', value) : at('@keys')]];
    return [
      [names[0]!, at(isList ? '@indices' : '@keys')],
      [names[1]!, at(isList ? '@items' : '@values', value)],
    ];
  }

  private within<T>(names: readonly (readonly [Node, Local])[], action: () => T): T {
    for (const [name, local] of names) {
      const key = String(name.args);
      this.locals.set(key, [...(this.locals.get(key) ?? []), local]);
    }
    const result = action();
    for (const [name] of names) this.locals.get(String(name.args))!.pop();
    return result;
  }
}

/** A negative number is a literal of its own. */
function literalOf(form: Form): Form {
  const [negated] = form.is === 'call' && form.name === '-_' ? form.args : [];
  const inner = negated && formOf(negated);
  return inner?.is === 'value' ? inner : form;
}

function sizeOfForm(form: Form): number | undefined {
  if (form.is === 'list') return form.items.length;
  if (form.is === 'map') return form.entries.length;
  if (form.is !== 'value') return undefined;
  if (typeof form.value === 'string') return [...form.value].length;
  return form.value instanceof Uint8Array ? form.value.length : 1;
}

/** What a regular expression of that size costs on a text. */
const matching = (text: Size, regexp: Size): number =>
  capped(times(add(text, { min: 1, max: 1 }), TRAVERSAL) * times(regexp, REGEXP));

/** How long a text may become in which `from` is replaced by `to`. */
function replaced(text: Size, from: Size, to: Size): Size {
  if (from.min === 0) return { min: 0, max: capped((text.max + 1) * to.max + text.max) };
  if (to.max <= from.min) return { min: 0, max: text.max };
  return { min: 0, max: capped(Math.ceil(text.max / from.min) * to.max) };
}
