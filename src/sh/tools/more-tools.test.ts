import { expect, test } from 'vitest';
import { runToEnd } from '../evaluator.ts';
import { MemoryFiles, testMachine } from '../testing.ts';

test.each([
  ['tree /t', '/t\n├── a\n│   └── b.pem\n└── run.sh\n\n2 directories, 2 files\n'],
  ['tree -L 1 -d /t', '/t\n└── a\n\n2 directories\n'],
  ['tree /nope', '/nope  [error opening dir]\n\n0 directories, 0 files\n'],
  ['file /t/run.sh /t/a', '/t/run.sh: Bourne-Again shell script, ASCII text executable\n/t/a:      directory\n'],
  ['file -b /t/a/b.pem /nope', "PEM certificate\ncannot open `/nope' (No such file or directory)\n"],
])('%s', async (line, out) => {
  const files = new MemoryFiles({ '/t/a/b.pem': '-----BEGIN CERTIFICATE-----\n', '/t/run.sh': '#!/bin/bash\n' });
  const { stdout } = await runToEnd(testMachine({ flavour: 'bash', files }), {
    argv: ['sh', '-c', line],
    env: { PATH: '/bin' },
    cwd: '/',
    user: 'root',
  });
  expect(stdout).toBe(out);
});

/** What bc 1.07 answers. */
test.each([
  ['2^10; 10/3', '1024\n3\n'],
  ['scale=3; 10/3; 10%3', '3.333\n.001\n'],
  ['1.5*2.25', '3.37\n'],
  ['scale=5; sqrt(2)', '1.41421\n'],
  ['x=5; x*2; x+=1; x', '10\n6\n'],
  ['obase=16; 255', 'FF\n'],
  ['ibase=2; 1010', '10\n'],
  ['-3+2', '-1\n'],
  ['0.5', '.5\n'],
  ['.5*.5', '.2\n'],
  ['3>2', '1\n'],
  ['2^-1', '0\n'],
  ['scale=2; 100*1.234', '123.400\n'],
  ['print "hi ", 3, "\\n"', 'hi 3\n'],
])('%s', async (line, out) => {
  const machine = testMachine({ flavour: 'busybox', files: new MemoryFiles({ '/in': `${line}\n` }) });
  const { stdout } = await runToEnd(machine, {
    argv: ['sh', '-c', 'bc < /in'],
    env: { PATH: '/bin' },
    cwd: '/',
    user: 'root',
  });
  expect(stdout).toBe(out);
});

test.each([
  ['printf "a\\nb\\n" > x; printf "b\\nc\\n" > y; comm x y', 'a\n\t\tb\n\tc\n'],
  ['printf "a\\nb\\n" > x; printf "b\\nc\\n" > y; comm -12 x y', 'b\n'],
  ['printf "1 a\\n2 b\\n" > x; printf "2 c\\n" > y; join x y', '2 b c\n'],
  ['printf "b\\na\\nc\\n" > x; cksum x', '2765378754 6 x\n'],
  ['factor 12 97', '12: 2 2 3\n97: 97\n'],
  ['printf "1\\n2\\n3\\n" > x; split -l 2 x p; cat pab', '3\n'],
  ['shuf -i 1-9 | sort | tr -d "\\n"', '123456789'],
])('%s', async (script, out) => {
  const machine = testMachine({ flavour: 'bash', files: new MemoryFiles({ '/tmp/k': '' }) });
  const { stdout, stderr } = await runToEnd(machine, {
    argv: ['sh', '-c', script],
    env: { PATH: '/bin' },
    cwd: '/tmp',
    user: 'root',
  });
  expect(stdout + stderr).toBe(out);
});

test.each([
  ['su bob -c "id -un; echo $HOME"', 'bob\n/root\n'],
  ['su - bob -c id', 'uid=1001(bob) gid=1001 groups=1001\n'],
  ['sudo -u bob whoami; whoami', 'bob\nroot\n'],
  ['su nosuch', 'su: user nosuch does not exist or the user entry does not contain all the required fields\n'],
])('%s', async (script, out) => {
  const files = new MemoryFiles({ '/etc/passwd': 'root:x:0:0::/root:/bin/sh\nbob:x:1001:1001::/home/bob:/bin/sh\n' });
  const machine = testMachine({ flavour: 'bash', files });
  const env = { PATH: '/bin', HOME: '/root' };
  const { stdout, stderr } = await runToEnd(machine, { argv: ['sh', '-c', script], env, cwd: '/', user: 'root' });
  expect(stdout + stderr).toBe(out);
});
