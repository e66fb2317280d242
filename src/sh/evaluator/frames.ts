import { stepProgram } from '../programs/index.ts';
import type { Word } from '../syntax/ast.ts';
import { ArithmeticError, evaluateArithmetic } from './arithmetic.ts';
import { clearArray, elementName } from './arrays.ts';
import { stepSimple, stepTool } from './commands.ts';
import { evaluateCondition } from './condition.ts';
import type { Evaluation, Progress } from './evaluation.ts';
import { stepInteractive } from './interactive.ts';
import { forgetOutputs, keepOutput } from './outputs.ts';
import { matches } from './pattern.ts';
import { expandArguments, expandEach } from './scope.ts';
import type { Frame, FrameOf, Place, Task } from './state.ts';

type Handlers = { [K in Frame['kind']]: (evaluation: Evaluation, task: Task, frame: FrameOf<K>) => Progress };

const at = (place: Place, node: number): Place => [place[0], node];

/** Puts a node on the stack, with a scope around it if it has redirections. */
export function enter(evaluation: Evaluation, task: Task, place: Place): void {
  const node = evaluation.node(place);
  if (node.kind !== 'simple' && 'redirections' in node && node.redirections.length > 0) {
    task.frames.push({ kind: 'scope', at: place });
    return;
  }
  open(evaluation, task, place);
}

function open(evaluation: Evaluation, task: Task, place: Place): void {
  const node = evaluation.node(place);
  const push = (frame: Frame) => void task.frames.push(frame);
  switch (node.kind) {
    case 'list':
      return push({ kind: 'list', at: place, next: 0 });
    case 'andor':
      return push({ kind: 'andor', at: place, next: 0 });
    case 'pipeline':
      return push({ kind: 'pipeline', at: place });
    case 'simple':
      return push({ kind: 'simple', at: place });
    case 'if':
      return push({ kind: 'if', at: place, clause: 0, stage: 'condition' });
    case 'while':
      task.frames.push({ kind: 'while', at: place, stage: 'condition', status: 0 });
      return enter(evaluation, task, at(place, node.condition));
    case 'for':
      return push({ kind: 'for', at: place, next: 0 });
    case 'for-arithmetic':
      return push({ kind: 'for-arithmetic', at: place, stage: 'init' });
    case 'case':
      return push({ kind: 'case', at: place });
    case 'group':
      return enter(evaluation, task, at(place, node.body));
    case 'subshell': {
      const child = evaluation.fork(task, []);
      enter(evaluation, child, at(place, node.body));
      return push({ kind: 'child', pid: child.pid });
    }
    case 'arithmetic':
    case 'condition':
      return push({ kind: 'expression', at: place });
    case 'function':
      task.functions[node.name] = at(place, node.body);
      task.status = 0;
  }
}

/** Ends a shell after a failure under `set -e`, unless the failure is being tested. */
export function checkFailure(evaluation: Evaluation, task: Task): void {
  if (task.status === 0 || !(task.options.includes('e') || task.traps.ERR) || evaluation.isLenient(task)) return;
  const { ERR: trap } = task.traps;
  if (!trap) leave(evaluation, task, task.status);
  else if (!task.frames.some((frame) => frame.kind === 'text' && frame.status !== undefined))
    runText(evaluation, task, task.options.includes('e') ? `${trap}\nexit ${task.status}` : trap, {
      status: task.status,
    });
}

/** Ends a shell, its EXIT trap first. */
export function leave(evaluation: Evaluation, task: Task, status: number): void {
  const trap = task.traps.EXIT;
  delete task.traps.EXIT;
  task.status = status;
  task.frames = [];
  if (trap) runText(evaluation, task, trap, { status });
  else evaluation.end(task, status);
}

/** Runs a script's text within a shell. A syntax error gives status 2. */
export function runText(
  evaluation: Evaluation,
  task: Task,
  text: string,
  options: { status?: number; source?: boolean } = {},
): void {
  let place: Place;
  try {
    place = evaluation.intern(text);
  } catch (error) {
    complainSyntax(evaluation, task, error, text);
    task.status = 2;
    return;
  }
  task.frames.push({ kind: 'text', ...options });
  enter(evaluation, task, place);
}

/** Writes a syntax error in the shell's own words. */
export function complainSyntax(evaluation: Evaluation, task: Task, error: unknown, text: string): void {
  const { token, line, unterminated } = error as { token?: string; line: number; unterminated?: string };
  const shown = token === '\n' ? 'newline' : (token ?? 'end of file');
  const name = task.args[0] ?? 'sh';
  switch (evaluation.outside.flavour) {
    case 'busybox': {
      const what =
        unterminated && `'"\``.includes(unterminated)
          ? 'unterminated quoted string'
          : `unexpected ${token === undefined ? 'end of file' : token === '\n' ? 'newline' : `"${token}"`}`;
      return evaluation.write(
        task,
        2,
        `${name}: ${task.mode === 'script' ? `line ${line}: ` : ''}syntax error: ${what}\n`,
      );
    }
    case 'dash': {
      const what =
        unterminated && `'"\``.includes(unterminated)
          ? 'Unterminated quoted string'
          : token === undefined
            ? 'end of file unexpected'
            : `${token === '\n' ? 'newline' : `"${token}"`} unexpected`;
      return evaluation.write(task, 2, `${name}: ${line}: Syntax error: ${what}\n`);
    }
    default: {
      const at = token === undefined && !unterminated ? text.split('\n').length + 1 : line;
      const prefix =
        task.mode === 'command'
          ? `${name}: -c: line ${at}: `
          : task.mode === 'script'
            ? `${name}: line ${line}: `
            : `${name}: `;
      if (unterminated && `'"\``.includes(unterminated))
        return evaluation.write(task, 2, `${prefix}unexpected EOF while looking for matching \`${unterminated}'\n`);
      if (token === undefined) return evaluation.write(task, 2, `${prefix}syntax error: unexpected ${shown}\n`);
      const source = text.split('\n')[line - 1] ?? '';
      return evaluation.write(
        task,
        2,
        `${prefix}syntax error near unexpected token \`${shown}'\n${prefix}\`${source}'\n`,
      );
    }
  }
}

/** Unwinds to the loop that `break` or `continue` means. */
export function unwindLoop(task: Task, levels: number, broken: boolean): boolean {
  let left = levels;
  for (let i = task.frames.length - 1; i >= 0; i--) {
    const frame = task.frames[i]!;
    if (frame.kind === 'call' || frame.kind === 'text') break;
    if (frame.kind !== 'while' && frame.kind !== 'for' && frame.kind !== 'for-arithmetic') continue;
    if (--left > 0) continue;
    const inner = task.frames.splice(i + 1);
    for (const scope of inner.reverse()) if (scope.kind === 'scope' && scope.saved) restoreScope(task, scope.saved);
    if (frame.kind === 'while') {
      frame.stage = 'body';
      frame.status = 0;
    }
    if (broken) frame.broken = true;
    task.status = 0;
    return true;
  }
  return false;
}

function restoreScope(task: Task, saved: NonNullable<FrameOf<'scope'>['saved']>): void {
  for (const [fd, descriptor] of Object.entries(saved)) {
    if (descriptor) task.descriptors[Number(fd)] = descriptor;
    else delete task.descriptors[Number(fd)];
  }
}

/** Ends functions up to the innermost call or sourced file. */
export function unwindCall(evaluation: Evaluation, task: Task): boolean {
  const index = task.frames.findLastIndex((frame) => frame.kind === 'call' || (frame.kind === 'text' && frame.source));
  if (index < 0) return false;
  for (const frame of task.frames.splice(index + 1).reverse())
    if (frame.kind === 'scope' && frame.saved) evaluation.restore(task, frame.saved);
  return true;
}

const pop = (task: Task): Progress => {
  task.frames.pop();
  return 'moved';
};

/** One turn of `select`: the menu, unless it was shown last, the question, and what was answered. */
function choose(evaluation: Evaluation, task: Task, frame: FrameOf<'for'>): Progress {
  const { name, body } = evaluation.nodeOf<'for'>(frame.at);
  const words = frame.words!;
  if (frame.next === 0) {
    const width = String(words.length).length;
    const menu = words.map((word, index) => `${String(index + 1).padStart(width)}) ${word}\n`).join('');
    const prompt = evaluation.get(task, 'PS3') ?? '#? ';
    evaluation.write(task, 2, (frame.status === undefined ? menu : '') + prompt);
    frame.next = 1;
  }
  const { text, ended } = evaluation.readable(task, 0);
  const end = text.indexOf('\n');
  if (end < 0 && !ended) return 'blocked';
  if (end < 0 && text === '') {
    evaluation.write(task, 1, '\n');
    task.status = 1;
    return pop(task);
  }
  const reply = (end < 0 ? text : text.slice(0, end)).trim();
  evaluation.consume(task, 0, end < 0 ? text.length : end + 1);
  frame.next = 0;
  // An empty answer has the menu shown again.
  if (reply === '') delete frame.status;
  else {
    frame.status = 0;
    evaluation.set(task, 'REPLY', reply);
    evaluation.set(task, name, /^[0-9]+$/.test(reply) ? (words[Number(reply) - 1] ?? '') : '');
    enter(evaluation, task, at(frame.at, body));
  }
  return 'moved';
}

/** How each kind of frame goes on. A frame that is on top again finds what it called in `task.status`. */
export const HANDLERS: Handlers = {
  list(evaluation, task, frame) {
    if (evaluation.group.outputs) forgetOutputs(evaluation.group, task);
    const { items } = evaluation.nodeOf<'list'>(frame.at);
    const item = items[frame.next++];
    if (!item) return pop(task);
    const place = at(frame.at, item.command);
    if (!item.background) {
      if (frame.next === items.length) task.frames.pop();
      enter(evaluation, task, place);
      return 'moved';
    }
    const child = evaluation.fork(task, []);
    child.descriptors[0] = { kind: 'null' };
    enter(evaluation, child, place);
    task.background = child.pid;
    task.status = 0;
    return 'moved';
  },

  andor(evaluation, task, frame) {
    const { items, operators } = evaluation.nodeOf<'andor'>(frame.at);
    if (frame.next > 0) {
      while (frame.next < items.length && (operators[frame.next - 1] === '&&') !== (task.status === 0)) frame.next++;
    }
    const item = items[frame.next++];
    if (item === undefined) return pop(task);
    enter(evaluation, task, at(frame.at, item));
    return 'moved';
  },

  pipeline(evaluation, task, frame) {
    const { commands, negated } = evaluation.nodeOf<'pipeline'>(frame.at);
    if (commands.length === 1) {
      if (frame.started) {
        task.status = Number(task.status === 0);
        return pop(task);
      }
      frame.started = true;
      enter(evaluation, task, at(frame.at, commands[0]!));
      return 'moved';
    }
    if (!frame.pids) {
      frame.pids = startPipeline(evaluation, task, frame.at, commands);
      return 'moved';
    }
    if (frame.pids.some((pid) => evaluation.task(pid) && !evaluation.task(pid)!.exit)) return 'blocked';
    const statuses = frame.pids.map((pid) => evaluation.reap(task, pid) ?? 0);
    if (evaluation.outside.flavour === 'bash') setPipeStatus(task, statuses);
    const failed = task.options.includes('p') ? statuses.findLast((status) => status !== 0) : undefined;
    task.status = failed ?? statuses.at(-1)!;
    if (negated) task.status = Number(task.status === 0);
    task.frames.pop();
    if (!negated) checkFailure(evaluation, task);
    return 'moved';
  },

  simple: stepSimple,
  tool: stepTool,
  program: stepProgram,
  interactive: stepInteractive,

  if(evaluation, task, frame) {
    const { clauses, otherwise } = evaluation.nodeOf<'if'>(frame.at);
    if (frame.stage === 'condition' && frame.clause === 0) {
      frame.clause = 1;
      enter(evaluation, task, at(frame.at, clauses[0]!.condition));
      return 'moved';
    }
    if (frame.stage === 'condition' && task.status !== 0 && clauses[frame.clause]) {
      enter(evaluation, task, at(frame.at, clauses[frame.clause++]!.condition));
      return 'moved';
    }
    const taken = task.status === 0 ? clauses[frame.clause - 1]!.body : otherwise;
    task.frames.pop();
    task.status = 0;
    if (taken !== undefined) enter(evaluation, task, at(frame.at, taken));
    return 'moved';
  },

  while(evaluation, task, frame) {
    const { condition, body, until } = evaluation.nodeOf<'while'>(frame.at);
    if (frame.broken) return pop(task);
    if (frame.stage === 'condition') {
      if ((task.status === 0) === until) {
        task.status = frame.status;
        return pop(task);
      }
      frame.stage = 'body';
      task.status = 0;
      enter(evaluation, task, at(frame.at, body));
      return 'moved';
    }
    frame.status = task.status;
    frame.stage = 'condition';
    enter(evaluation, task, at(frame.at, condition));
    return 'moved';
  },

  for(evaluation, task, frame) {
    const node = evaluation.nodeOf<'for'>(frame.at);
    if (!frame.words) {
      const words = node.words ? expandArguments(evaluation, task, frame, node.words) : task.args.slice(1);
      if (!words) return 'moved';
      frame.words = words;
      task.status = 0;
    }
    if (node.select && !frame.broken) return choose(evaluation, task, frame);
    const word = frame.words[frame.next++];
    if (word === undefined || frame.broken) return pop(task);
    evaluation.set(task, node.name, word);
    enter(evaluation, task, at(frame.at, node.body));
    return 'moved';
  },

  'for-arithmetic'(evaluation, task, frame) {
    if (frame.broken) return pop(task);
    const { init, update, condition, body } = evaluation.nodeOf<'for-arithmetic'>(frame.at);
    const evaluate = (word: Word): bigint | undefined => {
      const texts = expandEach(evaluation, task, frame, [{ word }]);
      return texts && (word.length === 0 ? 1n : arithmetic(evaluation, task, texts[0]!));
    };
    if (frame.stage !== 'condition') {
      if (evaluate(frame.stage === 'init' ? init : update) === undefined) return 'moved';
      frame.stage = 'condition';
    }
    const holds = evaluate(condition);
    if (holds === undefined) return 'moved';
    if (holds === 0n) return pop(task);
    frame.stage = 'update';
    task.status = 0;
    enter(evaluation, task, at(frame.at, body));
    return 'moved';
  },

  case(evaluation, task, frame) {
    const node = evaluation.nodeOf<'case'>(frame.at);
    if (frame.next !== undefined) {
      const before = node.items[frame.next - 1]?.end;
      if (before === ';&' && node.items[frame.next]) {
        enter(evaluation, task, at(frame.at, node.items[frame.next++]!.body));
        return 'moved';
      }
      if (before !== ';;&') return pop(task);
    }
    const patterns = node.items.flatMap((item) => item.patterns);
    const texts = expandEach(evaluation, task, frame, [
      { word: node.word },
      ...patterns.map((word) => ({ word, pattern: true })),
    ]);
    if (!texts) return 'moved';
    const [subject, ...expanded] = texts as [string, ...string[]];
    let from = 0;
    const chosen = node.items.findIndex((item, index) => {
      const own = expanded.slice(from, from + item.patterns.length);
      from += item.patterns.length;
      return index >= (frame.next ?? 0) && own.some((pattern) => matches(pattern, subject));
    });
    if (frame.next === undefined) task.status = 0;
    if (chosen < 0) return pop(task);
    frame.next = chosen + 1;
    enter(evaluation, task, at(frame.at, node.items[chosen]!.body));
    return 'moved';
  },

  expression(evaluation, task, frame) {
    const node = evaluation.node(frame.at);
    if (node.kind === 'arithmetic') {
      const texts = expandEach(evaluation, task, frame, [{ word: node.expression }]);
      if (!texts) return 'moved';
      task.status = Number(arithmetic(evaluation, task, texts[0]!) === 0n);
    } else if (node.kind === 'condition') {
      const operands = node.words.flatMap((item) => ('word' in item ? [item.word] : []));
      const texts = expandEach(
        evaluation,
        task,
        frame,
        operands.map((word, index) => ({ word, pattern: isPatternOperand(operands, index) })),
      );
      if (!texts) return 'moved';
      task.status = evaluateCondition(evaluation, task, node.words, texts);
    }
    task.frames.pop();
    checkFailure(evaluation, task);
    return 'moved';
  },

  scope(evaluation, task, frame) {
    const node = evaluation.node(frame.at);
    if (frame.saved) {
      evaluation.restore(task, frame.saved);
      return pop(task);
    }
    if (!('redirections' in node)) return pop(task);
    const targets = expandEach(
      evaluation,
      task,
      frame,
      node.redirections.map(({ target }) => ({ word: target })),
    );
    if (!targets) return 'moved';
    const saved = evaluation.redirect(task, node.redirections, targets);
    if (!saved) {
      task.status = 1;
      task.frames.pop();
      checkFailure(evaluation, task);
      return 'moved';
    }
    frame.saved = saved;
    open(evaluation, task, frame.at);
    return 'moved';
  },

  child(evaluation, task, frame) {
    const status = evaluation.reap(task, frame.pid);
    if (status === undefined) return 'blocked';
    task.status = status;
    task.frames.pop();
    if (task.frames.at(-1)?.kind !== 'simple') checkFailure(evaluation, task);
    return 'moved';
  },

  capture(evaluation, task, frame) {
    const reader = { ...task, descriptors: { 0: { kind: 'pipe' as const, id: frame.pipe, end: 'read' as const } } };
    const { text, ended } = evaluation.readable(reader, 0);
    frame.text += text;
    evaluation.consume(reader, 0, text.length);
    if (!ended) return text === '' ? 'blocked' : 'moved';
    const status = evaluation.reap(task, frame.pid);
    if (status === undefined) return 'blocked';
    delete evaluation.group.pipes[frame.pipe];
    task.frames.pop();
    task.substitutionStatus = status;
    task.status = status;
    const below = task.frames.at(-1);
    if (below && 'results' in below && frame.file) below.results!.push(keepOutput(evaluation.group, task, frame.text));
    else if (below && 'results' in below) below.results!.push(frame.text.replace(/\n+$/, '').replaceAll('\0', ''));
    return 'moved';
  },

  call(evaluation, task, frame) {
    task.args = frame.args;
    for (const name of Object.keys(frame.saved)) if (!name.includes('[')) clearArray(task.variables, name);
    for (const [name, variable] of Object.entries({ ...frame.environment, ...frame.saved })) {
      if (variable) task.variables[name] = variable;
      else delete task.variables[name];
    }
    if (frame.descriptors) evaluation.restore(task, frame.descriptors);
    task.frames.pop();
    checkFailure(evaluation, task);
    return 'moved';
  },

  text(_evaluation, task, frame) {
    if (frame.status !== undefined) task.status = frame.status;
    return pop(task);
  },
};

/** The array PIPESTATUS of bash. */
function setPipeStatus(task: Task, statuses: number[]): void {
  clearArray(task.variables, 'PIPESTATUS');
  for (const [i, status] of statuses.entries())
    task.variables[elementName('PIPESTATUS', String(i))] = { value: String(status) };
}

const isPatternOperand = (words: unknown[], index: number) =>
  index >= 2 && ['==', '=', '!='].includes(operatorAt(words[index - 1]));

function operatorAt(word: unknown): string {
  const part = (word as { kind: string; text?: string }[])[0];
  return part?.kind === 'text' ? part.text! : '';
}

/** Evaluates arithmetic with the task's variables; an error is written and counts as 0. */
export function arithmetic(evaluation: Evaluation, task: Task, text: string): bigint {
  try {
    return evaluateArithmetic(text, {
      get: (name) => evaluation.get(task, name) ?? '',
      set: (name, value) => evaluation.set(task, name, value),
    });
  } catch (error) {
    if (!(error instanceof ArithmeticError)) throw error;
    evaluation.complain(task, error.message);
    return 0n;
  }
}

function startPipeline(evaluation: Evaluation, task: Task, place: Place, commands: number[]): number[] {
  const pipes = commands.slice(1).map(() => evaluation.pipe());
  return commands.map((command, index) => {
    const child = evaluation.fork(task, []);
    if (index > 0) child.descriptors[0] = { kind: 'pipe', id: pipes[index - 1]!, end: 'read' };
    if (index < pipes.length) child.descriptors[1] = { kind: 'pipe', id: pipes[index]!, end: 'write' };
    enter(evaluation, child, at(place, command));
    return child.pid;
  });
}
