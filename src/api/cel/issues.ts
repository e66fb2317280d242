/** Something wrong with an expression, and where. */
export interface Issue {
  /** Of the character, from 0. */
  offset: number;
  message: string;
  /** How many characters the lexer has left out there. */
  length?: number;
}

/** Thrown when an expression is wrong; the message is cel-go's, with the lines of the source. */
export class CelCompileError extends Error {}

/** Thrown when an expression cannot be evaluated; the message is cel-go's: `no such key: x`. */
export class CelRuntimeError extends Error {}

/** Issues as cel-go shows them: `ERROR: <input>:1:8: message`, and the line with a mark below. */
export function showIssues(source: string, issues: readonly Issue[]): string {
  const lines = source.split('\n');
  const placed = issues.map(({ offset, message }) => {
    const before = source.slice(0, offset).split('\n');
    return { message, line: before.length, column: [...(before.at(-1) ?? '')].length };
  });
  placed.sort((a, b) => a.line - b.line || a.column - b.column);
  return placed
    .map(({ message, line, column }) => {
      const text = (lines[line - 1] ?? '').replaceAll('\t', ' ');
      return `ERROR: <input>:${line}:${column + 1}: ${message}\n | ${text}\n | ${'.'.repeat(column)}^`;
    })
    .join('\n');
}
