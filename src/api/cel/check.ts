import { type Form, formOf, type Node, type Positions } from './ast.ts';
import type { Declarations, Overload } from './declarations.ts';
import type { Issue } from './issues.ts';
import {
  assignAll,
  BOOL,
  BYTES,
  type CelType,
  DOUBLE,
  DYN,
  ERROR,
  INT,
  listOf,
  type Mapping,
  mapOf,
  mostGeneral,
  NULL,
  optionalOf,
  paramOf,
  STRING,
  showType,
  substitute,
  UINT,
} from './types.ts';

/** What an expression may refer to. */
export interface Scope {
  variables: ReadonlyMap<string, CelType>;
  functions: Declarations;
}

/** The macros that go over a list or map: `variables` of them come first. */
const QUANTIFIERS = new Set(['all/2', 'exists/2', 'exists_one/2', 'all/3', 'exists/3', 'exists_one/3', 'existsOne/3']);
const MACROS = new Set([
  ...QUANTIFIERS,
  'map/2',
  'map/3',
  'filter/2',
  'optMap/2',
  'optFlatMap/2',
  'transformList/3',
  'transformList/4',
  'transformMap/3',
  'transformMap/4',
  'transformMapEntry/3',
  'transformMapEntry/4',
]); // prettier-ignore

/** How many of a macro's arguments name what it goes through. */
const namesOf = (name: string, count: number): number =>
  name.startsWith('transform') || (QUANTIFIERS.has(`${name}/${count}`) && count === 3) ? 2 : 1;

/** `a.b.c` of names and fields alone. */
function qualified(node: Node): string | undefined {
  const form = formOf(node);
  if (form.is === 'name') return form.name;
  if (form.is !== 'field' || form.optional) return undefined;
  const before = qualified(form.of);
  return before && `${before}.${form.name}`;
}

/** Whether a call is a macro, and of what kind. */
export function macroOf(form: Form): 'has' | 'comprehension' | undefined {
  if (form.is !== 'call') return undefined;
  if (!form.receiver) return form.name === 'has' && form.args.length === 1 ? 'has' : undefined;
  return MACROS.has(`${form.name}/${form.args.length}`) ? 'comprehension' : undefined;
}

const NO_NAME: Record<string, string> = {
  map: 'argument is not an identifier',
  filter: 'argument is not an identifier',
  optMap: 'optMap() variable name must be a simple identifier',
  optFlatMap: 'optFlatMap() variable name must be a simple identifier',
};

/** What cel-go's parser says of macros before anything is checked. */
export function checkMacros(node: Node, at: Positions, issues: Issue[]): void {
  const form = formOf(node);
  const macro = macroOf(form);
  if (form.is === 'call') {
    if (macro === 'has') {
      const inner = formOf(form.args[0]!);
      if (inner.is !== 'field' || inner.optional)
        issues.push({ offset: at.of(form.args[0]!), message: 'invalid argument to has() macro' });
    } else if (macro) {
      for (const variable of form.args.slice(0, namesOf(form.name, form.args.length)))
        if (formOf(variable).is !== 'name')
          issues.push({ offset: at.of(variable), message: NO_NAME[form.name] ?? 'argument must be a simple name' });
    }
  }
  for (const child of childrenOf(form)) checkMacros(child, at, issues);
}

export function childrenOf(form: Form): Node[] {
  if (form.is === 'field') return [form.of];
  if (form.is === 'list') return form.items;
  if (form.is === 'map') return form.entries.flat();
  if (form.is === 'call') return [...(form.receiver ? [form.receiver] : []), ...form.args];
  return [];
}

function typeOfValue(value: unknown): CelType {
  if (value === null) return NULL;
  if (typeof value === 'bigint') return INT;
  if (typeof value === 'number') return DOUBLE;
  if (typeof value === 'string') return STRING;
  if (typeof value === 'boolean') return BOOL;
  return value instanceof Uint8Array ? BYTES : UINT;
}

/** cel-go's type checker: the type of an expression, and in `issues` all that is wrong with it. */
export class Checker {
  private mapping: Mapping = new Map();
  private free = 0;
  private locals: Map<string, CelType>[] = [];
  private readonly types = new Map<Node, CelType>();
  /** The variables of the scope that were read. */
  readonly names = new Set<string>();

  constructor(
    private readonly scope: Scope,
    private readonly at: Positions,
    private readonly issues: Issue[],
  ) {}

  check(node: Node): CelType {
    return substitute(this.mapping, this.typeOf(node), 'dyn');
  }

  private report(node: Node, message: string): CelType {
    this.issues.push({ offset: this.at.of(node), message });
    return ERROR;
  }

  private undeclared(node: Node, name: string): CelType {
    const shown = this.at.isRooted(node) ? `.${name}` : name;
    return this.report(node, `undeclared reference to '${shown}' (in container '')`);
  }

  private lookup(name: string): CelType | undefined {
    for (const names of this.locals.toReversed()) {
      const local = names.get(name);
      if (local) return local;
    }
    const type = this.scope.variables.get(name);
    if (type) this.names.add(name);
    return type;
  }

  private newParam(): CelType {
    this.free += 1;
    return paramOf(`_var${this.free - 1}`);
  }

  private resolved(type: CelType): CelType {
    return substitute(this.mapping, type);
  }

  private assignable(from: CelType[], to: CelType[]): boolean {
    const mapping = assignAll(this.mapping, from, to);
    if (mapping) this.mapping = mapping;
    return mapping !== undefined;
  }

  /** The type of a node that has been checked. */
  readonly typeAt = (node: Node): CelType => substitute(this.mapping, this.types.get(node) ?? DYN, 'dyn');

  private typeOf(node: Node): CelType {
    const type = this.infer(node);
    this.types.set(node, type);
    return type;
  }

  private infer(node: Node): CelType {
    const form = formOf(node);
    switch (form.is) {
      case 'value':
        return typeOfValue(form.value);
      case 'name':
        return this.lookup(form.name) ?? this.undeclared(node, form.name);
      case 'field': {
        const name = qualified(node);
        const whole = name && this.lookup(name);
        return whole || this.resolved(this.field(node, form.of, form.name, form.optional));
      }
      case 'list':
        return listOf(this.joined(form.items, this.newParam()));
      case 'map': {
        const key = this.joined(
          form.entries.map(([one]) => one),
          undefined,
        );
        const value = this.joined(
          form.entries.map(([, one]) => one),
          undefined,
        );
        return mapOf(key ?? this.newParam(), value ?? this.newParam());
      }
      case 'call':
        return this.call(node, form);
    }
  }

  private field(node: Node, of: Node, name: string, optional: boolean): CelType {
    const whole = this.resolved(this.typeOf(of));
    const wrapped = whole.name === 'optional_type';
    const type = wrapped ? whole.parameters[0]! : whole;
    const found = this.fieldOf(node, type, name);
    return wrapped || optional ? optionalOf(found) : found;
  }

  private fieldOf(node: Node, type: CelType, name: string): CelType {
    if (type.kind === 'map') return type.parameters[1]!;
    if (type.kind === 'struct') {
      if (!type.fields) return this.report(node, `unexpected failed resolution of '${type.name}'`);
      return (Object.hasOwn(type.fields, name) && type.fields[name]) || this.report(node, `undefined field '${name}'`);
    }
    if (type.kind === 'param') this.assignable([DYN], [type]);
    else if (type.kind !== 'dyn' && type.kind !== 'error')
      this.report(node, `type '${showType(type)}' does not support field selection`);
    return DYN;
  }

  /** The type that all have in common: of literals, it must be one. */
  private joined(nodes: Node[], none: CelType): CelType;
  private joined(nodes: Node[], none: undefined): CelType | undefined;
  private joined(nodes: Node[], none: CelType | undefined): CelType | undefined {
    let common: CelType | undefined;
    for (const node of nodes) {
      const type = this.typeOf(node);
      if (!common) common = type;
      else if (this.assignable([common], [type])) common = mostGeneral(common, type);
      else common = DYN;
    }
    return common ?? none;
  }

  private mismatch(node: Node, expected: CelType, found: CelType): CelType {
    return this.report(node, `expected type '${showType(expected)}' but found '${showType(found)}'`);
  }

  private call(node: Node, form: Form & { is: 'call' }): CelType {
    const { name, receiver, args } = form;
    const macro = macroOf(form);
    if (macro === 'has') {
      const inner = formOf(args[0]!);
      // The test stands where the macro was called.
      if (inner.is === 'field') this.field(node, inner.of, inner.name, false);
      return BOOL;
    }
    if (macro) return this.macro(node, name, receiver!, args);
    const types = args.map((arg) => this.typeOf(arg));
    if (name === '_&&_' || name === '_||_') return this.logical(args, types);
    if (!receiver) {
      const overloads = this.scope.functions.get(name);
      return overloads ? this.resolve(node, name, overloads, types, false) : this.undeclared(node, name);
    }
    const space = qualified(receiver);
    const spaced = space && this.scope.functions.get(`${space}.${name}`);
    if (spaced) return this.resolve(node, `${space}.${name}`, spaced, types, false);
    const target = this.typeOf(receiver);
    const overloads = this.scope.functions.get(name);
    return overloads ? this.resolve(node, name, overloads, [target, ...types], true) : this.undeclared(node, name);
  }

  private logical(args: Node[], types: CelType[]): CelType {
    let wrong = false;
    for (const [index, type] of types.entries()) {
      if (this.assignable([type], [BOOL])) continue;
      this.mismatch(args[index]!, BOOL, type);
      wrong = true;
    }
    return wrong ? ERROR : BOOL;
  }

  private resolve(node: Node, name: string, overloads: Overload[], types: CelType[], member: boolean): CelType {
    let result: CelType | undefined;
    for (const overload of overloads) {
      if (overload.member !== member) continue;
      const fresh: Mapping = new Map();
      const instance = (type: CelType): CelType => substitute(fresh, type);
      for (const type of [...overload.parameters, overload.result]) this.freshen(type, fresh);
      if (!this.assignable(types, overload.parameters.map(instance))) continue;
      const found = this.resolved(instance(overload.result));
      if (!result) result = found;
      else if (result.kind !== 'dyn' && showType(result) !== showType(found)) result = DYN;
    }
    if (result) return result;
    const shown = types.map((type) => showType(substitute(this.mapping, type, 'dyn')));
    const target = member ? `${shown.shift()}.` : '';
    return this.report(node, `found no matching overload for '${name}' applied to '${target}(${shown.join(', ')})'`);
  }

  /** Gives each parameter of a signature a variable of its own. */
  private freshen(type: CelType, fresh: Mapping): void {
    if (type.kind === 'param' && !fresh.has(type.name)) fresh.set(type.name, this.newParam());
    for (const one of type.parameters) this.freshen(one, fresh);
  }

  private within<T>(names: Map<string, CelType>, action: () => T): T {
    this.locals.push(names);
    const result = action();
    this.locals.pop();
    return result;
  }

  /** The types of a comprehension's variables: of a list's items, or of a map's keys (and values). */
  private ranged(receiver: Node, count: number): CelType[] {
    const range = this.resolved(this.typeOf(receiver));
    if (range.kind === 'list') return count === 2 ? [INT, range.parameters[0]!] : [range.parameters[0]!];
    if (range.kind === 'map') return range.parameters.slice(0, count);
    if (range.kind === 'dyn' || range.kind === 'error' || range.kind === 'param') {
      this.assignable([DYN], [range]);
      return [DYN, DYN].slice(0, count);
    }
    this.report(
      receiver,
      `expression of type '${showType(range)}' cannot be range of a comprehension (must be list, map, or dynamic)`,
    );
    return [ERROR, ERROR].slice(0, count);
  }

  private macro(node: Node, name: string, receiver: Node, args: Node[]): CelType {
    if (name === 'optMap' || name === 'optFlatMap') return this.optional(node, name, receiver, args);
    const count = namesOf(name, args.length);
    const types = this.ranged(receiver, count);
    const names = new Map(args.slice(0, count).map((arg, index) => [String(arg.args), types[index]!]));
    const bodies = args.slice(count);
    return this.within(names, () => {
      if (QUANTIFIERS.has(`${name}/${args.length}`)) {
        const [body] = bodies as [Node];
        const type = this.typeOf(body);
        if (name.startsWith('exists_one') || name === 'existsOne') this.condition(node, type, INT);
        else this.logical([body], [type]);
        return BOOL;
      }
      const items = this.newParam();
      if (name === 'filter') {
        const condition = this.typeOf(bodies[0]!);
        const list = this.appended(node, items, types[0]!);
        this.condition(node, condition, list);
        return list;
      }
      const condition = bodies.length === 2 ? this.typeOf(bodies[0]!) : undefined;
      const body = this.typeOf(bodies.at(-1)!);
      const made = name.startsWith('transformMap')
        ? name === 'transformMapEntry'
          ? body
          : mapOf(types[0]!, body)
        : this.appended(node, items, body);
      if (condition) this.condition(node, condition, made);
      return made;
    });
  }

  /** What `[] + [item]` is. */
  private appended(node: Node, items: CelType, item: CelType): CelType {
    return this.resolve(node, '_+_', this.scope.functions.get('_+_')!, [listOf(items), listOf(item)], false);
  }

  private condition(node: Node, condition: CelType, either: CelType): CelType {
    return this.resolve(node, '_?_:_', this.scope.functions.get('_?_:_')!, [condition, either, either], false);
  }

  private optional(node: Node, name: string, receiver: Node, args: Node[]): CelType {
    const type = this.typeOf(receiver);
    this.resolve(node, 'hasValue', this.scope.functions.get('hasValue')!, [type], true);
    const value = this.resolve(node, 'value', this.scope.functions.get('value')!, [type], true);
    const body = this.within(new Map([[String(args[0]!.args), value]]), () => this.typeOf(args[1]!));
    if (name === 'optMap') return optionalOf(body);
    return this.condition(node, BOOL, body);
  }
}
