import { compareStrings } from '../../../../base/go-json.ts';
import { goQuote } from '../../../../base/go-quote.ts';
import { Quantity } from '../../../../base/quantity.ts';
import { labelSelectorText, type Selector } from '../label-selector-text.ts';
import { ELLIPSIS, type Sign, type Text, type TextList } from './text.ts';
import { elementOf, fieldsOf, fieldValue, isZero, keyOf, kindOf, scalarOf } from './types.ts';

/** Whether a value's type is shown: always, never, or only where it has something below it. */
export type TypeMode = 'emit' | 'elide' | 'auto';

export interface FormatOptions {
  sign: Sign;
  types: TypeMode;
  /** How much is shown: twice as much with every level, half as much with every one below. */
  verbosity: number;
}

const isList = (value: unknown): value is unknown[] => Array.isArray(value);
const isPrintableLine = (text: string): boolean => /^[^`\p{Cc}]*$/u.test(text.replaceAll('\t', ''));

/** A text in Go's quotes, or in backquotes where that is shorter. */
export function quoted(text: string): string {
  const plain = goQuote(text);
  return plain.length > text.length + 2 && isPrintableLine(text) ? `\`${text}\`` : plain;
}

/** A text; many lines that were added or removed stand between triple quotes. */
export function formatText(text: string, { sign, verbosity }: FormatOptions, prefix = ''): Text {
  const limit = 2 ** Math.max(0, verbosity) * 32;
  const maxLines = 2 ** Math.max(0, verbosity) * 4;
  const lines = text.replace(/\n$/, '').split('\n');
  const isPlain = (line: string) =>
    !line.startsWith('"""') &&
    !line.startsWith('...') &&
    isPrintableLine(line.replaceAll('`', '')) &&
    line.length <= limit;
  if (lines.length >= 4 && (sign === '-' || sign === '+') && lines.every(isPlain)) {
    const list: TextList = [{ sign, value: `${prefix}"""`, bare: true }];
    for (const [index, line] of lines.entries()) {
      const left = lines.length - index;
      if (index === maxLines - 1 && left > 1) {
        list.push({ sign, value: ELLIPSIS, bare: true, comment: `${left} elided lines` });
        break;
      }
      list.push({ sign, value: line, bare: true });
    }
    list.push({ sign, value: `${prefix}"""`, bare: true });
    return { prefix: '(', value: list, suffix: ')' };
  }
  if (text.length > limit + ELLIPSIS.length) return `${prefix}${quoted(text.slice(0, limit))}${ELLIPSIS}`;
  return prefix + quoted(text);
}

const hasBraces = (text: Text): boolean =>
  typeof text !== 'string' && !isList(text) && /^[({]/.test(text.prefix) && /[)}]$/.test(text.suffix);

/** A text with the type of what it shows in front. */
export function withType(type: string, text: Text, { types, sign }: FormatOptions): Text {
  const kind = kindOf(type);
  const isComposite = kind !== 'pointer' && kind !== 'scalar';
  if (types === 'elide') return text;
  if (types === 'auto' && (!isComposite || text === 'nil' || sign === ' ')) return text;
  const name = kind === 'pointer' ? `(${type})` : type;
  return { prefix: name, value: hasBraces(text) ? text : { prefix: '(', value: text, suffix: ')' }, suffix: '' };
}

export const braced = (list: TextList): Text => ({ prefix: '{', value: list, suffix: '}' });

/** How many elements of a value are shown. */
const maxElements = (verbosity: number): number => ((2 ** Math.max(0, verbosity)) >> 1) * 4;

/** resource.Quantity's own fields, which it has no words for: the text only where it is canonical at first sight. */
function quantityFields(text: string, deeper: FormatOptions): TextList {
  const { unscaled, scale, source, format } = Quantity.parse(text);
  const inner: TextList = [
    ...(unscaled === 0n ? [] : [{ key: 'value', value: String(unscaled) }]),
    ...(scale === 0 ? [] : [{ key: 'scale', value: String(scale) }]),
  ];
  const shown = maxElements(deeper.verbosity) > 0 ? inner : [{ value: ELLIPSIS, bare: true }];
  return [
    ...(inner.length === 0
      ? []
      : [{ key: 'i', value: withType('resource.int64Amount', braced(shown), structs(deeper)) }]),
    ...(source === undefined ? [] : [{ key: 's', value: formatText(source, deeper) }]),
    { key: 'Format', value: formatText(format, deeper) },
  ];
}

/** A struct whose type has no entry in the table still shows it as structs do. */
const structs = ({ types, sign, verbosity }: FormatOptions): FormatOptions => ({
  types: types === 'auto' && sign !== ' ' ? 'emit' : 'elide',
  sign,
  verbosity,
});

/** What values say of themselves (fmt.Stringer). */
function ownWords(type: string, value: unknown): string | undefined {
  if (type === 'core.ResourceName') return value as string;
  if (value === undefined || value === null) return undefined;
  if (type === '*resource.Quantity') return Quantity.parse(value as string).toString();
  if (type === '*v1.LabelSelector') return labelSelectorText(value as Selector);
  return undefined;
}

export const formatKey = (type: string, key: string): string =>
  `${keyOf(type) === 'core.ResourceName' ? 's' : ''}${quoted(key)}`;

/** A list of what fits, and that there is more. */
function limited(records: Iterable<() => TextList[number]>, max: number): TextList {
  const list: TextList = [];
  for (const record of records) {
    if (list.length === max) return [...list, { value: ELLIPSIS, bare: true }];
    list.push(record());
  }
  return list;
}

/** A value on its own (go-cmp's FormatValue). */
export function formatValue(type: string, value: unknown, options: FormatOptions): Text {
  const words = ownWords(type, value);
  if (words !== undefined) return formatText(words, options, 's');
  const kind = kindOf(type);
  if (kind === 'scalar') {
    const scalar = scalarOf(type, value);
    return withType(type, typeof scalar === 'string' ? formatText(scalar, options) : String(scalar), options);
  }
  const max = maxElements(options.verbosity);
  const deeper = { ...options, verbosity: options.verbosity - 1 };
  if (kind === 'struct') {
    const fields = fieldsOf(type)
      .map((field) => ({ ...field, value: fieldValue(value, field) }))
      .filter((field) => !isZero(field.type, field.value))
      .map((field) => () => ({
        key: field.go,
        value: formatValue(field.type, field.value, { ...deeper, types: 'auto' }),
      }));
    return withType(type, braced(limited(fields, max)), options);
  }
  if (kind === 'quantity') {
    const fields = value === undefined ? [] : quantityFields(String(value), { ...deeper, types: 'auto' });
    const shown = fields.map((field) => () => field);
    return withType(type, braced(limited(shown, max)), options);
  }
  if (value === undefined || value === null) return kind === 'pointer' ? 'nil' : withType(type, 'nil', options);
  if (kind === 'pointer') return { prefix: '&', value: formatValue(elementOf(type), value, options), suffix: '' };
  const inner = { ...deeper, types: 'elide' } as const;
  const items =
    kind === 'slice'
      ? (value as unknown[]).map((item) => () => ({ value: formatValue(elementOf(type), item, inner) }))
      : Object.keys(value)
          .sort(compareStrings)
          .map((key) => () => ({
            key: formatKey(type, key),
            value: formatValue(elementOf(type), (value as Record<string, unknown>)[key], inner),
          }));
  return withType(type, braced(limited(items, max)), options);
}
