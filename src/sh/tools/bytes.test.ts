import { describe, expect, it } from 'vitest';
import { runToEnd } from '../evaluator.ts';
import { MemoryFiles, testMachine } from '../testing.ts';

async function run(script: string, flavour: 'busybox' | 'dash' = 'busybox') {
  const machine = testMachine({ flavour, files: new MemoryFiles({ '/tmp/f': 'abc\n' }) });
  const argv = ['sh', '-c', script];
  const { stdout, stderr } = await runToEnd(machine, { argv, env: { PATH: '/bin' }, cwd: '/', user: 'root' });
  return stdout + stderr;
}

describe('bytes', () => {
  it.each<[string, string]>([
    ['od -c /tmp/f', '0000000   a   b   c  \\n\n0000004\n'],
    ['od -x /tmp/f', '0000000 6261 0a63\n0000004\n'],
    ['od -An -tx1 /tmp/f', ' 61 62 63 0a\n'],
    ['hexdump -C /tmp/f', `00000000  61 62 63 0a${' '.repeat(39)}|abc.|\n00000004\n`],
    ['xxd -p /tmp/f', '6162630a\n'],
    ['gzip /tmp/f && zcat /tmp/f.gz && gunzip /tmp/f.gz && cat /tmp/f', 'abc\nabc\n'],
    ['dd if=/tmp/f bs=2 count=1 2>/dev/null', 'ab'],
    [
      'dd if=/dev/zero of=/tmp/x bs=1M count=10',
      '10+0 records in\n10+0 records out\n10485760 bytes (10.0MB) copied, 0.004993 seconds, 2.0GB/s\n',
    ],
    ['dd if=/none of=/tmp/x', "dd: can't open '/none': No such file or directory\n"],
  ])('of busybox: %s', async (script, expected) => {
    expect(await run(script)).toBe(expected);
  });

  it('copied by coreutils are told in both units', async () => {
    expect(await run('dd if=/dev/zero of=/tmp/x bs=1M count=10', 'dash')).toContain(
      '10485760 bytes (10 MB, 10 MiB) copied',
    );
  });
});
