import { GoFloat } from '../go-float.ts';
import { goJson } from '../go-json.ts';
import { goFloat, goType, goValue } from '../go-quote.ts';
import { COMPARISONS } from './compare.ts';
import type { JsonPathNode, ListNode } from './nodes.ts';
import { parseJsonPath } from './parse.ts';

export interface JsonPathOptions {
  /** Nothing instead of an error where a field is missing; kubectl's default is true for -o jsonpath. */
  allowMissingKeys?: boolean;
  /** `-o jsonpath-as-json`: each result is an indented JSON array. */
  asJson?: boolean;
}

/** What children a value has; a string's are its bytes. */
function children(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  if (typeof value === 'string') return [...Buffer.from(value)];
  return value !== null && typeof value === 'object' ? Object.values(value) : [];
}

const isNothing = (value: unknown): value is null | undefined => value === null || value === undefined;

function sliceOf(items: unknown[], node: Extract<JsonPathNode, { kind: 'slice' }>): unknown[] {
  const { length } = items;
  let start = node.start ?? 0;
  if (start < 0) start += length;
  let end = node.end ?? length;
  if (end < 0 || (end === 0 && node.single)) end += length;
  if (end === start) return [];
  const outOfBounds = (index: number) => new Error(`array index out of bounds: index ${index}, length ${length}`);
  if (start >= length || start < 0) throw outOfBounds(start);
  if (end > length || end < 0) throw outOfBounds(end - 1);
  if (start > end) throw new Error(`starting index ${start} is greater than ending index ${end}`);
  const step = node.step ?? 1;
  if (step <= 0) throw new Error('step must be > 0');
  return items.slice(start, end).filter((_, index) => index % step === 0);
}

/** One run of a template over a value: ranges keep their state here. */
class Evaluation {
  private begun = 0;
  private depth = 0;
  private ended = 0;
  private lastEnd = -1;

  constructor(
    private readonly nodes: JsonPathNode[],
    private readonly allowMissingKeys: boolean,
  ) {}

  /** The results of each node from `from` on; a nested range runs the nodes up to its end for each of its values. */
  find(data: unknown, from: number): unknown[][] {
    const all: unknown[][] = [];
    for (let at = from; at < this.nodes.length; at++) {
      const results = this.walk([data], this.nodes[at]!);
      if (this.ended > 0 && this.ended <= this.depth) {
        this.ended--;
        this.lastEnd = at;
        break;
      }
      if (this.begun === 0) {
        all.push(results);
        continue;
      }
      this.begun--;
      this.depth++;
      for (const value of results) all.push(...this.find(value, at + 1));
      if (results.length === 0) this.find(undefined, at + 1);
      this.depth--;
      if (this.lastEnd > at) at = this.lastEnd;
    }
    return all;
  }

  private walk(input: unknown[], node: JsonPathNode): unknown[] {
    switch (node.kind) {
      case 'list':
        return node.nodes.reduce((values, each) => this.walk(values, each), input);
      case 'literal':
        return typeof node.value === 'string' ? [node.value] : input.map(() => node.value);
      case 'field':
        return this.field(input, node.name);
      case 'slice':
        return input.flatMap((value) => {
          if (isNothing(value)) return [];
          if (!Array.isArray(value)) throw new Error(`${goType(value)} is not array or slice`);
          return sliceOf(value, node);
        });
      case 'filter':
        return input.flatMap((value) => this.filter(value, node));
      case 'wildcard':
        return input.flatMap(children);
      case 'recursive':
        return input.flatMap((value) => this.descendants(value));
      case 'union':
        return node.lists.flatMap((list) => this.walk(input, list));
      case 'identifier':
        return this.identifier(input, node.name);
    }
  }

  private identifier(input: unknown[], name: string): unknown[] {
    if (name === 'range') {
      this.begun++;
      return input;
    }
    if (name !== 'end') throw new Error(`unrecognized identifier ${name}`);
    if (this.depth === 0) throw new Error('not in range, nothing to end');
    this.ended++;
    return [];
  }

  private field(input: unknown[], name: string): unknown[] {
    if (input.length === 0) return [];
    const results = input.flatMap((value) => {
      if (isNothing(value) || typeof value !== 'object' || Array.isArray(value) || !Object.hasOwn(value, name))
        return [];
      return [(value as Record<string, unknown>)[name]];
    });
    if (results.length === 0 && !this.allowMissingKeys) throw new Error(`${name} is not found`);
    return results;
  }

  private descendants(value: unknown): unknown[] {
    const below = children(value);
    return below.length === 0 ? [] : [value, ...below.flatMap((child) => this.descendants(child))];
  }

  private filter(value: unknown, node: Extract<JsonPathNode, { kind: 'filter' }>): unknown[] {
    if (!Array.isArray(value)) throw new Error(`${goValue(value)} is not array or slice and cannot be filtered`);
    return value.filter((item) => {
      if (node.operator === 'exists') return this.exists(item, node.left);
      const lefts = this.walk([item], node.left);
      if (lefts.length === 0) return false;
      if (lefts.length > 1) throw new Error('can only compare one element at a time');
      const rights = this.walk([item], node.right);
      if (rights.length === 0) return false;
      if (rights.length > 1) throw new Error('can only compare one element at a time');
      const compare = COMPARISONS[node.operator];
      if (!compare) throw new Error(`unrecognized filter operator ${node.operator}`);
      return compare(lefts[0], rights[0]);
    });
  }

  private exists(item: unknown, path: ListNode): boolean {
    try {
      return this.walk([item], path).length > 0;
    } catch {
      return false;
    }
  }
}

/** kubectl's JSONPath (k8s.io/client-go/util/jsonpath): a template of text and `{…}` actions. */
export class JsonPath {
  private readonly nodes: JsonPathNode[];

  /** Throws an Error with client-go's message when `template` cannot be read. */
  constructor(
    readonly template: string,
    private readonly options: JsonPathOptions = {},
  ) {
    this.nodes = parseJsonPath(template);
  }

  /** The values that each node of the template finds. */
  find(data: unknown): unknown[][] {
    return new Evaluation(this.nodes, this.options.allowMissingKeys ?? false).find(data, 0);
  }

  /** The text that the template makes of `data`; throws an Error with client-go's message. */
  execute(data: unknown): string {
    return this.find(data)
      .map((results) => this.print(results))
      .join('');
  }

  private print(results: unknown[]): string {
    if (this.options.asJson) return `${goJson(results, { indent: '    ', sortKeys: true })}\n`;
    return results.map(printValue).join(' ');
  }
}

/** One result as text: strings as they are, maps and arrays as JSON. */
function printValue(value: unknown): string {
  if (isNothing(value)) return 'null';
  if (value instanceof GoFloat) return goFloat(value.value);
  return typeof value === 'object' ? goJson(value, { sortKeys: true }) : goValue(value);
}

const RELAXED = /^\{\.?([^{}]+)\}$|^\.?([^{}]+)$/;

/** kubectl's relaxed paths (custom-columns, --sort-by): `x.y`, `.x.y`, `{x.y}` and `{.x.y}` all mean `{.x.y}`. */
export function relaxedJsonPath(expression: string): string {
  if (expression === '') return expression;
  const parts = RELAXED.exec(expression);
  if (!parts) {
    throw new Error(
      "unexpected path string, expected a 'name1.name2' or '.name1.name2' or '{name1.name2}' or '{.name1.name2}'",
    );
  }
  return `{.${parts[1] ?? parts[2]}}`;
}
