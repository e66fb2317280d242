import { expect, it } from 'vitest';
import type { Daemon } from '../process.ts';
import type { ProgramIo } from '../programs/io.ts';
import { stress, vishStress } from './stress.ts';

function begun(server: typeof stress, words: string) {
  const said: string[] = [];
  const say = (text: string) => void said.push(text);
  const io = {
    argv: words.split(' '),
    memory: {},
    now: 0,
    task: { pid: 1 },
    out: say,
    err: say,
  } as unknown as ProgramIo;
  server.begin(io, {} as Daemon);
  return { said: said.join(''), exit: io.memory.exit };
}

it.each([
  ['stress --vm 1 --vm-bytes 150M --vm-hang 1', 'dispatching hogs: 0 cpu, 0 io, 1 vm, 0 hdd', undefined],
  ['stress -c 2 -m 1 -t 1m', 'dispatching hogs: 2 cpu, 0 io, 1 vm, 0 hdd', 60_000],
])('%s', (words, text, after) => {
  const { said, exit } = begun(stress, words);
  expect(said).toBe(`stress: info: [1] ${text}\n`);
  expect((exit as { after: number } | undefined)?.after).toBe(after);
});

it('what glog says of memory and threads', () => {
  const { said } = begun(vishStress, '/stress -logtostderr -cpus 2 -mem-total 150Mi');
  const time = 'I0101 00:00:00.000000       1 main.go';
  expect(said.split('\n')).toEqual([
    `${time}:26] Allocating "150Mi" memory, in "4Ki" chunks, with a 1ms sleep between allocations`,
    `${time}:39] Spawning a thread to consume CPU`,
    `${time}:39] Spawning a thread to consume CPU`,
    `${time}:29] Allocated "150Mi" memory`,
    '',
  ]);
});
