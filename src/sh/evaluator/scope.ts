import type { Word } from '../syntax/ast.ts';
import { DECLARATIONS } from '../syntax/parser.ts';
import { ArithmeticError } from './arithmetic.ts';
import type { Evaluation } from './evaluation.ts';
import {
  type Expandable,
  ExpansionError,
  type ExpansionScope,
  expandAll,
  expandTexts,
  expandWords,
  NeedsSubstitution,
} from './expand.ts';
import type { Frame, Place, Task } from './state.ts';

/** A command's expansions could not be made: the script is over, with this status. */
export class ExpansionFailed extends Error {}

/**
 * Does `expand` with what substitutions have answered so far. When one is missing, starts it (its output will be in
 * `frame.results`) and answers undefined: call again once the frame is on top again. Assignments count only when all is there.
 */
function withSubstitutions<T>(
  evaluation: Evaluation,
  task: Task,
  frame: Frame & { at: Place; results?: string[] },
  expand: (scope: ExpansionScope) => T,
): T | undefined {
  frame.results ??= [];
  const assigned = new Map<string, string>();
  const scope: ExpansionScope = {
    get: (name) => assigned.get(name) ?? evaluation.get(task, name),
    set: (name, value) => void assigned.set(name, value),
    variables: task.variables,
    args: task.args,
    results: frame.results,
    unsetIsError: task.options.includes('u'),
    noGlob: task.options.includes('f'),
    braces: evaluation.outside.flavour === 'bash',
    cwd: task.cwd,
    files: evaluation.machine.files,
  };
  try {
    const result = expand(scope);
    for (const [name, value] of assigned) evaluation.set(task, name, value);
    delete frame.results;
    return result;
  } catch (error) {
    if (error instanceof NeedsSubstitution) {
      capture(evaluation, task, [frame.at[0], error.body], error.file);
      return undefined;
    }
    if (!(error instanceof ExpansionError) && !(error instanceof ArithmeticError)) throw error;
    const { flavour } = evaluation.outside;
    const text = error instanceof ArithmeticError ? arithmeticMessage(error.message, flavour) : error.message;
    evaluation.complain(task, text, evaluation.node(frame.at).line);
    throw new ExpansionFailed();
  }
}

function arithmeticMessage(message: string, flavour: string): string {
  if (flavour === 'bash') return message === 'divide by zero' ? 'division by 0' : message;
  return flavour === 'busybox'
    ? message.replace('syntax error', 'arithmetic syntax error')
    : `arithmetic expression: ${message}`;
}

function capture(evaluation: Evaluation, task: Task, body: Place, file: boolean): void {
  const pipe = evaluation.pipe();
  const child = evaluation.fork(task, [{ kind: 'list', at: body, next: 0 }], {
    1: { kind: 'pipe', id: pipe, end: 'write' },
  });
  for (const [fd, descriptor] of Object.entries(child.descriptors)) {
    if (descriptor.kind === 'pipe' && descriptor.id === pipe && descriptor.end === 'read')
      delete child.descriptors[Number(fd)];
  }
  task.frames.push({ kind: 'capture', pid: child.pid, pipe, text: '', ...(file && { file }) });
}

type Expanding = Frame & { at: Place; results?: string[] };

/** Words as arguments, split and globbed; undefined while a substitution runs. */
export const expandArguments = (
  evaluation: Evaluation,
  task: Task,
  frame: Expanding,
  words: Word[],
): string[] | undefined => withSubstitutions(evaluation, task, frame, (scope) => expandWords(words, scope));

/** Words each as one text; undefined while a substitution runs. */
export const expandEach = (
  evaluation: Evaluation,
  task: Task,
  frame: Expanding,
  words: { word: Word; pattern?: boolean }[],
): string[] | undefined => withSubstitutions(evaluation, task, frame, (scope) => expandTexts(words, scope));

/** A whole simple command at once, so that its substitutions run in order. */
export const expandCommand = (
  evaluation: Evaluation,
  task: Task,
  frame: Expanding,
  parts: Expandable<Word>,
): Expandable<string> | undefined =>
  withSubstitutions(evaluation, task, frame, (scope) =>
    expandAll(parts, { ...scope, declares: declares(parts.words) && evaluation.outside.flavour !== 'dash' }),
  );

const declares = ([word]: Word[]) => word?.[0]?.kind === 'text' && DECLARATIONS.has(word[0].text);
