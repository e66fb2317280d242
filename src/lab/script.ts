import { ShellSyntaxError } from '../sh/syntax/ast.ts';
import { parseScript } from '../sh/syntax/parser.ts';

export { parseScript, ShellSyntaxError };

/** A script's commands, each with all of its lines (a loop, a here-document), and the line (from 0) at which it begins. */
export function splitCommands(script: string): { text: string; line: number }[] {
  const commands: { text: string; line: number }[] = [];
  let start = 0;
  const lines = script.replace(/\n$/, '').split('\n');
  for (let at = 0; at < lines.length; at++) {
    const text = lines.slice(start, at + 1).join('\n');
    if (!isWhole(text)) continue;
    if (!/^(\s*(#.*)?\n?)*$/.test(text)) commands.push({ text, line: start });
    start = at + 1;
  }
  const rest = lines.slice(start).join('\n');
  if (rest.trim() !== '') commands.push({ text: rest, line: start });
  return commands;
}

function isWhole(text: string): boolean {
  if (/\\$/.test(text) || awaitsHereDocument(text)) return false;
  try {
    parseScript(`${text}\n`);
    return true;
  } catch (error) {
    return !(error instanceof ShellSyntaxError && error.incomplete);
  }
}

/** The parser takes a here-document that the text's end cuts off. */
function awaitsHereDocument(text: string): boolean {
  const lines = text.split('\n');
  let end: { word: string; strip: boolean } | undefined;
  for (const line of lines) {
    if (end) {
      if ((end.strip ? line.replace(/^\t+/, '') : line) === end.word) end = undefined;
      continue;
    }
    const [, dash, word] = /(?:^|[^<])<<(-?)\s*(?!<)["'\\]?([A-Za-z_][A-Za-z0-9_]*)["']?/.exec(line) ?? [];
    if (word) end = { word, strip: dash === '-' };
  }
  return end !== undefined;
}
