import type { Node, Pattern } from './ast.ts';
import { BUILTINS, DEFINED } from './builtins.ts';
import { CompileError } from './parser.ts';

/** Names that a part of a program can use. */
interface Names {
  functions: ReadonlySet<string>;
  variables: ReadonlySet<string>;
  labels: ReadonlySet<string>;
}

function namesIn(pattern: Pattern): string[] {
  if ('variable' in pattern) return [pattern.variable];
  if ('items' in pattern) return pattern.items.flatMap(namesIn);
  return pattern.entries.flatMap(({ variable, pattern: inner }) => [
    ...(variable ? [variable] : []),
    ...(inner ? namesIn(inner) : []),
  ]);
}

const withVariables = (names: Names, more: string[]): Names => ({
  ...names,
  variables: new Set([...names.variables, ...more]),
});
const withFunctions = (names: Names, more: string[]): Names => ({
  ...names,
  functions: new Set([...names.functions, ...more]),
});

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && 'kind' in value;

/** The programs that are part of one. */
function partsOf(value: unknown): Node[] {
  if (isNode(value)) return [value];
  return Array.isArray(value) ? value.flatMap(partsOf) : [];
}

/** Refuses a program that uses what is not there, as jq does before it runs; throws CompileError. */
export function check(node: Node, names: Names): void {
  const all = (list: unknown, own = names) => {
    for (const part of partsOf(list)) check(part, own);
  };
  switch (node.kind) {
    case 'variable':
      if (!names.variables.has(node.name)) throw new CompileError(`$${node.name} is not defined`);
      return;
    case 'call': {
      const key = `${node.name}/${node.args.length}`;
      if (!names.functions.has(key) && !BUILTINS[key] && !DEFINED()[key])
        throw new CompileError(`${key} is not defined`);
      all(node.args);
      return;
    }
    case 'break':
      if (!names.labels.has(node.name)) throw new CompileError(`$*label-${node.name} is not defined`);
      return;
    case 'label':
      check(node.body, { ...names, labels: new Set([...names.labels, node.name]) });
      return;
    case 'bind':
      check(node.source, names);
      check(node.body, withVariables(names, node.patterns.flatMap(namesIn)));
      return;
    case 'reduce':
    case 'foreach': {
      const own = withVariables(names, namesIn(node.pattern));
      all([node.source, node.initial]);
      all([node.update, ...(node.kind === 'foreach' ? [node.extract] : [])], own);
      return;
    }
    case 'define': {
      const { name, parameters, body } = node.definition;
      const own = withFunctions(names, [`${name}/${parameters.length}`]);
      const plain = parameters.map((parameter) => parameter.replace(/^\$/, ''));
      const inner = withFunctions(
        own,
        plain.map((parameter) => `${parameter}/0`),
      );
      const values = parameters.filter((parameter) => parameter.startsWith('$')).map((parameter) => parameter.slice(1));
      check(body, withVariables(inner, values));
      check(node.body, own);
      return;
    }
    case 'literal':
      return;
    default:
      for (const part of Object.values(node)) all(part);
  }
}
