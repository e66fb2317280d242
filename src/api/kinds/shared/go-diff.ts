import { goQuote } from '../../../base/go-quote.ts';
import { Quantity } from '../../../base/quantity.ts';
import { same, sortedEntries } from './checks.ts';
import { goShort } from './go-short.ts';

type Fields = Record<string, unknown>;

/** How a field's values print: `list` and `map` name Go's type, `struct` is compared field by field; `flag` is a bool. */
type FieldType = 'text' | 'flag' | 'value' | 'quantities' | { list: string } | { map: string } | GoStruct;

/** A Go struct for goDiff: its fields in Go's order, by their names in Go and in JSON. */
export interface GoStruct {
  struct: string;
  /** The field holds it by pointer, and so may hold none. */
  pointer?: true;
  fields: readonly (readonly [go: string, json: string, type?: FieldType])[];
}

/** One line of a diff, or `rest` lines of a value that spans several. */
interface Entry {
  sign: ' ' | '-' | '+';
  key?: string;
  text: string;
  rest?: string[];
}

const CONTEXT = 2;

const isAbsent = (value: unknown): boolean => value === undefined || value === null;
const isStruct = (type: FieldType | undefined): type is GoStruct => typeof type === 'object' && 'struct' in type;

/** A field of its own: held by pointer unless it is a list. */
function short(value: unknown, nested = false): string {
  const text = goShort(value);
  return nested || text === 'nil' || Array.isArray(value) ? text : `&${text}`;
}

const shortQuantities = (list: Record<string, string>): string =>
  `{${sortedEntries(list)
    .map(([name, text]) => `s${goQuote(name)}: {i: {...}, s: ${goQuote(text)}, Format: ${goQuote(format(text))}}`)
    .join(', ')}}`;

const format = (text: string): string => Quantity.parse(text).format;

function unchanged(value: unknown, type: FieldType = 'value'): string {
  if (type === 'text') return goQuote((value as string | undefined) ?? '');
  if (type === 'flag') return String(value ?? false);
  if (isStruct(type)) {
    if (type.pointer && isAbsent(value)) return 'nil';
    const given = type.fields.filter(([, json]) => !same((value as Fields | undefined)?.[json], undefined));
    return `${type.pointer ? '&' : ''}{${given.map(([go, json, inner]) => `${go}: ${unchanged((value as Fields)[json], inner)}`).join(', ')}}`;
  }
  if (value === undefined || value === null) return 'nil';
  if (type === 'quantities') return shortQuantities(value as Record<string, string>);
  return type === 'value' ? short(value) : short(value, true);
}

/** A value that was removed or added: with its type, one line or several. */
function changed(value: unknown, type: FieldType = 'value'): Pick<Entry, 'text' | 'rest'> {
  if (type === 'text' || type === 'flag') return { text: unchanged(value, type) };
  if (value === undefined || value === null) return { text: 'nil' };
  if (type === 'quantities') {
    const rest = sortedEntries(value as Record<string, string>).map(([name, text]) => {
      const amount = Quantity.parse(text);
      const whole = amount.isInteger();
      const i = whole ? `value: ${amount.toBigInt()}` : `value: ${amount.milliValue()}, scale: -3`;
      return `\t\ts${goQuote(name)}: {i: resource.int64Amount{${i}}, s: ${goQuote(text)}, Format: ${goQuote(format(text))}},`;
    });
    return { text: 'core.ResourceList{', rest: [...rest, '\t},'] };
  }
  if (typeof type === 'object' && 'map' in type) {
    const pairs = sortedEntries(value as Record<string, string>).map(
      ([key, item]) => `${goQuote(key)}: ${goQuote(item)}`,
    );
    return { text: `${type.map}{${pairs.join(', ')}}` };
  }
  if (isStruct(type)) return { text: `&${type.struct}${unchanged(value, type).slice(1)}` };
  if (typeof type === 'object' && 'list' in type) return { text: `[]${type.list}${short(value, true)}` };
  return { text: short(value) };
}

/** Which fields are shown: changed ones, and two unchanged ones on either side; a single hidden one is shown instead. */
function visible(differs: boolean[]): boolean[] {
  const shown = differs.map((_, index) =>
    differs.slice(Math.max(0, index - CONTEXT), index + CONTEXT + 1).includes(true),
  );
  return shown.map((one, index) => one || ((shown[index - 1] ?? false) && (shown[index + 1] ?? false)));
}

function entries({ fields }: GoStruct, before: Fields, after: Fields): Entry[] {
  const differs = fields.map(([, json]) => !same(before[json], after[json]));
  const shown = visible(differs);
  const result: Entry[] = [];
  let hidden = 0;
  const flush = () => {
    if (hidden > 0) result.push({ sign: ' ', text: `... // ${hidden} identical ${hidden === 1 ? 'field' : 'fields'}` });
    hidden = 0;
  };
  for (const [index, [key, json, type]] of fields.entries()) {
    if (!shown[index]) {
      hidden++;
      continue;
    }
    flush();
    if (!differs[index]) result.push({ sign: ' ', key, text: unchanged(after[json], type) });
    else if (isStruct(type) && !(type.pointer && (isAbsent(before[json]) || isAbsent(after[json])))) {
      const inner = lines(type, (before[json] ?? {}) as Fields, (after[json] ?? {}) as Fields);
      result.push({
        sign: ' ',
        key,
        text: `${type.pointer ? '&' : ''}${type.struct}{`,
        rest: [...inner.map(deeper), '  \t},'],
      });
    } else
      result.push(
        { sign: '-', key, ...signed(changed(before[json], type), '-') },
        { sign: '+', key, ...signed(changed(after[json], type), '+') },
      );
  }
  flush();
  return result;
}

const deeper = (line: string): string => `${line.slice(0, 2)}\t${line.slice(2)}`;
const signed = (value: Pick<Entry, 'text' | 'rest'>, sign: string): Pick<Entry, 'text' | 'rest'> => ({
  ...value,
  rest: value.rest?.map((line) => `${sign} ${line}`),
});

/** Entries as lines; the values of neighbours that take one line each are aligned. */
function lines(struct: GoStruct, before: Fields, after: Fields): string[] {
  const all = entries(struct, before, after);
  const aligned = ({ key, rest }: Entry) => key !== undefined && rest === undefined;
  return all.flatMap((entry, index) => {
    const { sign, key, text, rest } = entry;
    if (key === undefined) return [`${sign} \t${text}`];
    if (rest) return [`${sign} \t${key}: ${text}`, ...rest];
    let first = index;
    let last = index;
    while (first > 0 && aligned(all[first - 1]!)) first--;
    while (last + 1 < all.length && aligned(all[last + 1]!)) last++;
    const width = Math.max(...all.slice(first, last + 1).map((one) => one.key!.length)) + 1;
    return [`${sign} \t${`${key}:`.padEnd(width)} ${text},`];
  });
}

/** cmp.Diff of two values of a struct, as update errors of pods and claims carry it. */
export const goDiff = (struct: GoStruct, before: object, after: object): string =>
  [`  ${struct.struct}{`, ...lines(struct, before as Fields, after as Fields), '  }', ''].join('\n');
