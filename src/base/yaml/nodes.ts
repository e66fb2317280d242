import { Scanner, type Token, type TokenType, YamlProblem } from './scanner.ts';

/** A node of a document; lines count from 0. */
export type YamlNode =
  | { kind: 'scalar'; line: number; value: string; tag: string; implicit: boolean }
  | { kind: 'sequence'; line: number; items: YamlNode[] }
  | { kind: 'mapping'; line: number; pairs: [key: YamlNode, value: YamlNode][] }
  | { kind: 'alias'; line: number; target: YamlNode; name: string };

const DEFAULT_TAGS: [string, string][] = [
  ['!', '!'],
  ['!!', 'tag:yaml.org,2002:'],
];

/** The first document of a text as go-yaml 2 reads it, undefined when there is none; what follows it is not looked at. Throws YamlProblem. */
export const readDocument = (text: string): YamlNode | undefined => new DocumentReader(new Scanner(text)).read();

/** libyaml's parser, and go-yaml's over it. */
class DocumentReader {
  private readonly tags = new Map<string, string>();
  private readonly anchors = new Map<string, YamlNode>();

  constructor(private readonly scanner: Scanner) {}

  read(): YamlNode | undefined {
    if (this.is('stream-end')) return undefined;
    if (!this.is('version', 'tag-directive', 'document-start')) {
      this.directives();
      return this.ended(this.node(true, false));
    }
    this.directives();
    if (!this.is('document-start')) this.fail('did not find expected <document start>');
    this.scanner.next();
    const isEmpty = this.is('version', 'tag-directive', 'document-start', 'document-end', 'stream-end');
    return this.ended(isEmpty ? this.empty(this.scanner.peek().line) : this.node(true, false));
  }

  /** The document's end must be seen: what stands there may be none of YAML. */
  private ended(node: YamlNode): YamlNode {
    this.scanner.peek();
    return node;
  }

  private is(...types: TokenType[]): boolean {
    return types.includes(this.scanner.peek().type);
  }

  /** A parser's failure is told by the line before, and by where it began when that is the first. */
  private fail(problem: string, since = 0, { line } = this.scanner.peek()): never {
    throw new YamlProblem(problem, line || since);
  }

  private directives(): void {
    let version = false;
    for (; this.is('version', 'tag-directive'); this.scanner.next()) {
      const { type, value, suffix } = this.scanner.peek();
      if (type === 'version') {
        if (version) this.fail('found duplicate %YAML directive');
        if (value !== '1.1') this.fail('found incompatible YAML document');
        version = true;
      } else {
        if (this.tags.has(value)) this.fail('found duplicate %TAG directive');
        this.tags.set(value, suffix);
      }
    }
    for (const [handle, prefix] of DEFAULT_TAGS) if (!this.tags.has(handle)) this.tags.set(handle, prefix);
  }

  private empty(line: number): YamlNode {
    return { kind: 'scalar', line, value: '', tag: '', implicit: true };
  }

  private node(block: boolean, indentless: boolean): YamlNode {
    const { line } = this.scanner.peek();
    if (this.is('alias')) {
      const name = this.scanner.next().value;
      const target = this.anchors.get(name);
      if (!target) throw new YamlProblem(`unknown anchor '${name}' referenced`);
      return { kind: 'alias', line, target, name };
    }
    let anchor: Token | undefined;
    let given: Token | undefined;
    const takeAnchor = () => {
      if (this.is('anchor')) anchor = this.scanner.next();
    };
    takeAnchor();
    if (this.is('tag')) given = this.scanner.next();
    if (given && !anchor) takeAnchor();
    const tag = given ? this.tagOf(given, line) : '';
    const named = <T extends YamlNode>(node: T): T => {
      if (anchor) this.anchors.set(anchor.value, node);
      return node;
    };
    const { type, value, plain } = this.scanner.peek();
    if (indentless && type === 'block-entry')
      return this.indentlessSequence(named({ kind: 'sequence', line, items: [] }));
    if (type === 'scalar') {
      this.scanner.next();
      const implicit = (tag === '' && plain) || tag === '!';
      return named({ kind: 'scalar', line, value, tag, implicit });
    }
    if (type === '[') return this.flowSequence(named({ kind: 'sequence', line, items: [] }));
    if (type === '{') return this.flowMapping(named({ kind: 'mapping', line, pairs: [] }));
    if (block && type === 'block-sequence') return this.blockSequence(named({ kind: 'sequence', line, items: [] }));
    if (block && type === 'block-mapping') return this.blockMapping(named({ kind: 'mapping', line, pairs: [] }));
    if (anchor || tag) return named({ kind: 'scalar', line, value: '', tag, implicit: tag === '' });
    this.fail('did not find expected node content', line);
  }

  private tagOf({ value, suffix, line }: Token, since: number): string {
    if (value === '') return suffix;
    const prefix = this.tags.get(value);
    if (prefix === undefined) throw new YamlProblem('found undefined tag handle', line || since);
    return prefix + suffix;
  }

  private blockSequence(node: YamlNode & { kind: 'sequence' }): YamlNode {
    const start = this.scanner.next();
    while (this.is('block-entry')) {
      const { endLine } = this.scanner.next();
      node.items.push(this.is('block-entry', 'block-end') ? this.empty(endLine) : this.node(true, false));
    }
    if (!this.is('block-end')) this.fail("did not find expected '-' indicator", start.line);
    this.scanner.next();
    return node;
  }

  private indentlessSequence(node: YamlNode & { kind: 'sequence' }): YamlNode {
    while (this.is('block-entry')) {
      const { endLine } = this.scanner.next();
      const isEmpty = this.is('block-entry', 'key', 'value', 'block-end');
      node.items.push(isEmpty ? this.empty(endLine) : this.node(true, false));
    }
    return node;
  }

  private blockMapping(node: YamlNode & { kind: 'mapping' }): YamlNode {
    const start = this.scanner.next();
    const part = (): YamlNode => {
      const { endLine } = this.scanner.next();
      return this.is('key', 'value', 'block-end') ? this.empty(endLine) : this.node(true, true);
    };
    while (this.is('key')) {
      const key = part();
      node.pairs.push([key, this.is('value') ? part() : this.empty(this.scanner.peek().line)]);
    }
    if (!this.is('block-end')) this.fail('did not find expected key', start.line);
    this.scanner.next();
    return node;
  }

  private flowSequence(node: YamlNode & { kind: 'sequence' }): YamlNode {
    const start = this.scanner.next();
    for (let first = true; !this.is(']'); first = false) {
      if (!first) {
        if (!this.is('flow-entry')) this.fail("did not find expected ',' or ']'", start.line);
        this.scanner.next();
        if (this.is(']')) break;
      }
      if (!this.is('key')) {
        node.items.push(this.node(false, false));
        continue;
      }
      const { line } = this.scanner.next();
      node.items.push({ kind: 'mapping', line, pairs: [this.flowPair()] });
    }
    this.scanner.next();
    return node;
  }

  /** The one pair of a mapping that stands in a sequence without braces. */
  private flowPair(): [YamlNode, YamlNode] {
    let key: YamlNode;
    if (this.is('value', 'flow-entry', ']')) key = this.empty(this.scanner.next().endLine);
    else key = this.node(false, false);
    return [key, this.flowValue(']')];
  }

  private flowValue(end: ']' | '}'): YamlNode {
    if (!this.is('value')) return this.empty(this.scanner.peek().line);
    this.scanner.next();
    return this.is('flow-entry', end) ? this.empty(this.scanner.peek().line) : this.node(false, false);
  }

  private flowMapping(node: YamlNode & { kind: 'mapping' }): YamlNode {
    const start = this.scanner.next();
    for (let first = true; !this.is('}'); first = false) {
      if (!first) {
        if (!this.is('flow-entry')) this.fail("did not find expected ',' or '}'", start.line);
        this.scanner.next();
        if (this.is('}')) break;
      }
      if (!this.is('key')) {
        node.pairs.push([this.node(false, false), this.empty(this.scanner.peek().line)]);
        continue;
      }
      this.scanner.next();
      const { line } = this.scanner.peek();
      const key = this.is('value', 'flow-entry', '}') ? this.empty(line) : this.node(false, false);
      node.pairs.push([key, this.flowValue('}')]);
    }
    this.scanner.next();
    return node;
  }
}
