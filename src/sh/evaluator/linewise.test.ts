import { expect, it } from 'vitest';
import { resume, spawn } from '../evaluator.ts';
import { testMachine } from '../testing.ts';

it.each([
  ['grep -i b', 'B1\nB2\n'],
  ['tr a-z A-Z', 'A1\nB1\nB2\n'],
  ['cut -c1', 'a\nB\nB\n'],
  ['sort -r', ''],
])('what goes through `%s` shows line by line', (filter, stdout) => {
  const script = `(echo a1; echo B1; sleep 1; echo B2; sleep 100) | ${filter}`;
  let now = 0;
  const machine = { ...testMachine({ flavour: 'bash' }), now: () => now };
  const process = spawn(machine, { argv: ['bash', '-c', script], env: {}, cwd: '/', user: 'root' });
  const first = resume(machine, process);
  now = 2000;
  const second = resume(machine, first.process);
  expect([...first.output, ...second.output].map(({ text }) => text).join('')).toBe(stdout);
});
