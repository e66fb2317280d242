import { TYPE_TABLE } from './type-table.ts';

/** A field of a Go struct: its name in Go, in JSON (none where JSON inlines it) and its type. */
export interface GoField {
  go: string;
  json?: string;
  type: string;
}

export type GoKind = 'pointer' | 'slice' | 'map' | 'struct' | 'quantity' | 'scalar';

let table: Map<string, string> | undefined;
const structs = new Map<string, GoField[]>();

/** Go's structs that another one shares its fields with. */
const ALIASES: Record<string, string> = { 'core.EphemeralContainerCommon': 'core.Container' };

function definition(type: string): string | undefined {
  table ??= new Map(
    TYPE_TABLE.trim()
      .split('\n')
      .map((line) => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)]),
  );
  return table.get(ALIASES[type] ?? type);
}

/** A type without the name that it goes by: `core.ResourceList` is a map. */
const underlying = (type: string): string => {
  const own = definition(type);
  return own?.startsWith('map[') ? own : type;
};

export function kindOf(type: string): GoKind {
  if (type === 'resource.Quantity') return 'quantity';
  if (type.startsWith('*')) return 'pointer';
  if (type.startsWith('[]')) return 'slice';
  if (underlying(type).startsWith('map[')) return 'map';
  return definition(type) ? 'struct' : 'scalar';
}

/** What a pointer, a slice or a map holds. */
export function elementOf(type: string): string {
  if (type.startsWith('*')) return type.slice(1);
  if (type.startsWith('[]')) return type.slice(2);
  const map = underlying(type);
  return map.slice(map.indexOf(']') + 1);
}

export const keyOf = (type: string): string => underlying(type).slice('map['.length).split(']')[0]!;

export function fieldsOf(type: string): GoField[] {
  let fields = structs.get(type);
  if (!fields) {
    fields = definition(type)!
      .slice(1, -1)
      .split('; ')
      .map((text) => {
        const [names = '', fieldType = ''] = text.split(' ');
        if (names.startsWith('^')) return { go: names.slice(1), type: fieldType };
        const [go = '', json = `${go.charAt(0).toLowerCase()}${go.slice(1)}`] = names.split('=');
        return { go, json, type: fieldType };
      });
    structs.set(type, fields);
  }
  return fields;
}

/** Numbers of a port are Go's struct of either. */
const normalized = (type: string, value: unknown): unknown =>
  type === 'intstr.IntOrString' && typeof value !== 'object'
    ? {
        type: typeof value === 'string' ? 1 : 0,
        ...(typeof value === 'string' ? { strVal: value } : { intVal: value }),
      }
    : value;

/** What a field of a struct holds; JSON leaves away what is not set. */
export const fieldValue = (struct: unknown, { json, type }: GoField): unknown =>
  json === undefined ? struct : normalized(type, (struct as Record<string, unknown> | undefined)?.[json] ?? undefined);

/** reflect's IsZero. */
export function isZero(type: string, value: unknown): boolean {
  if (value === undefined || value === null) return true;
  switch (kindOf(type)) {
    case 'struct':
      return fieldsOf(type).every((field) => isZero(field.type, fieldValue(value, field)));
    case 'scalar':
      return value === '' || value === 0 || value === false;
    default:
      return false;
  }
}

/** A scalar that JSON left away. */
export function scalarOf(type: string, value: unknown): unknown {
  if (value !== undefined && value !== null) return value;
  if (type === 'bool') return false;
  return /^(int|intstr\.Type)/.test(type) ? 0 : '';
}
