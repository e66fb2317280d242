import { readJsonAsset } from '../../base/assets.ts';
import { compareStrings } from '../../base/go-json.ts';
import { canonicalQuantity, Quantity } from '../../base/quantity.ts';

/** A field of a Go struct: its name, its JSON name ('' when inlined) and its type. */
type Field = [name: string, json: string, type: string];

/** Structs by Go name (`v1.Container`), and what stands behind the other named types (`string`, `[]v1.X`, `map[]v1.X`). */
type TypeTable = Record<string, Field[] | string>;

type Json = Record<string, unknown>;

const BASIC_ZERO: Record<string, string> = { string: '', bool: 'false', int32: '0', int64: '0', uint8: '0' };

/** Types that JSON writes as one value, and how Go holds them. A template never has a time: it prints as the zero one. */
const SPECIAL: Record<string, (value: unknown) => string> = {
  'v1.Time': () => '{Time:(time.Time){wall:(uint64)0 ext:(int64)0 loc:(*time.Location)<nil>}}',
  'intstr.IntOrString': (value) => {
    const [type, int, text] = typeof value === 'string' ? [1, 0, value] : [0, value ?? 0, ''];
    return `{Type:(intstr.Type)${type} IntVal:(int32)${int} StrVal:(string)${text}}`;
  },
  'resource.Quantity': (value) => {
    const { unscaled, scale, source, format } = Quantity.parse(canonicalQuantity((value ?? '0') as string));
    const amount = `i:(resource.int64Amount){value:(int64)${unscaled} scale:(resource.Scale)${scale}}`;
    const decimal = 'd:(resource.infDecAmount){Dec:(*inf.Dec)<nil>}';
    return `{${amount} ${decimal} s:(string)${source ?? ''} Format:(resource.Format)${format}}`;
  },
};

const isEmpty = (value: unknown) => value == null || Object.keys(value).length === 0;

function dumpSlice(table: TypeTable, elem: string, value: unknown): string {
  if (isEmpty(value)) return '<nil>';
  return `[${(value as unknown[]).map((item) => dumpValue(table, elem, item)).join(' ')}]`;
}

function dumpMap(table: TypeTable, elem: string, value: unknown): string {
  if (isEmpty(value)) return '<nil>';
  const entries = Object.entries(value as Json).sort(([a], [b]) => compareStrings(a, b));
  return `map[${entries.map(([key, item]) => `${key}:${dumpValue(table, elem, item)}`).join(' ')}]`;
}

function dumpStruct(table: TypeTable, fields: Field[], value: Json): string {
  const parts = fields.map(([name, json, type]) => {
    const field = json === '' ? value : value[json];
    return `${name}:(${type})${dumpValue(table, type, field)}`;
  });
  return `{${parts.join(' ')}}`;
}

function dumpValue(table: TypeTable, type: string, value: unknown): string {
  const special = SPECIAL[type];
  if (special) return special(value);
  if (type.startsWith('*')) return value == null ? '<nil>' : dumpValue(table, type.slice(1), value);
  if (type.startsWith('[]')) return dumpSlice(table, type.slice(2), value);
  if (type.startsWith('map[')) return dumpMap(table, type.slice(type.indexOf(']') + 1), value);
  const entry = table[type] ?? type;
  if (typeof entry !== 'string') return dumpStruct(table, entry, (value ?? {}) as Json);
  if (entry in BASIC_ZERO) return String(value ?? BASIC_ZERO[entry]);
  return dumpValue(table, entry, value);
}

/** apimachinery's dump.ForHash of a Go struct of `type` (fixtures/schema/pod-template.json) with the JSON `value`. */
export function dumpForHash(type: string, value: unknown): string {
  const table = readJsonAsset<TypeTable>('fixtures/schema/pod-template.json');
  return `(${type})${dumpValue(table, type, value)}`;
}
