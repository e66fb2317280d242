import type { FileSystem } from '../process.ts';
import type { ConditionWord } from '../syntax/ast.ts';
import { fillArray } from './arrays.ts';
import { absolute, type Evaluation } from './evaluation.ts';
import { matches, unquotePattern } from './pattern.ts';
import type { Task } from './state.ts';

/** What tests look at. */
interface Subject {
  files: FileSystem;
  cwd: string;
  root: boolean;
  isSet(name: string): boolean;
}

/** A message of `test`, without the name before it. */
export class TestError extends Error {}

/** A file's facts with a symbolic link at the end followed. */
export function followed(files: FileSystem, path: string, depth = 0): ReturnType<FileSystem['stat']> {
  const stat = files.stat(path);
  if (stat?.type !== 'symlink' || depth > 40) return stat;
  const target = stat.target ?? '';
  return followed(files, absolute(path.slice(0, path.lastIndexOf('/')) || '/', target), depth + 1);
}

const bit = (mask: number) => (subject: Subject, path: string) => {
  const stat = followed(subject.files, absolute(subject.cwd, path));
  return stat !== undefined && (mask === 0o111 ? (stat.mode & mask) !== 0 : subject.root || (stat.mode & mask) !== 0);
};

const isType = (type: string) => (subject: Subject, path: string) =>
  followed(subject.files, absolute(subject.cwd, path))?.type === type;

const isLink = (subject: Subject, path: string) => subject.files.stat(absolute(subject.cwd, path))?.type === 'symlink';

const UNARY: Record<string, (subject: Subject, operand: string) => boolean> = {
  '-n': (_, text) => text !== '',
  '-z': (_, text) => text === '',
  '-e': (subject, path) => followed(subject.files, absolute(subject.cwd, path)) !== undefined,
  '-f': isType('file'),
  '-d': isType('directory'),
  '-h': isLink,
  '-L': isLink,
  '-s': (subject, path) => (followed(subject.files, absolute(subject.cwd, path))?.size ?? 0) > 0,
  '-r': bit(0o444),
  '-w': bit(0o222),
  '-x': bit(0o111),
  '-p': () => false,
  '-S': () => false,
  '-b': () => false,
  '-c': (_, path) => /^\/dev\/(null|zero|tty|random|urandom|full)$/.test(path),
  '-t': () => false,
  '-v': (subject, name) => subject.isSet(name),
};

function integer(text: string): bigint {
  if (!/^\s*[-+]?[0-9]+\s*$/.test(text)) throw new TestError(text);
  return BigInt(text.trim().replace(/^\+/, ''));
}

const BINARY: Record<string, (a: string, b: string, subject: Subject) => boolean> = {
  '=': (a, b) => a === b,
  '==': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '<': (a, b) => a < b,
  '>': (a, b) => a > b,
  '-eq': (a, b) => integer(a) === integer(b),
  '-ne': (a, b) => integer(a) !== integer(b),
  '-lt': (a, b) => integer(a) < integer(b),
  '-le': (a, b) => integer(a) <= integer(b),
  '-gt': (a, b) => integer(a) > integer(b),
  '-ge': (a, b) => integer(a) >= integer(b),
  '-nt': (a, b, subject) => modified(subject, a) > modified(subject, b),
  '-ot': (a, b, subject) => modified(subject, a) < modified(subject, b),
  '-ef': (a, b, subject) => absolute(subject.cwd, a) === absolute(subject.cwd, b),
};

const modified = (subject: Subject, path: string) =>
  followed(subject.files, absolute(subject.cwd, path))?.mtime ?? Number.NEGATIVE_INFINITY;

function subjectOf(evaluation: Evaluation, task: Task): Subject {
  return {
    files: evaluation.machine.files,
    cwd: task.cwd,
    root: /^(root|0)(:|$)/.test(evaluation.group.user),
    isSet: (name) => evaluation.get(task, name) !== undefined,
  };
}

/** `test` on its arguments: 0, 1, or 2 with a message. */
export function runTest(evaluation: Evaluation, task: Task, args: string[]): number {
  const subject = subjectOf(evaluation, task);
  let at = 0;
  const or = (): boolean => {
    let value = and();
    while (args[at] === '-o') {
      at++;
      value = and() || value;
    }
    return value;
  };
  const and = (): boolean => {
    let value = not();
    while (args[at] === '-a') {
      at++;
      value = not() && value;
    }
    return value;
  };
  const not = (): boolean => {
    if (args[at] === '!' && at + 1 < args.length) {
      at++;
      return !not();
    }
    return primary();
  };
  const primary = (): boolean => {
    const left = args[at];
    if (left === undefined) throw new TestError('argument expected');
    const operator = args[at + 1];
    if (operator !== undefined && BINARY[operator] && at + 2 < args.length) {
      at += 3;
      return BINARY[operator](left, args[at - 1]!, subject);
    }
    if (left === '(' && args.includes(')', at)) {
      at++;
      const value = or();
      at++;
      return value;
    }
    if (UNARY[left] && at + 1 < args.length) {
      at += 2;
      return UNARY[left](subject, args[at - 1]!);
    }
    at++;
    return left !== '';
  };
  if (args.length === 0) return 1;
  try {
    const value = or();
    if (at < args.length) throw new TestError(`${args[at]}: unknown operand`);
    return value ? 0 : 1;
  } catch (error) {
    if (!(error instanceof TestError)) throw error;
    const { flavour } = evaluation.outside;
    const bad = error.message;
    const isNumber = args.includes(bad);
    const message = !isNumber
      ? bad
      : flavour === 'busybox'
        ? `${bad}: bad number`
        : flavour === 'dash'
          ? `Illegal number: ${bad}`
          : `${bad}: integer expression expected`;
    const name =
      task.frames.at(-1)?.kind === 'simple'
        ? ((task.frames.at(-1) as { words?: string[] }).words?.[0] ?? 'test')
        : 'test';
    evaluation.complain(task, `${name}: ${message}`);
    return 2;
  }
}

/** `[[ … ]]`; `texts` are its words expanded in order, a pattern's quoted characters with a backslash. */
export function evaluateCondition(evaluation: Evaluation, task: Task, words: ConditionWord[], texts: string[]): number {
  const subject = subjectOf(evaluation, task);
  let next = 0;
  const items = words.map((item) => ('operator' in item ? { operator: item.operator } : { text: texts[next++]! }));
  let at = 0;
  const is = (operator: string) =>
    items[at] !== undefined && 'operator' in items[at]! && (items[at] as { operator: string }).operator === operator;
  const text = (index: number) => {
    const item = items[index];
    return item === undefined
      ? undefined
      : 'text' in item
        ? item.text
        : item.operator === '<' || item.operator === '>'
          ? item.operator
          : undefined;
  };
  const or = (): boolean => {
    let value = and();
    while (is('||')) {
      at++;
      value = and() || value;
    }
    return value;
  };
  const and = (): boolean => {
    let value = primary();
    while (is('&&')) {
      at++;
      value = primary() && value;
    }
    return value;
  };
  const primary = (): boolean => {
    if (is('(')) {
      at++;
      const value = or();
      at++;
      return value;
    }
    const left = text(at) ?? '';
    if (left === '!') {
      at++;
      return !primary();
    }
    const operator = text(at + 1);
    const right = text(at + 2);
    if (operator === '=~' && right !== undefined) {
      at += 3;
      const match = new RegExp(right).exec(left);
      if (evaluation.outside.flavour === 'bash')
        fillArray(
          task.variables,
          'BASH_REMATCH',
          [...(match ?? [])].map((text) => text ?? ''),
        );
      return match !== null;
    }
    if (operator !== undefined && right !== undefined && BINARY[operator]) {
      at += 3;
      if (['=', '==', '!='].includes(operator)) return matches(right, left) === (operator !== '!=');
      return BINARY[operator](left, unquotePattern(right), subject);
    }
    if (UNARY[left] && operator !== undefined) {
      at += 2;
      return UNARY[left](subject, operator);
    }
    at++;
    return left !== '';
  };
  try {
    return or() ? 0 : 1;
  } catch {
    return 2;
  }
}
