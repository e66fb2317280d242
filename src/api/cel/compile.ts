import { formOf, isRootDot, type Node, Positions } from './ast.ts';
import { Checker, checkMacros, childrenOf, macroOf } from './check.ts';
import { estimateCost, type SizeOf } from './cost.ts';
import { type CelEnvironment, createEnvironment, optional } from './environment.ts';
import { CelCompileError, CelRuntimeError, type Issue, showIssues } from './issues.ts';
import { REPLACED } from './library/strings.ts';
import { checkLiterals } from './literals.ts';
import { type MacroNode, presenceTest } from './macros.ts';
import { RESERVED } from './reserved.ts';
import { runtimeMessage } from './runtime-errors.ts';
import { checkSyntax } from './syntax.ts';
import { type Token, tokenize } from './tokens.ts';
import type { CelType } from './types.ts';
import type { CelTimes } from './values.ts';

/** An expression that is known to be right. */
export interface Program {
  type: CelType;
  /** The variables that it reads. */
  names: ReadonlySet<string>;
  /** The value with these variables, as `fromJson` gives them; throws CelRuntimeError. */
  evaluate(variables: Readonly<Record<string, unknown>>): unknown;
  /** The highest cost that it can come to, with variables of these sizes. */
  cost(sizeOf: SizeOf): number;
}

let environment: CelEnvironment | undefined;

export const times: CelTimes = {
  duration(text) {
    environment ??= createEnvironment();
    return environment.runtime.evaluate('duration(text)', { text });
  },
  optional,
};

const stopAt = (source: string, issues: readonly Issue[]): void => {
  if (issues.length > 0) throw new CelCompileError(`compilation failed: ${showIssues(source, issues)}`);
};

/** Compiles an expression in which these variables may be named; throws CelCompileError. */
export function compile(source: string, variables: ReadonlyMap<string, CelType>): Program {
  environment ??= createEnvironment();
  const issues: Issue[] = [];
  const tokens = tokenize(source, issues);
  checkSyntax(tokens, (from, to) => readable(source, issues, from, to), issues);
  for (const [index, token] of tokens.entries()) {
    if (token.kind === 'IDENTIFIER' && RESERVED.has(token.text) && tokens[index - 1]?.kind !== "'.'")
      issues.push({ offset: token.start, message: `reserved identifier: ${token.text}` });
    if (token.kind === 'NUM_INT' && isTooBig(token.text, tokens[index - 1]?.kind === "'-'"))
      issues.push({ offset: token.start, message: 'invalid int literal' });
  }
  stopAt(source, issues);
  const plain = withoutRoots(source, tokens);
  const program = parse(environment, plain, tokens);
  const root = program.ast as unknown as Node;
  const at = new Positions(tokens);
  checkMacros(root, at, issues);
  stopAt(source, issues);
  const scope = { variables: new Map([...environment.variables, ...variables]), functions: environment.functions };
  const checker = new Checker(scope, at, issues);
  const type = checker.check(root);
  stopAt(source, issues);
  checkLiterals(root, at, checker.typeAt, issues);
  stopAt(source, issues);
  instantiate(environment, plain, root);
  adapt(root);
  const { extensions } = environment;
  return {
    type,
    names: checker.names,
    cost: (sizeOf) => estimateCost(root, checker.typeAt, sizeOf),
    evaluate(values) {
      try {
        return program(values);
      } catch (error) {
        throw new CelRuntimeError(runtimeMessage(error, extensions));
      }
    },
  };
}

/** A part of the source without what the lexer has left out. */
const readable = (source: string, issues: readonly Issue[], from: number, to: number): string =>
  [...source.slice(from, to)]
    .filter(
      (_, index) => !issues.some(({ offset, length = 0 }) => from + index >= offset && from + index < offset + length),
    )
    .join('');

/** The source without the dots before names of the root container: the library does not know them, and there is no other. */
function withoutRoots(source: string, tokens: readonly Token[]): string {
  const roots = tokens.filter((_, index) => isRootDot(tokens, index));
  return roots.reduce((text, { start }) => `${text.slice(0, start)} ${text.slice(start + 1)}`, source);
}

const isTooBig = (text: string, negative: boolean): boolean => BigInt(text) > 2n ** 63n - (negative ? 0n : 1n);

function parse({ runtime }: CelEnvironment, source: string, tokens: readonly Token[]) {
  // Kubernetes declares no messages.
  for (const [index, { kind, text }] of tokens.entries()) {
    const brace = tokens[index + 1];
    if (kind === 'IDENTIFIER' && brace?.kind === "'{'")
      stopAt(source, [{ offset: brace.start, message: `undeclared reference to '${text}' (in container '')` }]);
  }
  try {
    return runtime.parse(source);
  } catch (error) {
    const { summary = String(error) } = error as { summary?: string };
    throw new CelCompileError(`compilation failed: kubemu does not know this form of expression: ${summary}`);
  }
}

const CONVERSIONS = new Set(['bool', 'bytes', 'double', 'duration', 'int', 'string', 'timestamp', 'uint']);

/** Conversions and regular expressions of literals are done when a program is made. */
function instantiate(cel: CelEnvironment, source: string, node: Node): void {
  const form = formOf(node);
  for (const child of childrenOf(form)) instantiate(cel, source, child);
  if (form.is !== 'call') return;
  const argument = form.args[0] && formOf(form.args[0]);
  const constant = argument?.is === 'value' || (argument?.is === 'call' && argument.name === '-_');
  const ready =
    (CONVERSIONS.has(form.name) && !form.receiver) ||
    ((form.name === 'find' || form.name === 'findAll') && form.receiver);
  if (!constant || !ready) return;
  try {
    cel.runtime.evaluate(
      form.receiver
        ? `''.${source.slice(form.args[0]!.start - form.name.length - 1, node.end)}`
        : source.slice(node.start, node.end),
    );
  } catch (error) {
    throw new CelCompileError(`program instantiation failed: ${runtimeMessage(error, cel.extensions)}`);
  }
}

type Handle = (...args: unknown[]) => unknown;

const LIST_INDEX: Record<string, (index: unknown) => string | undefined> = {
  string: () => "type 'string'",
  boolean: () => "type 'bool'",
  number: (index) => (Number.isInteger(index) ? undefined : `value ${String(index)}`),
};

/** Lists have no other elements than those with whole numbers, where the library looks for any key. It sets `handle` when it runs. */
function checkIndex(node: { handle?: Handle }): void {
  let { handle } = node;
  const checked: Handle = (list, index, ...rest) => {
    const wrong = Array.isArray(list) && LIST_INDEX[typeof index]?.(index);
    if (wrong) throw new CelRuntimeError(`unsupported index ${wrong} in list`);
    return handle!(list, index, ...rest);
  };
  Object.defineProperty(node, 'handle', {
    get: () => checked,
    set: (given: Handle) => {
      handle = given;
    },
  });
}

/** Makes the library evaluate as Kubernetes does. */
function adapt(node: Node): void {
  const form = formOf(node);
  for (const child of childrenOf(form)) adapt(child);
  if (node.op === '[]') checkIndex(node as unknown as { handle?: Handle });
  if (form.is !== 'call') return;
  if (macroOf(form) === 'has') presenceTest(node as unknown as MacroNode);
  const replaced = REPLACED[form.name];
  if (replaced) (node.args as [string])[0] = replaced;
}
