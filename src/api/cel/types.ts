/** A type of CEL. `name` is what declarations call it; parameters are those of list, map, optional and type. */
export interface CelType {
  kind:
    | 'primitive'
    | 'dyn'
    | 'error'
    | 'null'
    | 'timestamp'
    | 'duration'
    | 'type'
    | 'list'
    | 'map'
    | 'opaque'
    | 'struct'
    | 'param';
  name: string;
  parameters: readonly CelType[];
  /** Of structs: undefined where nothing is known of them. */
  fields?: Readonly<Record<string, CelType>>;
}

const make = (kind: CelType['kind'], name: string, parameters: readonly CelType[] = []): CelType => ({
  kind,
  name,
  parameters,
});

export const INT = make('primitive', 'int');
export const UINT = make('primitive', 'uint');
export const DOUBLE = make('primitive', 'double');
export const BOOL = make('primitive', 'bool');
export const STRING = make('primitive', 'string');
export const BYTES = make('primitive', 'bytes');
export const NULL = make('null', 'null_type');
export const TIMESTAMP = make('timestamp', 'google.protobuf.Timestamp');
export const DURATION = make('duration', 'google.protobuf.Duration');
export const DYN = make('dyn', 'dyn');
export const ERROR = make('error', '!error!');

export const listOf = (element: CelType): CelType => make('list', 'list', [element]);
export const mapOf = (key: CelType, value: CelType): CelType => make('map', 'map', [key, value]);
export const optionalOf = (type: CelType): CelType => make('opaque', 'optional_type', [type]);
export const typeOf = (type: CelType): CelType => make('type', 'type', [type]);
export const paramOf = (name: string): CelType => make('param', name);
export const opaque = (name: string): CelType => make('opaque', name);
export const struct = (name: string, fields?: CelType['fields']): CelType => ({ ...make('struct', name), fields });

const NAMED: Record<string, CelType> = {
  int: INT,
  uint: UINT,
  double: DOUBLE,
  bool: BOOL,
  string: STRING,
  bytes: BYTES,
  null: NULL,
  dyn: DYN,
  timestamp: TIMESTAMP,
  duration: DURATION,
}; // prettier-ignore
const OPAQUE = new Set(['net.IP', 'net.CIDR']);

/** `list<string>`, `map<K, V>`, `optional<T>`, `kubernetes.Quantity`; one capital letter is a parameter. */
export function parseType(text: string): CelType {
  const named = NAMED[text];
  if (named) return named;
  if (/^[A-Z]$/.test(text)) return paramOf(text);
  const [, outer, inner = ''] = /^(\w+)<(.*)>$/.exec(text) ?? [];
  if (outer === 'list') return listOf(parseType(inner));
  if (outer === 'optional') return optionalOf(parseType(inner));
  if (outer === 'type') return typeOf(parseType(inner));
  if (outer === 'map') {
    const comma = inner.indexOf(', ');
    return mapOf(parseType(inner.slice(0, comma)), parseType(inner.slice(comma + 2)));
  }
  return OPAQUE.has(text) ? opaque(text) : struct(text);
}

/** A type as the checker's errors show it (FormatCELType). */
export function showType(type: CelType): string {
  if (type.kind === 'null') return 'null';
  if (type.kind === 'timestamp' || type.kind === 'duration') return type.kind;
  return type.parameters.length === 0 ? type.name : `${type.name}(${type.parameters.map(showType).join(', ')})`;
}

/** A type by its own name (types.Type.String): `google.protobuf.Timestamp`, `list(int)`. */
export const nameOf = (type: CelType): string =>
  type.parameters.length === 0 ? type.name : `${type.name}(${type.parameters.map(nameOf).join(', ')})`;

export const sameType = (a: CelType, b: CelType): boolean =>
  a === b ||
  (a.kind === b.kind &&
    a.name === b.name &&
    a.parameters.length === b.parameters.length &&
    a.parameters.every((one, index) => sameType(one, b.parameters[index]!)));

/** What type parameters stand for so far. */
export type Mapping = Map<string, CelType>;

const isDynOrError = ({ kind }: CelType): boolean => kind === 'dyn' || kind === 'error';
const NULLABLE = new Set<CelType['kind']>(['opaque', 'struct', 'timestamp', 'duration', 'null']);

/** The parameter stands nowhere within the type. */
function notWithin(mapping: Mapping, param: CelType, type: CelType): boolean {
  if (sameType(param, type)) return false;
  if (type.kind === 'param') {
    const known = mapping.get(type.name);
    return !known || notWithin(mapping, param, known);
  }
  return type.parameters.every((one) => notWithin(mapping, param, one));
}

function isLessSpecific(a: CelType, b: CelType): boolean {
  if (a.kind === 'dyn' || a.kind === 'param') return true;
  if (b.kind === 'dyn' || b.kind === 'param') return false;
  if (a.kind !== b.kind) return false;
  if (a.kind === 'type') return true;
  if (a.parameters.length === 0) return sameType(a, b);
  return a.name === b.name && a.parameters.every((one, index) => isLessSpecific(one, b.parameters[index]!));
}

/** The more general of two types that go together. */
export const mostGeneral = (a: CelType, b: CelType): CelType => (isLessSpecific(a, b) ? a : b);

/** Whether `type` may stand for the parameter, and whether that already stands for something. */
function substitutes(mapping: Mapping, type: CelType, param: CelType): 'yes' | 'no' | 'taken' {
  if (sameType(type, param)) return 'yes';
  const known = mapping.get(param.name);
  if (known) {
    if (sameType(type, known)) return 'yes';
    if (!assigns(mapping, type, known)) return 'taken';
    const general = mostGeneral(type, known);
    if (notWithin(mapping, param, general)) mapping.set(param.name, general);
    return 'yes';
  }
  if (!notWithin(mapping, param, type)) return 'no';
  mapping.set(param.name, type);
  return 'yes';
}

function assigns(mapping: Mapping, from: CelType, to: CelType): boolean {
  if (to.kind === 'param') {
    const verdict = substitutes(mapping, from, to);
    if (verdict !== 'no') return verdict === 'yes';
  }
  if (from.kind === 'param') return substitutes(mapping, to, from) === 'yes';
  if (isDynOrError(from) || isDynOrError(to)) return true;
  if (from.kind === 'null') return NULLABLE.has(to.kind);
  if (to.kind === 'null') return NULLABLE.has(from.kind);
  if (from.kind === 'type') return to.kind === 'type';
  return (
    from.kind === to.kind &&
    from.name === to.name &&
    from.parameters.length === to.parameters.length &&
    from.parameters.every((one, index) => assigns(mapping, one, to.parameters[index]!))
  );
}

/** The mapping under which each type can be used where the other is wanted, or undefined. */
export function assignAll(mapping: Mapping, from: readonly CelType[], to: readonly CelType[]): Mapping | undefined {
  const copy: Mapping = new Map(mapping);
  const fits = from.length === to.length && from.every((type, index) => assigns(copy, type, to[index]!));
  return fits ? copy : undefined;
}

/** The type with its parameters replaced; those that stand for nothing become dyn if `free` says so. */
export function substitute(mapping: Mapping, type: CelType, free: 'dyn' | 'keep' = 'keep'): CelType {
  if (type.kind === 'param') {
    const known = mapping.get(type.name);
    if (known) return substitute(mapping, known, free);
    return free === 'dyn' ? DYN : type;
  }
  if (type.parameters.length === 0) return type;
  return { ...type, parameters: type.parameters.map((one) => substitute(mapping, one, free)) };
}
