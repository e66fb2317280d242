import type { JsonValue } from '../go-json.ts';
import { goFloat, goSyntax } from '../go-quote.ts';
import { readDocument, type YamlNode } from './nodes.ts';
import { type Resolved, resolvePlain } from './resolve.ts';
import { YamlProblem } from './scanner.ts';

/** Text that go-yaml refuses; `message` is what sigs.k8s.io/yaml says: "error converting YAML to JSON: yaml: line 3: …". */
export class YamlError extends Error {
  constructor(reason: string, prefix = 'yaml: ') {
    super(`${CONVERSION}${prefix}${reason}`);
  }
}

export interface ParseOptions {
  /** Refuse keys that come twice (UnmarshalStrict); else the last one wins. */
  strict?: boolean;
  /** Whether yes, no, on, off … are booleans: to go-yaml 2 they are (the default), to go-yaml 3 not. */
  oldBooleans?: boolean;
}

const CONTROL = /[^\t\n\r\x20-\x7e\u0085\u00a0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;

/** Reads one YAML document as sigs.k8s.io/yaml does: YAML 1.1 scalars, keys as strings, null for nothing. Rejects with YamlError. */
export async function parseYaml(text: string, options: ParseOptions = {}): Promise<JsonValue> {
  return await Promise.resolve(text).then((read) => readYaml(read, options));
}

const CONVERSION = 'error converting YAML to JSON: ';

/** Why a text is no YAML, without what is said of its conversion: `yaml: line 3: …`; undefined when it is. */
export function yamlProblem(text: string, options: ParseOptions = {}): string | undefined {
  try {
    readYaml(text, options);
    return undefined;
  } catch (error) {
    return (error as Error).message.replace(CONVERSION, '');
  }
}

/** The same, at once; throws YamlError. */
export function readYaml(text: string, options: ParseOptions = {}): JsonValue {
  if (CONTROL.test(text)) throw new YamlError('control characters are not allowed');
  try {
    const document = readDocument(text);
    return document ? new Converter(options).document(document) : null;
  } catch (error) {
    throw error instanceof YamlProblem ? new YamlError(error.message) : error;
  }
}

const goMap = (value: JsonValue): string => goSyntax(value).replaceAll('map[string]', 'map[interface {}]');

/** What a key resolves to, as text: sigs.k8s.io/yaml writes numbers and booleans so. */
function keyText(key: JsonValue, value: JsonValue): string {
  if (typeof key === 'string') return key;
  if (typeof key === 'number' && !Number.isInteger(key)) return goFloat(Math.fround(key));
  if (key === null) {
    const shown = value === null ? '<nil>' : goMap(value);
    throw new YamlError(`unsupported map key of type: %!s(<nil>), key: <nil>, value: ${shown}`, '');
  }
  return String(key);
}

const SHORT_TAG = 'tag:yaml.org,2002:';
const RESOLVED_TAGS = ['bool', 'int', 'float', 'null', 'timestamp'];

class Converter {
  private readonly duplicates: string[] = [];
  private readonly open = new Set<YamlNode>();

  constructor(private readonly options: ParseOptions) {}

  document(node: YamlNode): JsonValue {
    const value = this.value(node);
    if (this.duplicates.length > 0) throw new YamlError(`unmarshal errors:\n  ${this.duplicates.join('\n  ')}`);
    return value;
  }

  private value(node: YamlNode): JsonValue {
    switch (node.kind) {
      case 'scalar':
        return this.scalar(node);
      case 'alias':
        if (this.open.has(node.target)) throw new YamlError(`anchor '${node.name}' value contains itself`);
        return this.value(node.target);
      default: {
        this.open.add(node);
        const value = node.kind === 'sequence' ? node.items.map((item) => this.value(item)) : this.mapping(node.pairs);
        this.open.delete(node);
        return value;
      }
    }
  }

  private scalar({ value: text, tag, implicit }: YamlNode & { kind: 'scalar' }): JsonValue {
    if (tag === '') return implicit ? this.plain(text) : text;
    const short = tag.startsWith(SHORT_TAG) ? tag.slice(SHORT_TAG.length) : '';
    if (short === 'binary') return Buffer.from(text, 'base64').toString();
    if (!RESOLVED_TAGS.includes(short)) return text;
    const resolved = resolvePlain(text);
    if (resolved.tag !== short && !(short === 'float' && resolved.tag === 'int'))
      throw new YamlError(`cannot decode !!${resolved.tag} \`${text}\` as a !!${short}`);
    return jsonOf(resolved);
  }

  private plain(text: string): JsonValue {
    const { oldBooleans = true } = this.options;
    const resolved = resolvePlain(text, oldBooleans);
    // go-yaml 3 makes times of dates.
    const isDate = !oldBooleans && resolved.tag === 'timestamp' && !/[Tt: ]/.test(text);
    if (!isDate) return jsonOf(resolved);
    const [year = 0, month = 0, day = 0] = text.split('-').map(Number);
    return new Date(Date.UTC(year, month - 1, day)).toISOString().replace('.000', '');
  }

  private mapping(pairs: [YamlNode, YamlNode][]): JsonValue {
    const members: Record<string, JsonValue> = {};
    for (const [keyNode, valueNode] of pairs) {
      if (
        keyNode.kind === 'scalar' &&
        keyNode.value === '<<' &&
        (keyNode.implicit || keyNode.tag === `${SHORT_TAG}merge`)
      ) {
        this.merge(valueNode, members);
        continue;
      }
      const key = this.value(keyNode);
      if (key !== null && typeof key === 'object') throw new YamlError(`invalid map key: ${goMap(key)}`);
      const value = this.value(valueNode);
      const name = keyText(key, value);
      if (this.options.strict && Object.hasOwn(members, name))
        this.duplicates.push(`line ${valueNode.line + 1}: key ${JSON.stringify(key)} already set in map`);
      else Object.defineProperty(members, name, { value, enumerable: true, writable: true, configurable: true });
    }
    return members;
  }

  /** Members of the merged maps, earlier ones first; those that the map has itself win only when they come later. */
  private merge(node: YamlNode, into: Record<string, JsonValue>): void {
    const target = node.kind === 'alias' ? node.target : node;
    if (target.kind === 'mapping') Object.assign(into, this.value(node));
    else if (node.kind === 'sequence') for (const item of [...node.items].reverse()) this.mergeItem(item, into);
    else throw new YamlError(NO_MERGE);
  }

  private mergeItem(node: YamlNode, into: Record<string, JsonValue>): void {
    const target = node.kind === 'alias' ? node.target : node;
    if (target.kind !== 'mapping') throw new YamlError(NO_MERGE);
    Object.assign(into, this.value(node));
  }
}

const NO_MERGE = 'map merge requires map or sequence of maps as the value';

function jsonOf(resolved: Resolved): JsonValue {
  if (resolved.tag === 'float' && !Number.isFinite(resolved.value)) {
    throw new Error(`error converting YAML to JSON: json: unsupported value: ${goFloat(resolved.value)}`);
  }
  // Beyond int64, JSON numbers are float64.
  return typeof resolved.value === 'bigint' && resolved.value >= 2n ** 63n ? Number(resolved.value) : resolved.value;
}
