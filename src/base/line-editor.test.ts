import { describe, expect, test } from 'vitest';
import { LineEditor } from './line-editor.ts';

/** What a screen of one long row for each line shows after this was written to it. */
function screen(written: string): string {
  const rows: string[][] = [[]];
  let column = 0;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what moves the cursor are control characters.
  for (const [piece] of written.matchAll(/\x1b\[[0-9]*[A-Z]|[\s\S]/gu)) {
    const row = rows.at(-1)!;
    // biome-ignore lint/suspicious/noControlCharactersInRegex: likewise.
    const move = /^\x1b\[([0-9]*)([A-Z])$/.exec(piece);
    const count = Number(move?.[1] || 1);
    if (move?.[2] === 'D') column -= count;
    else if (move?.[2] === 'C') column += count;
    else if (move?.[2] === 'K') row.splice(column);
    else if (piece === '\n') {
      rows.push([]);
      column = 0;
    } else row[column++] = piece;
  }
  return rows.map((row) => row.join('')).join('\n');
}

function typing(...keys: string[]): { given: string; shown: string } {
  let shown = '';
  const editor = new LineEditor((text) => {
    shown += text;
  });
  const given = keys.map((key) => editor.type(key)).join('');
  return { given, shown: screen(shown) };
}

const [UP, DOWN, LEFT, RIGHT, DELETE] = ['\x1b[A', '\x1b[B', '\x1b[D', '\x1b[C', '\x1b[3~'] as const;

describe('typing on a terminal', () => {
  test.each<[string, string[], string, string]>([
    ['a line', ['ls -la\r'], 'ls -la\n', 'ls -la\n'],
    ['a key at a time', ['l', 's', '\r'], 'ls\n', 'ls\n'],
    ['nothing is given before the end of the line', ['ls'], '', 'ls'],
    ['backspace', ['lsx\x7f\r'], 'ls\n', 'ls\n'],
    ['backspace at the beginning', ['\x7fls\r'], 'ls\n', 'ls\n'],
    ['in the middle', ['ls', LEFT, LEFT, 'x', RIGHT, 'y\r'], 'xlys\n', 'xlys\n'],
    ['delete and its end', ['abc\x01', DELETE, '\x05d\r'], 'bcd\n', 'bcd\n'],
    ['cut to the right', ['echo a b\x01\x06\x06\x06\x06\x0b\r'], 'echo\n', 'echo\n'],
    ['cut to the left', ['echo a\x15ls\r'], 'ls\n', 'ls\n'],
    ['cut a word', ['echo one two \x17\r'], 'echo one \n', 'echo one \n'],
    ['the last line again', ['ls\r', UP, '\r'], 'ls\nls\n', 'ls\nls\n'],
    ['up, up, down', ['a\r', 'bb\r', UP, UP, DOWN, '\r'], 'a\nbb\nbb\n', 'a\nbb\nbb\n'],
    ['back to the empty line', ['long line\r', UP, DOWN, 'x\r'], 'long line\nx\n', 'long line\nx\n'],
    ['interrupt forgets the line', ['sleep 5\x03ls\r'], '\x03ls\n', 'sleep 5^C\nls\n'],
    ['end of input', ['\x04'], '\x04', ''],
    ['^D within a line deletes', ['ab\x01\x04\r'], 'b\n', 'b\n'],
    ['other keys do nothing', ['a\x1b[5~\x1b[24~b\r'], 'ab\n', 'ab\n'],
    ['more than ASCII', ['é→x\x7f\x7f\r'], 'é\n', 'é\n'],
    ['several lines at once', ['a\nb\n'], 'a\nb\n', 'a\nb\n'],
  ])('%s', (_, keys, given, shown) => {
    expect(typing(...keys)).toEqual({ given, shown });
  });

  test('clearing the screen keeps the prompt and the line', () => {
    let shown = '';
    const editor = new LineEditor((text) => {
      shown += text;
    });
    editor.passes('motd\nroot@web:/# ');
    editor.type('ls');
    shown = '';
    expect(editor.type('\x0c')).toBe('');
    expect(shown).toBe('\x1b[H\x1b[2Jroot@web:/# ls');
  });
});
