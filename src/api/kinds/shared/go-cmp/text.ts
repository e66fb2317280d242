/** Text that may become one line or several (go-cmp's textNode): a line, a list, or something in between two others. */
export type Text = string | TextList | { prefix: string; value: Text; suffix: string };

export type Sign = '' | ' ' | '-' | '+';

export interface TextRecord {
  sign?: Sign;
  key?: string;
  value: Text;
  /** No comma after it. */
  bare?: boolean;
  comment?: string;
}

export type TextList = TextRecord[];

export const ELLIPSIS = '...';
const MAX_COLUMNS = 80;

const encoder = new TextEncoder();
const byteLength = (text: string): number => encoder.encode(text).length;

/** The sign that a record of a signed list has. */
const within = (outer: Sign, inner: Sign = ''): Sign => (outer === '-' || outer === '+' ? outer : inner || outer);

/** What it is on one line, and what is left of it when what can be one line has become one. */
function compact(text: Text, sign: Sign): [line: string, rest: Text] {
  if (typeof text === 'string') return [text, text];
  if (!Array.isArray(text)) {
    const [inner, value] = compact(text.value, sign);
    const line = `${text.prefix}${inner}${text.suffix}`;
    return [line, typeof value === 'string' ? line : { ...text, value }];
  }
  let isLong = false;
  const pairs = text.map((record): [string, TextRecord] => {
    const [line, value] = compact(record.value, within(sign, record.sign));
    if (record.sign === '-' || record.sign === '+' || typeof value !== 'string' || record.comment) isLong = true;
    return [record.key ? `${record.key}: ${line}` : line, { ...record, value }];
  });
  const line = pairs.map(([one]) => one).join(', ');
  if ((sign === '-' || sign === '+') && byteLength(line) > MAX_COLUMNS) isLong = true;
  return [line, isLong ? pairs.map(([, record]) => record) : line];
}

const indent = (depth: number, sign: Sign): string => `${sign || ' '} ${'\t'.repeat(depth)}`;

/** How much every record's text is padded by, among neighbours that are not skipped. */
function padding(list: TextList, skip: (record: TextRecord) => boolean, text: (record: TextRecord) => string) {
  const pads = list.map(() => 0);
  for (let start = 0; start < list.length; ) {
    let end = start;
    while (end < list.length && !skip(list[end]!)) end++;
    const lengths = list.slice(start, end).map((record) => [...text(record)].length);
    const widest = Math.max(0, ...lengths);
    for (const [index, length] of lengths.entries()) pads[start + index] = widest - length;
    start = end + 1;
  }
  return pads;
}

/** Lists of nothing but lines are put together, as many as fit. */
function batched(list: TextList, sign: Sign, depth: number): string {
  let result = '';
  let batch = '';
  const emit = () => {
    if (batch) result += `\n${indent(depth + 1, sign)}${batch.replace(/ +$/, '')}`;
    batch = '';
  };
  for (const { value } of list) {
    if (byteLength(batch) + byteLength(value as string) + 2 > MAX_COLUMNS) emit();
    batch += `${value as string}, `;
  }
  emit();
  return `${result}\n${indent(depth, sign)}`;
}

function expand(text: Text, sign: Sign, depth: number): string {
  if (typeof text === 'string') return text;
  if (!Array.isArray(text)) return `${text.prefix}${expand(text.value, sign, depth)}${text.suffix}`;
  const isLine = ({ value }: TextRecord) => typeof value === 'string';
  if (text.length > 0 && text.every((record) => !record.sign && !record.key && isLine(record) && !record.comment))
    return batched(text, sign, depth);
  const keyPads = padding(
    text,
    (record) => !record.key || !isLine(record),
    ({ key = '' }) => key,
  );
  const valuePads = padding(
    text,
    (record) => !isLine(record) || record.value === ELLIPSIS || !record.comment,
    ({ value }) => value as string,
  );
  const lines = text.map((record, index) => {
    const own = within(sign, record.sign);
    const key = record.key ? `${record.key}: ` : '';
    const value = expand(record.value, own, depth + 1);
    const comment = record.comment ? ` // ${record.comment}` : '';
    return `\n${indent(depth + 1, own)}${key}${' '.repeat(keyPads[index]!)}${value}${record.bare ? '' : ','}${' '.repeat(valuePads[index]!)}${comment}`;
  });
  return `${lines.join('')}\n${indent(depth, sign)}`;
}

/** A text as a report: it begins two columns to the right, where signs have their place. */
export const render = (text: Text): string => `${indent(0, '')}${expand(compact(text, '')[1], '', 0)}\n`;

/** Whether two texts would read the same. */
export const sameText = (a: Text, b: Text): boolean => JSON.stringify(a) === JSON.stringify(b);
