import { type Document, propertiesOf, resolve, type Schema, valuesOf } from './document.ts';
import { indent, wordWrap } from './wrap.ts';

/** Enumerated values shown in a list of fields. */
const ENUM_LIMIT = 4;

/** kubectl explain's usual form (the plaintext template of explain/v2). */
export class Plaintext {
  constructor(
    private readonly document: Document,
    private readonly recursive: boolean,
  ) {}

  /** The field that `path` leads to, from `schema` on; '' when there is none. */
  output(schema: Schema, path: string[], seen: ReadonlySet<string> = new Set()): string {
    const resolved = resolve(this.document, schema);
    if (path.length === 0) return this.details(resolved);
    if (schema.$ref && seen.has(schema.$ref)) return '';
    const [name, ...rest] = path as [string, ...string[]];
    const field = resolved.properties && Object.hasOwn(resolved.properties, name) && resolved.properties[name];
    if (field) {
      const title = `FIELD: ${name} <${this.typeName(field)}>\n${longEnum(field)}\n\n`;
      return (rest.length === 0 ? title : '') + this.output(field, rest);
    }
    const now = new Set([...seen, schema.$ref ?? '']);
    const inside = resolved.items ?? valuesOf(resolved);
    if (inside) return this.output(inside, path, now);
    return (resolved.allOf ?? []).map((each) => this.output(each, path, now)).find(Boolean) ?? '';
  }

  private details(schema: Schema): string {
    const description = this.description(schema) || '<empty>';
    const fields = this.fields(schema, 1);
    return `DESCRIPTION:\n${indent(wordWrap(description, 76), 4)}\n${fields && `FIELDS:\n${fields}`}`;
  }

  /** What a schema and those that it is made of say, a line each. */
  private description(schema: Schema): string {
    const resolved = resolve(this.document, schema);
    const parts = [...(resolved.allOf ?? []), resolved.items, valuesOf(resolved)];
    const own = resolved.description ? `${resolved.description}\n` : '';
    return own + parts.map((part) => (part ? this.description(part) : '')).join('');
  }

  private fields(schema: Schema, level: number, seen: ReadonlySet<string> = new Set()): string {
    if (schema.$ref && seen.has(schema.$ref)) return '';
    const now = new Set([...seen, schema.$ref ?? '']);
    const resolved = resolve(this.document, schema);
    const own = propertiesOf(resolved).map(
      ([name, field]) =>
        this.field(name, field, resolved.required?.includes(name) ?? false, level) +
        (this.recursive ? this.fields(field, level + 1, now) : ''),
    );
    const parts = [...(resolved.allOf ?? []), resolved.items, valuesOf(resolved)];
    return own.join('') + parts.map((part) => (part ? this.fields(part, level, now) : '')).join('');
  }

  private field(name: string, schema: Schema, required: boolean, level: number): string {
    const margin = level * 2;
    const title = `${indent(name, margin)}\t<${this.typeName(schema)}>${required ? ' -required-' : ''}`;
    const head = `${title}${shortEnum(schema, margin)}\n`;
    if (this.recursive) return head;
    const description = wordWrap(schema.description || '<no description>', 78 - margin);
    return `${head}${indent(description, margin + 2)}\n\n`;
  }

  /** `string`, `[]Container`, `map[string]Quantity`. */
  private typeName(schema: Schema): string {
    const values = valuesOf(schema);
    if (schema.items) return `[]${this.typeName(schema.items)}`;
    if (values) return `map[string]${this.typeName(values)}`;
    if (schema.allOf?.length === 1 && !schema.properties) return this.typeName(schema.allOf[0]!);
    if (schema.$ref) {
      const target = resolve(this.document, schema);
      if (target !== schema && target.type && target.type !== 'object') return target.type;
      return schema.$ref.split('/').at(-1)!.split('.').at(-1) || 'Object';
    }
    return schema.type && schema.type !== 'object' ? schema.type : 'Object';
  }
}

const enumText = (value: unknown) => (value === '' ? '""' : String(value));

function shortEnum({ enum: values = [] }: Schema, margin: number): string {
  if (values.length === 0) return '';
  const shown = values.slice(0, ENUM_LIMIT).map(enumText).join(', ');
  return `\n${' '.repeat(margin)}enum: ${shown}${values.length > ENUM_LIMIT ? ', ....' : ''}`;
}

const longEnum = ({ enum: values = [] }: Schema): string =>
  values.length === 0 ? '' : `ENUM:${values.map((value) => `\n    ${enumText(value)}`).join('')}`;
