/** Go structs by name: their fields and those fields' Go types; `Embedded|string` for those of structs that are embedded. */
export type StructTable = Record<string, Record<string, string>>;

const kindOf = (value: unknown) =>
  Array.isArray(value) ? 'array' : value === null ? 'null' : typeof value === 'boolean' ? 'bool' : typeof value;

const EXPECTED: Record<string, string> = { string: 'string', bool: 'bool', int: 'number', int64: 'number' };

const isInt64 = (value: number) => Number.isInteger(value) && Math.abs(value) < 2 ** 63;

/**
 * A JSON value as encoding/json decodes it into a struct that knows all of its fields: names match in any case. Throws an
 * Error with Go's message.
 */
export function decodeStruct(table: StructTable, name: string, value: unknown): Record<string, unknown> {
  const decode = (type: string, given: unknown, struct: string, path: string[]): unknown => {
    const wrong = (): never => {
      const where = struct ? `Go struct field ${struct}.${path.join('.')}` : 'Go value';
      const kind =
        typeof given === 'number' && !isInt64(given) && EXPECTED[type] === 'number'
          ? `number ${Number.isInteger(given) ? BigInt(given) : given}`
          : kindOf(given);
      throw new Error(`json: cannot unmarshal ${kind} into ${where} of type ${type}`);
    };
    if (given === null) return null;
    if (type === 'interface {}') return given;
    if (type.startsWith('[]')) {
      if (!Array.isArray(given)) return wrong();
      return given.map((item) => decode(type.slice(2), item, struct, path) ?? (type === '[]string' ? '' : null));
    }
    if (type.startsWith('map[string]')) {
      if (kindOf(given) !== 'object') return wrong();
      const inner = type.slice('map[string]'.length);
      return Object.fromEntries(
        Object.entries(given as object).map(([key, item]) => [key, decode(inner, item, struct, path)]),
      );
    }
    const fields = table[type];
    if (!fields) {
      if (kindOf(given) !== (EXPECTED[type] ?? 'string')) return wrong();
      if (EXPECTED[type] === 'number' && !isInt64(given as number)) return wrong();
      return given;
    }
    if (kindOf(given) !== 'object') return wrong();
    const decoded: Record<string, unknown> = {};
    // YAML becomes JSON with its keys in order first.
    for (const [key, item] of Object.entries(given as object).sort(([a], [b]) => (a < b ? -1 : 1))) {
      const field = Object.hasOwn(fields, key)
        ? key
        : Object.keys(fields).find((each) => each.toLowerCase() === key.toLowerCase());
      if (!field) throw new Error(`json: unknown field ${JSON.stringify(key)}`);
      const [own = '', embedded] = fields[field]!.split('|').reverse();
      decoded[field] = decode(own, item, type.split('.').at(-1)!, [...path, ...(embedded ? [embedded] : []), field]);
    }
    return decoded;
  };
  return decode(name, value, '', []) as Record<string, unknown>;
}
