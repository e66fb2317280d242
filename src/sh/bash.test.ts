import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { BINARY_MARK } from './evaluator/commands.ts';
import { runToEnd } from './evaluator.ts';
import { PROGRAMS } from './programs/index.ts';
import { MemoryFiles, testMachine } from './testing.ts';
import { TOOLS } from './tools/index.ts';

/** What bash 5.2 with GNU coreutils 9.1, grep 3.8, sed 4.9, mawk 1.3.4 and jq 1.6 answered on Debian 12. */
const RECORDED = readFileSync(`${import.meta.dirname}/testdata/bash.jsonl`, 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as { line: string; stdout: string; stderr: string; code: number });

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

function machine() {
  const files = new MemoryFiles({ '/etc/hostname': 'box\n', '/dev/null': '' });
  files.makeDir('/usr');
  files.makeDir('/usr/bin');
  for (const name of [...Object.keys(TOOLS), ...Object.keys(PROGRAMS), 'sh', 'bash'])
    files.write(`/usr/bin/${name}`, `${BINARY_MARK}${name}`, { mode: 0o755 });
  return testMachine({ flavour: 'bash', files });
}

test('as a real bash with its tools', async () => {
  const differing: object[] = [];
  for (const { line, ...wanted } of RECORDED) {
    const { stdout, stderr, code } = await runToEnd(machine(), {
      argv: ['bash', '-c', line],
      env: { PATH, HOME: '/root', LANG: 'C.UTF-8' },
      cwd: '/tmp',
      user: 'root',
    });
    if (stdout !== wanted.stdout || stderr !== wanted.stderr || code !== wanted.code)
      differing.push({ line, wanted, got: { stdout, stderr, code } });
  }
  expect(differing).toEqual([]);
}, 60_000);
