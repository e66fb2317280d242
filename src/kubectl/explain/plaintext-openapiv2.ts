import { type Document, type GroupVersionKind, propertiesOf, resolve, type Schema, valuesOf } from './document.ts';

const WIDTH = 80;
const FIELD_MARGIN = 3;
const DESCRIPTION_MARGIN = 5;

/** The words of a description in lines of at most `width`; lists, code and paragraphs keep their lines. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line: string[] = [];
  let last = '';
  const flush = () => {
    if (line.length > 0) lines.push(line.join(' '));
    if (line.length > 0) last = '';
    line = [];
  };
  for (const source of text.split('\n')) {
    const trimmed = source.trim();
    if (source.startsWith('    ') || (lines.length > 0 && trimmed === '')) {
      flush();
      lines.push(trimmed === '' ? '' : source);
      continue;
    }
    if (last.endsWith(':') || trimmed === '' || /^([0-9]+\.?|-|\*)\s/.test(trimmed)) flush();
    for (const word of trimmed.split(/\s+/).filter(Boolean)) {
      if (line.length > 0 && [...line, word].join(' ').length > width) flush();
      line.push(word);
      last = word;
    }
  }
  flush();
  return lines;
}

const write = (line: string, margin = 0) => (line === '' ? '\n' : `${' '.repeat(margin)}${line}\n`);
const writeWrapped = (text: string, margin: number) =>
  wrap(text, WIDTH - margin)
    .map((line) => write(line, margin))
    .join('');

/** kubectl explain as it was before OpenAPI v3 (`--output plaintext-openapiv2`). */
export class PlaintextV2 {
  constructor(
    private readonly document: Document,
    private readonly recursive: boolean,
    private readonly kind: GroupVersionKind,
  ) {}

  /** The whole answer for the field that `path` leads to; undefined, with its name, when a field does not exist. */
  print(schema: Schema, path: string[]): { text: string } | { missing: string } {
    let found = schema;
    for (let at = 0; at < path.length; ) {
      const { leaf } = this.unwrap(found);
      if (!leaf.properties) {
        found = leaf;
        break;
      }
      const name = path[at]!;
      if (!Object.hasOwn(leaf.properties, name)) return { missing: name };
      found = leaf.properties[name]!;
      at++;
    }
    return { text: this.model(found, path.at(-1) ?? '') };
  }

  /** Through references, arrays and maps to what they hold, with the descriptions on the way. */
  private unwrap(schema: Schema): { leaf: Schema; descriptions: string[] } {
    const descriptions: string[] = [];
    let leaf = schema;
    for (;;) {
      const inner = leaf.$ref ? resolve(this.document, leaf) : (leaf.allOf?.[0] ?? leaf.items ?? valuesOf(leaf));
      if (!inner || inner === leaf || leaf.properties) return { leaf, descriptions };
      descriptions.push(leaf.description ?? '');
      leaf = inner;
    }
  }

  private model(schema: Schema, name: string): string {
    const { leaf, descriptions } = this.unwrap(schema);
    const { group, version, kind } = this.kind;
    const head = `KIND:     ${kind}\nVERSION:  ${group ? `${group}/` : ''}${version}\n\n`;
    const type = `<${this.typeName(schema)}>`;
    const told = this.descriptions([...descriptions.filter(Boolean), leaf.description ?? '']);
    if (!leaf.properties) {
      const isArbitrary = leaf.type === undefined && !leaf.oneOf;
      return `${head}${isArbitrary ? '' : `FIELD:    ${name} ${type}\n\n`}${told}`;
    }
    return `${head}${name && `RESOURCE: ${name} ${type}\n\n`}${told}\nFIELDS:\n${this.fields(leaf, FIELD_MARGIN, new Set())}`;
  }

  private descriptions(texts: string[]): string {
    const told = texts.filter(Boolean).map((text) => writeWrapped(text, DESCRIPTION_MARGIN));
    return `DESCRIPTION:\n${told.length > 0 ? told.join('\n') : write('<empty>', DESCRIPTION_MARGIN)}`;
  }

  private fields(schema: Schema, margin: number, seen: ReadonlySet<Schema>): string {
    return propertiesOf(schema)
      .map(([name, field]) => {
        const title = `${name}\t<${this.typeName(field)}>`;
        if (!this.recursive) {
          const required = schema.required?.includes(name) ? ' -required-' : '';
          return `${write(title + required, margin)}${writeWrapped(field.description ?? '', margin + 2)}\n`;
        }
        const { leaf } = this.unwrap(field);
        const inner = leaf.properties && !seen.has(leaf) ? this.fields(leaf, margin + 3, new Set([...seen, leaf])) : '';
        return write(title, margin) + inner;
      })
      .join('');
  }

  private typeName(schema: Schema): string {
    const values = valuesOf(schema);
    if (schema.items) return `[]${this.typeName(schema.items)}`;
    if (values) return `map[string]${this.typeName(values)}`;
    if (schema.allOf?.[0] && !schema.properties) return this.typeName(schema.allOf[0]);
    if (schema.$ref) return this.typeName({ ...resolve(this.document, schema), $ref: undefined });
    if (schema.properties) return 'Object';
    if (schema.type === 'object') return 'map[string]';
    return schema.oneOf ? 'string' : (schema.type ?? '');
  }
}
