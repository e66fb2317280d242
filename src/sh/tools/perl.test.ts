import { expect, test } from 'vitest';
import { runToEnd } from '../evaluator.ts';
import { MemoryFiles, testMachine } from '../testing.ts';
import { pi } from './perl.ts';

test('pi is rounded at its last digit', () => {
  expect([pi(1), pi(2), pi(3), pi(5), pi(20)]).toEqual(['3', '3.1', '3.14', '3.1416', '3.1415926535897932385']);
  expect(pi(2000)).toHaveLength(2001);
  // The 991st to the 1000th decimal are 4201989…, as every table of them has it.
  expect(pi(1100).slice(2, 1002).slice(-10)).toBe('2164201989');
});

test.each([
  [['-Mbignum=bpi', '-wle', 'print bpi(20)'], '3.1415926535897932385\n', 0],
  [['-e', 'print "a\\tb\\n", 2 + 3 * 4, "\\n"; exit 3'], 'a\tb\n14\n', 3],
  [['-E', "say 'x' x 3 . $ENV{NAME}"], 'xxxkubemu\n', 0],
  [['-le', 'print 2 ** 3 ** 2; print (1 - 2)'], '512\n-1\n', 0],
])('perl %j', async (args, stdout, code) => {
  const machine = testMachine({ flavour: 'dash', files: new MemoryFiles() });
  const result = await runToEnd(machine, { argv: ['perl', ...args], env: { NAME: 'kubemu' }, cwd: '/', user: 'root' });
  expect(result).toMatchObject({ stdout, stderr: '', code });
});

test('what it cannot do it says', async () => {
  const machine = testMachine({ flavour: 'dash', files: new MemoryFiles() });
  const result = await runToEnd(machine, { argv: ['perl', '-ne', 'print if /x/'], env: {}, cwd: '/', user: 'root' });
  expect(result).toMatchObject({ code: 255, stderr: 'perl: kubemu runs only print, say, sleep and exit of Perl\n' });
});
