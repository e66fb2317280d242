import { scriptOf } from '../sh/evaluator/evaluation.ts';
import { ShellSyntaxError } from '../sh/syntax/ast.ts';
import type { Mode, Prompt, Step, Streams } from './document.ts';
import { TranscriptProblem } from './problem.ts';

/** How the steps of a block are to be taken. */
export interface BlockOptions {
  mode: Mode;
  streams: Streams;
  indent: string;
}

/** The name that a prompt may have for the workstation itself. */
const WORKSTATION = 'workstation';

/** `$ command`, `root@node-1:~# command`, `rajith@node-1$ command`. */
function readPrompt(line: string): { prompt: Prompt; command: string } | undefined {
  if (line.startsWith('$ ')) return { prompt: {}, command: line.slice(2) };
  const [, user = '', host = '', folder, command] = /^([a-z_][\w-]*)@([\w.-]+)(?::(\S*?))?[#$] (.*)$/.exec(line) ?? [];
  if (command === undefined) return undefined;
  const shown = folder ? { folder } : {};
  return { prompt: host === WORKSTATION ? shown : { node: host, user, ...shown }, command };
}

/** Whether a shell would ask for more: an open quote or here-document, a loop without its end, a backslash at the end. */
export function isIncomplete(command: string): boolean {
  if (/(^|[^\\])(\\\\)*\\$/.test(command)) return true;
  try {
    scriptOf(`${command}\n`);
    return false;
  } catch (error) {
    if (error instanceof ShellSyntaxError) return error.incomplete;
    throw error;
  }
}

/** The commands of a console block. `first`: the line of the file on which it begins. Throws TranscriptProblem. */
export function readConsole(lines: string[], first: number, options: BlockOptions): Step[] {
  const steps: Step[] = [];
  for (let index = 0; index < lines.length; ) {
    const line = first + index;
    const typed = readPrompt(lines[index]!);
    if (!typed) {
      if (lines[index]!.trim() !== '')
        throw new TranscriptProblem(
          line,
          `"${lines[index]}" stands before any command\nA console block begins with a prompt: "$ kubectl get pods", or "root@node-1:~# crictl ps"`,
        );
      index++;
      continue;
    }
    let { command } = typed;
    index++;
    while (isIncomplete(command)) {
      const more = lines[index++];
      if (more === undefined)
        throw new TranscriptProblem(
          line,
          `this command does not end: a quote, a here-document or a loop is still open where the block ends\nIts further lines begin with "> "`,
        );
      command += `\n${more.replace(/^> ?/, '')}`;
    }
    const from = first + index;
    const expected: string[] = [];
    while (index < lines.length && !readPrompt(lines[index]!)) expected.push(lines[index++]!);
    let to = first + index;
    const last = expected.findLastIndex((each) => each.trim() !== '');
    const [, exit] = /^\[exit (\d+)\]$/.exec(expected[last] ?? '') ?? [];
    if (exit !== undefined) {
      to -= expected.length - last - 1;
      expected.splice(last);
    }
    steps.push({
      line,
      prompt: typed.prompt,
      command,
      expected,
      from,
      to,
      exit: Number(exit ?? 0),
      dialect: 'markdown',
      ...options,
    });
  }
  return steps;
}
