import { isIncomplete } from './console.ts';
import type { Action, Transcript } from './document.ts';
import { TranscriptProblem } from './problem.ts';
import type { Settings } from './settings.ts';

/** What a step's lines are set in by. */
const INDENT = '  ';

/** Reads a cram file: commands after `  $ `, more of them after `  > `, output set in by two blanks, all else is prose. Throws TranscriptProblem. */
export function readCram(text: string, file: string, settings: Settings = {}): Transcript {
  const lines = text.split('\n').map((line) => line.replace(/\r$/, ''));
  const actions: Action[] = [{ kind: 'cluster', line: 1, settings }];
  for (let index = 0; index < lines.length; ) {
    const line = index + 1;
    const current = lines[index++]!;
    if (!current.startsWith(`${INDENT}$ `)) continue;
    let command = current.slice(INDENT.length + 2);
    while (lines[index]?.startsWith(`${INDENT}> `)) command += `\n${lines[index++]!.slice(INDENT.length + 2)}`;
    if (isIncomplete(command))
      throw new TranscriptProblem(line, 'this command does not end: its further lines begin with "  > "');
    const from = index + 1;
    const expected: string[] = [];
    while (index < lines.length && lines[index]!.startsWith(INDENT) && !lines[index]!.startsWith(`${INDENT}$ `))
      expected.push(lines[index++]!.slice(INDENT.length));
    const [, exit] = /^\[(\d+)\]$/.exec(expected.at(-1) ?? '') ?? [];
    if (exit !== undefined) expected.pop();
    actions.push({
      kind: 'step',
      step: {
        line,
        prompt: {},
        command,
        expected,
        from,
        to: index + 1,
        exit: Number(exit ?? 0),
        mode: 'exact',
        streams: 'both',
        indent: INDENT,
        dialect: 'cram',
      },
    });
  }
  return { file, text, actions };
}
