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

it('a port that a command forwards leads where it says, while it goes on', () => {
  const asked: string[] = [];
  const base = testMachine({ flavour: 'bash' });
  const machine = {
    ...base,
    network: {
      ...base.network,
      connect: (host: string, port: number) => {
        asked.push(`${host}:${port}`);
        return 'open' as const;
      },
    },
    commands: {
      forward: ({ memory }: { memory?: unknown }) => ({
        stdout: memory ? '' : 'Forwarding\n',
        stderr: '',
        code: 0,
        again: { after: 1000, memory: 1, forwards: [{ port: 8080, host: '10.0.0.1', to: 80 }] },
      }),
    },
  };
  const script = 'forward & sleep 1; nc -z 127.0.0.1 8080; kill $!; wait; nc -z 127.0.0.1 8080; echo done';
  let now = 0;
  const process = spawn(
    { ...machine, now: () => now },
    { argv: ['bash', '-c', script], env: {}, cwd: '/', user: 'root' },
  );
  let step = resume({ ...machine, now: () => now }, process);
  let text = '';
  for (let i = 0; i < 5; i++) {
    text += step.output.map((chunk) => chunk.text).join('');
    now += 2000;
    step = resume({ ...machine, now: () => now }, step.process);
  }
  expect(asked).toEqual(['10.0.0.1:80', '127.0.0.1:8080']);
  expect(text).toMatch(/^Forwarding\nHandling connection for 8080\n(.*Terminated.*\n)?done\n$/);
});
