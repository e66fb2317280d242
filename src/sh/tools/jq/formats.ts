import { JqError, type Json, typeOf, write } from './values.ts';

const text = (value: Json): string => (typeof value === 'string' ? value : write(value));

const HTML: Record<string, string> = { '<': '&lt;', '>': '&gt;', '&': '&amp;', "'": '&#39;', '"': '&quot;' };

function row(value: Json, name: string, cell: (item: Json) => string, between: string): string {
  if (!Array.isArray(value))
    throw new JqError(`${typeOf(value)} (${write(value)}) cannot be ${name}-formatted, only an array can be`);
  return value
    .map((item) => {
      if (item === null) return '';
      if (typeof item === 'object') throw new JqError(`${typeOf(item)} (${write(item)}) is not valid in a csv row`);
      return typeof item === 'string' ? cell(item) : write(item);
    })
    .join(between);
}

const TAB: Record<string, string> = { '\t': '\\t', '\n': '\\n', '\r': '\\r', '\\': '\\\\' };

function quoted(value: Json): string {
  if (typeof value === 'object' && value !== null)
    throw new JqError(`${typeOf(value)} (${write(value)}) can not be escaped for shell`);
  return typeof value === 'string' ? `'${value.replaceAll("'", "'\\''")}'` : write(value);
}

const FORMATS: Record<string, (value: Json) => string> = {
  text,
  json: (value) => write(value),
  html: (value) => text(value).replace(/[<>&'"]/g, (char) => HTML[char]!),
  uri: (value) =>
    encodeURIComponent(text(value)).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`),
  csv: (value) => row(value, 'csv', (item) => `"${String(item).replaceAll('"', '""')}"`, ','),
  tsv: (value) => row(value, 'tsv', (item) => String(item).replace(/[\t\n\r\\]/g, (char) => TAB[char]!), '\t'),
  sh: (value) => (Array.isArray(value) ? value.map(quoted).join(' ') : quoted(value)),
  base64: (value) => Buffer.from(text(value)).toString('base64'),
  base64d: (value) => Buffer.from(text(value), 'base64').toString(),
};

/** A value as `@NAME` writes it; throws JqError. */
export function formatted(name: string, value: Json): string {
  const format = FORMATS[name];
  if (!format) throw new JqError(`${name} is not a valid format`);
  return format(value);
}
