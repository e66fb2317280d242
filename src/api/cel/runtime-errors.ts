import { CelRuntimeError } from './issues.ts';

interface LibraryError {
  code?: string;
  summary?: string;
  message: string;
}

const CONVERSIONS: Record<string, string> = {
  bool_conversion_error: 'bool',
  double_conversion_error: 'double',
  int_conversion_error: 'int',
  invalid_duration: 'google.protobuf.Duration',
  invalid_timestamp: 'google.protobuf.Timestamp',
};

const GO_TYPES: Record<string, string> = {
  int: 'Int',
  uint: 'Uint',
  double: 'Double',
  string: 'String',
  bool: 'Bool',
  null: 'Null',
};

const withoutDyn = (type: string): string => type.replace(/^dyn<(.*)>$/, '$1');
const named = (type: string): string =>
  withoutDyn(type)
    .replace(/<.*$/, '')
    .replace(/^null$/, 'null_type');

/** `found no matching overload for 'list<int>.join(string)'`: extensions tell their arguments, cel-go's own do not. */
function noOverload(summary: string, extensions: ReadonlySet<string>): string {
  const [, receiver, name = '', args = ''] = /'(?:(.+)\.)?(\w+)\((.*)\)'/.exec(summary) ?? [];
  const types = [receiver, ...(args ? args.split(/, (?![^<]*>)/) : [])].filter((type) => type !== undefined).map(named);
  if (extensions.has(name)) return `no such overload: ${name}(${types.join(', ')})`;
  return name === 'size' ? 'no such overload: size' : 'no such overload';
}

const NO_OVERLOAD = 'no such overload';

const MESSAGES: Record<string, (summary: string, extensions: ReadonlySet<string>) => string> = {
  no_such_key: (summary) => summary.replace('No such key', 'no such key'),
  index_out_of_bounds: (summary) => `index out of bounds: ${/index (-?[0-9]+)/.exec(summary)?.[1]}`,
  division_by_zero: () => 'division by zero',
  modulo_by_zero: () => 'modulus by zero',
  numeric_overflow: (summary) => (/[Uu]nsigned/.test(summary) ? 'unsigned integer overflow' : 'integer overflow'),
  uint_conversion_error: () => 'unsigned integer overflow',
  optional_value_missing: () => 'optional.none() dereference',
  unknown_variable: (summary) => `no such attribute(s): ${summary.replace(/^Unknown variable: /, '')}`,
  invalid_comprehension_range: (summary) => {
    const type = GO_TYPES[withoutDyn(/type '(.*?)' cannot/.exec(summary)?.[1] ?? '')];
    return type ? `got 'types.${type}', expected iterable type` : NO_OVERLOAD;
  },
  no_such_overload: (summary) => {
    const operator = /: dyn<null> (\S+) /.exec(summary)?.[1];
    return operator ? `${NO_OVERLOAD}: _${operator}_` : NO_OVERLOAD;
  },
  no_matching_overload: noOverload,
};

/** What cel-go would say of an error of the library. `extensions`: the names of functions that are not cel-go's own. */
export function runtimeMessage(thrown: unknown, extensions: ReadonlySet<string>): string {
  if (thrown instanceof CelRuntimeError) return thrown.message;
  const error = thrown as LibraryError;
  const { code = '', summary = error.message } = error;
  const target = CONVERSIONS[code];
  if (target) return `type conversion error from 'string' to '${target}'`;
  return MESSAGES[code]?.(summary, extensions) ?? NO_OVERLOAD;
}
