import { GoFloat } from '../go-float.ts';
import { compareStrings } from '../go-json.ts';
import { goQuote } from '../go-quote.ts';
import { FUNCTIONS, type Parameter } from './functions.ts';
import type { Command, Operand, Pipeline, Statement } from './nodes.ts';
import { showNode } from './nodes.ts';
import { sprint } from './sprintf.ts';
import { isTrue, MISSING, typeOf, unbox, type Value } from './value.ts';

/** A template that failed: `message` is text/template's ExecError. */
export class TemplateError extends Error {}

class Break extends Error {}
class Continue extends Error {}

const MAX_DEPTH = 100_000;

interface Variable {
  name: string;
  value: Value;
}

/** What all templates of one run share. */
interface Run {
  /** The name that the text was parsed under, and the text: for the places that errors name. */
  source: { name: string; text: string };
  templates: Map<string, Statement[]>;
  write(text: string): void;
  /** Whether a key that a map lacks is an error (Option("missingkey=error")). */
  missingKeyFails: boolean;
}

/** The state of one template's execution. */
class Execution {
  private node: Operand | Command | Statement | undefined;

  constructor(
    private readonly run: Run,
    private readonly template: string,
    private readonly variables: Variable[],
    private readonly depth: number,
  ) {}

  walkAll(dot: Value, statements: Statement[]): void {
    for (const statement of statements) this.walk(dot, statement);
  }

  private fail(message: string): never {
    const at = this.node?.position ?? 0;
    const before = this.run.source.text.slice(0, at);
    const lines = before.split('\n');
    const place = `${this.run.source.name}:${lines.length}:${Buffer.byteLength(lines.at(-1)!)}`;
    const context = this.node ? showNode(this.node) : '';
    throw new TemplateError(`template: ${place}: executing ${goQuote(this.template)} at <${context}>: ${message}`);
  }

  private walk(dot: Value, statement: Statement): void {
    this.node = statement;
    switch (statement.kind) {
      case 'text':
        return this.run.write(statement.text);
      case 'action': {
        const value = this.pipeline(dot, statement.pipeline);
        if (statement.pipeline.variables.length === 0) this.print(value);
        return;
      }
      case 'if':
      case 'with':
        return this.branch(dot, statement);
      case 'range':
        return this.range(dot, statement);
      case 'template':
        return this.include(dot, statement);
      case 'break':
        throw new Break();
      case 'continue':
        throw new Continue();
    }
  }

  private print({ data }: Value): void {
    this.run.write(data === undefined ? '<no value>' : sprint([data]));
  }

  /** Runs `body`, whose variables end with it. */
  private scoped(body: () => void): void {
    const mark = this.variables.length;
    try {
      body();
    } finally {
      this.variables.length = mark;
    }
  }

  private branch(
    dot: Value,
    { kind, pipeline, body, otherwise }: Extract<Statement, { kind: 'if' | 'with' | 'range' }>,
  ): void {
    this.scoped(() => {
      const value = this.pipeline(dot, pipeline);
      if (isTrue(value.data)) this.walkAll(kind === 'with' ? value : dot, body);
      else if (otherwise) this.walkAll(dot, otherwise);
    });
  }

  private range(dot: Value, statement: Extract<Statement, { kind: 'if' | 'with' | 'range' }>): void {
    const { pipeline, body, otherwise } = statement;
    this.scoped(() => {
      const value = this.pipeline(dot, pipeline);
      const items = this.itemsOf(value, pipeline);
      if (items.length === 0) {
        if (otherwise) this.walkAll(dot, otherwise);
        return;
      }
      try {
        for (const [key, item] of items) {
          this.scoped(() => {
            this.bind(pipeline, key, item);
            try {
              this.walkAll(item, body);
            } catch (thrown) {
              if (!(thrown instanceof Continue)) throw thrown;
            }
          });
        }
      } catch (thrown) {
        if (!(thrown instanceof Break)) throw thrown;
      }
    });
  }

  private itemsOf({ data }: Value, pipeline: Pipeline): [Value, Value][] {
    if (data === undefined || data === null) return [];
    if (typeof data === 'bigint' || (typeof data === 'number' && Number.isSafeInteger(data))) {
      if (pipeline.variables.length > 1) this.fail(`can't use ${data} to iterate over more than one variable`);
      const at = (index: number) => (typeof data === 'bigint' ? BigInt(index) : index);
      return Array.from({ length: Math.max(0, Number(data)) }, (_, index) => [MISSING, { data: at(index) }]);
    }
    if (Array.isArray(data)) return data.map((item, index) => [{ data: BigInt(index) }, { data: item, boxed: true }]);
    if (typeof data !== 'object' || data instanceof GoFloat) this.fail(`range can't iterate over ${sprint([data])}`);
    return Object.entries(data)
      .sort(([a], [b]) => compareStrings(a, b))
      .map(([key, item]) => [{ data: key }, { data: item, boxed: true }]);
  }

  private bind({ variables, assigns }: Pipeline, key: Value, item: Value): void {
    const values = variables.length > 1 ? [key, item] : [item];
    variables.forEach((name, index) => {
      if (assigns) this.assign(name, values[index]!);
      else this.lookup(name).value = values[index]!;
    });
  }

  private include(dot: Value, statement: Extract<Statement, { kind: 'template' }>): void {
    const body = this.run.templates.get(statement.name);
    if (!body) this.fail(`template ${goQuote(statement.name)} not defined`);
    if (this.depth === MAX_DEPTH) this.fail(`exceeded maximum template depth (${MAX_DEPTH})`);
    const value = statement.pipeline ? this.pipeline(dot, statement.pipeline) : MISSING;
    new Execution(this.run, statement.name, [{ name: '$', value }], this.depth + 1).walkAll(value, body);
  }

  private lookup(name: string): Variable {
    const found = this.variables.findLast((variable) => variable.name === name);
    return found ?? this.fail(`undefined variable: ${name}`);
  }

  private assign(name: string, value: Value): void {
    this.lookup(name).value = value;
  }

  private pipeline(dot: Value, pipeline: Pipeline): Value {
    this.node = pipeline;
    let value: Value | undefined;
    for (const command of pipeline.commands) value = unbox(this.command(dot, command, value));
    for (const name of pipeline.variables) {
      if (pipeline.assigns) this.assign(name, value!);
      else this.variables.push({ name, value: value! });
    }
    return value!;
  }

  private command(dot: Value, command: Command, final: Value | undefined): Value {
    const [first, ...rest] = command.words as [Operand, ...Operand[]];
    switch (first.kind) {
      case 'field':
        this.node = first;
        return this.fields(dot, first.names, rest, final);
      case 'chain':
        return this.chain(dot, first, rest, final);
      case 'identifier':
        this.node = first;
        return this.call(dot, first.name, command, rest, final);
      case 'pipeline':
        this.refuseArguments(first, rest, final);
        return this.pipeline(dot, first);
      case 'variable':
        this.node = first;
        return this.variable(first, rest, final);
    }
    this.node = first;
    this.refuseArguments(first, rest, final);
    if (first.kind === 'nil') return this.fail('nil is not a command');
    return 'value' in first ? { data: first.value } : dot;
  }

  private refuseArguments(first: Operand, rest: Operand[], final: Value | undefined): void {
    if (rest.length > 0 || final) this.fail(`can't give argument to non-function ${showNode(first)}`);
  }

  private variable(node: Extract<Operand, { kind: 'variable' }>, rest: Operand[], final?: Value): Value {
    const { value } = this.lookup(node.name);
    if (node.names.length > 0) return this.fields(value, node.names, rest, final);
    this.refuseArguments(node, rest, final);
    return value;
  }

  private chain(dot: Value, node: Extract<Operand, { kind: 'chain' }>, rest: Operand[], final?: Value): Value {
    this.node = node;
    if (node.operand.kind === 'nil') this.fail(`indirection through explicit nil in ${showNode(node)}`);
    const receiver = this.argument(dot, node.operand);
    return this.fields(receiver, node.names, rest, final);
  }

  private fields(receiver: Value, names: string[], rest: Operand[], final?: Value): Value {
    return names.reduce((value, name, index) => {
      const last = index === names.length - 1;
      return this.field(value, name, last && (rest.length > 0 || final !== undefined));
    }, receiver);
  }

  private field(receiver: Value, name: string, hasArguments: boolean): Value {
    const { data } = receiver;
    if (data === undefined) return MISSING;
    if (data === null) this.fail(`nil pointer evaluating ${typeOf(receiver)}.${name}`);
    if (typeof data !== 'object' || Array.isArray(data) || data instanceof GoFloat) {
      this.fail(`can't evaluate field ${name} in type ${typeOf(receiver)}`);
    }
    if (hasArguments) this.fail(`${name} is not a method but has arguments`);
    if (Object.hasOwn(data, name)) return { data: (data as Record<string, unknown>)[name], boxed: true };
    if (this.run.missingKeyFails) this.fail(`map has no entry for key ${goQuote(name)}`);
    return MISSING;
  }

  /** The value of an argument, whatever its type. */
  private argument(dot: Value, node: Operand): Value {
    this.node = node;
    switch (node.kind) {
      case 'dot':
        return dot;
      case 'nil':
        return MISSING;
      case 'field':
        return this.fields(dot, node.names, []);
      case 'variable':
        return this.variable(node, []);
      case 'pipeline':
        return this.pipeline(dot, node);
      case 'identifier':
        return this.call(dot, node.name, node, [], undefined);
      case 'chain':
        return this.chain(dot, node, []);
      default:
        return { data: node.value };
    }
  }

  private typed(dot: Value, type: Parameter, node: Operand): Value {
    if (type === 'string') {
      if (node.kind === 'nil') this.fail('cannot assign nil to string');
      if (node.kind === 'bool' || node.kind === 'number') {
        this.node = node;
        this.fail(`expected string; found ${showNode(node)}`);
      }
    }
    return this.validate(this.argument(dot, node), type);
  }

  private validate(value: Value, type: Parameter): Value {
    if (type === 'value') return value;
    if (type === 'any' || typeof value.data === 'string') return { data: value.data };
    if (value.data === undefined) this.fail('invalid value; expected string');
    const got = value.data === null ? typeOf(value) : typeOf({ data: value.data });
    return this.fail(`wrong type for value; expected string; got ${got}`);
  }

  private call(dot: Value, name: string, node: Command | Operand, words: Operand[], final: Value | undefined): Value {
    if (name === 'and' || name === 'or') return this.logic(dot, name, words, final);
    if (name === 'call') return this.callValue(dot, node, words);
    const fn = FUNCTIONS[name]!;
    const { parameters, rest } = fn;
    const given = words.length + (final ? 1 : 0);
    if (rest ? given < parameters.length : given !== parameters.length) {
      const want = rest ? `at least ${parameters.length} got ${words.length}` : `${parameters.length} got ${given}`;
      this.fail(`wrong number of args for ${name}: want ${want}`);
    }
    const args = words.map((word, index) => this.typed(dot, parameters[index] ?? rest!, word));
    if (final) args.push(this.validate(final, parameters[words.length] ?? rest!));
    try {
      return fn.call(args);
    } catch (error) {
      this.node = node;
      return this.fail(`error calling ${name}: ${(error as Error).message}`);
    }
  }

  /** JSON holds no functions: `call` can only fail. */
  private callValue(dot: Value, node: Command | Operand, words: Operand[]): never {
    const [callee] = words;
    if (!callee) return this.fail('wrong number of args for call: want at least 1 got 0');
    const { data } = this.argument(dot, callee);
    this.node = node;
    const why =
      data === undefined || data === null
        ? 'call of nil'
        : `non-function ${showNode(callee)} of type ${typeOf({ data })}`;
    return this.fail(`error calling call: ${why}`);
  }

  private logic(dot: Value, name: 'and' | 'or', words: Operand[], final: Value | undefined): Value {
    if (words.length === 0 && !final) this.fail(`wrong number of args for ${name}: want at least 1 got 0`);
    let value = MISSING;
    for (const word of words) {
      value = this.argument(dot, word);
      if (isTrue(value.data) === (name === 'or')) return value;
    }
    return final ?? value;
  }
}

/** Runs the template `run.source.name` on `data`. */
export function execute(run: Run, data: unknown): void {
  const value: Value = { data };
  const body = run.templates.get(run.source.name) ?? [];
  new Execution(run, run.source.name, [{ name: '$', value }], 0).walkAll(value, body);
}
