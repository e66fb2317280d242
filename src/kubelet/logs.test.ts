import { expect, test } from 'vitest';
import { MemoryState } from '../store/state.ts';
import type { LogRecord } from '../types/node-runtime.ts';
import { appendLog, closeLog, outputSince, seenSoFar } from './logs.ts';

test('who is attached sees what is written as it is written, half a line too', () => {
  const section = new MemoryState().section<LogRecord>('logs');
  const write = (text: string) => appendLog(section, 'c', [{ stream: 'stdout', text, at: 0 }]);
  write('before\n/ # ');
  const late = seenSoFar(section.get('c'), false);
  const terminal = seenSoFar(section.get('c'), true);
  const shown = (seen: typeof late) => [...outputSince(section.get('c'), seen)].map(([, text]) => text).join('');
  expect([shown(late), shown(terminal)]).toEqual(['', '/ # ']);
  write('a');
  expect(shown(late)).toBe('a');
  write('b\nnext\n/ #');
  expect(shown(late)).toBe('b\nnext\n/ #');
  expect(shown(terminal)).toBe('ab\nnext\n/ #');
  closeLog(section, 'c', 1);
  expect([shown(late), shown(late)]).toEqual(['', '']);
});
