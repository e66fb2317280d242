import type { Alias, Document, Node, Pair, Scalar, YAMLMap, YAMLSeq } from 'yaml';
import type { JsonValue } from '../go-json.ts';
import { goFloat, goSyntax } from '../go-quote.ts';
import { rewordSyntaxError } from './errors.ts';
import { type Resolved, resolvePlain } from './resolve.ts';

/** Text that go-yaml refuses; `message` is what sigs.k8s.io/yaml says: "error converting YAML to JSON: yaml: line 3: …". */
export class YamlError extends Error {
  constructor(reason: string) {
    super(`error converting YAML to JSON: yaml: ${reason}`);
  }
}

export interface ParseOptions {
  /** Refuse keys that come twice (UnmarshalStrict); else the last one wins. */
  strict?: boolean;
  /** Whether yes, no, on, off … are booleans: to go-yaml 2 they are (the default), to go-yaml 3 not. */
  oldBooleans?: boolean;
}

type Yaml = typeof import('yaml');

/** Reads one YAML document as sigs.k8s.io/yaml does: YAML 1.1 scalars, keys as strings, null for nothing. Throws YamlError. */
export async function parseYaml(text: string, options: ParseOptions = {}): Promise<JsonValue> {
  const control = /[^\t\n\r\x20-\x7e\u0085\u00a0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u.exec(text);
  if (control) throw new YamlError('control characters are not allowed');
  const yaml = await import('yaml');
  const [document] = yaml.parseAllDocuments(text, {
    version: '1.1',
    schema: 'failsafe',
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'silent',
  }) as Document.Parsed[];
  const [error] = document?.errors ?? [];
  if (error) throw new YamlError(rewordSyntaxError(text, error));
  if (!document?.contents) return null;
  return new Converter(yaml, document, text, options).document();
}

/** What a key resolves to, as text: sigs.k8s.io/yaml writes numbers and booleans so. */
function keyText(key: JsonValue): string {
  if (typeof key === 'string') return key;
  if (typeof key === 'number' && !Number.isInteger(key)) return goFloat(Math.fround(key));
  if (key === null) throw new YamlError('unsupported map key of type: %!s(<nil>), key: <nil>, value: <nil>');
  return String(key);
}

const SHORT_TAG = 'tag:yaml.org,2002:';

class Converter {
  private readonly duplicates: string[] = [];
  private readonly open = new Set<unknown>();

  constructor(
    private readonly yaml: Yaml,
    private readonly parsed: Document.Parsed,
    private readonly text: string,
    private readonly options: ParseOptions,
  ) {}

  document(): JsonValue {
    const value = this.value(this.parsed.contents);
    if (this.duplicates.length > 0) throw new YamlError(`unmarshal errors:\n  ${this.duplicates.join('\n  ')}`);
    return value;
  }

  private value(node: unknown): JsonValue {
    if (node === null || node === undefined) return null;
    if (this.yaml.isAlias(node)) return this.alias(node);
    if (this.yaml.isScalar(node)) return this.scalar(node);
    this.open.add(node);
    const items = (node as YAMLSeq).items;
    const value = this.yaml.isSeq(node) ? items.map((item) => this.value(item)) : this.mapping(node as YAMLMap);
    this.open.delete(node);
    return value;
  }

  private alias(alias: Alias): JsonValue {
    const target = alias.resolve(this.parsed);
    if (!target) throw new YamlError(`unknown anchor '${alias.source}' referenced`);
    if (this.open.has(target)) throw new YamlError(`anchor '${alias.source}' value contains itself`);
    return this.value(target);
  }

  private scalar(scalar: Scalar): JsonValue {
    const text = String(scalar.value ?? '');
    const tag = scalar.tag?.startsWith(SHORT_TAG) ? scalar.tag.slice(SHORT_TAG.length) : undefined;
    if (tag === 'str' || scalar.tag === '!') return text;
    if (tag === 'binary') return Buffer.from(text, 'base64').toString();
    const plain = scalar.type === 'PLAIN' || scalar.type === undefined || scalar.value === null;
    if (!tag || scalar.tag === undefined) return plain && !scalar.tag ? this.plain(text) : text;
    const resolved = resolvePlain(text);
    const fits = resolved.tag === tag || (tag === 'float' && resolved.tag === 'int');
    if (!fits && ['bool', 'int', 'float', 'null', 'timestamp'].includes(tag)) {
      throw new YamlError(`cannot decode !!${resolved.tag} \`${text}\` as a !!${tag}`);
    }
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

  private mapping(map: YAMLMap): JsonValue {
    const members: Record<string, JsonValue> = {};
    for (const pair of map.items as Pair<Node | null, Node | null>[]) {
      if (this.isMerge(pair.key)) {
        this.merge(pair.value, members);
        continue;
      }
      const key = this.value(pair.key);
      if (key !== null && typeof key === 'object') {
        throw new YamlError(`invalid map key: ${goSyntax(key).replaceAll('map[string]', 'map[interface {}]')}`);
      }
      const name = keyText(key);
      if (this.options.strict && Object.hasOwn(members, name)) {
        this.duplicates.push(
          `line ${this.lineOf(pair.value ?? pair.key)}: key ${JSON.stringify(key)} already set in map`,
        );
        continue;
      }
      const value = this.value(pair.value);
      Object.defineProperty(members, name, { value, enumerable: true, writable: true, configurable: true });
    }
    return members;
  }

  private isMerge(key: unknown): boolean {
    return this.yaml.isScalar(key) && key.value === '<<' && (!key.tag || key.tag === `${SHORT_TAG}merge`);
  }

  /** Members of the merged maps, earlier ones first; those that the map has itself win only when they come later. */
  private merge(node: Node | null, into: Record<string, JsonValue>): void {
    const target = this.yaml.isAlias(node) ? node.resolve(this.parsed) : node;
    if (this.yaml.isMap(target)) Object.assign(into, this.value(target));
    else if (this.yaml.isSeq(target)) {
      for (const item of [...target.items].reverse()) this.merge(item as Node, into);
    } else throw new YamlError('map merge requires map or sequence of maps as the value');
  }

  private lineOf(node: Node | null): number {
    return this.text.slice(0, node?.range?.[0] ?? 0).split('\n').length;
  }
}

function jsonOf(resolved: Resolved): JsonValue {
  if (resolved.tag === 'float' && !Number.isFinite(resolved.value)) {
    throw new Error(`error converting YAML to JSON: json: unsupported value: ${goFloat(resolved.value)}`);
  }
  // Beyond int64, JSON numbers are float64.
  return typeof resolved.value === 'bigint' && resolved.value >= 2n ** 63n ? Number(resolved.value) : resolved.value;
}
