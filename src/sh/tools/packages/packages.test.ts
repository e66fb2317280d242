import { expect, test } from 'vitest';
import { reply } from '../../../network/dns/message.ts';
import { BINARY_MARK } from '../../evaluator/commands.ts';
import { runToEnd } from '../../evaluator.ts';
import type { Machine } from '../../process.ts';
import { MemoryFiles, testMachine } from '../../testing.ts';

const bin = (...names: string[]) =>
  Object.fromEntries(names.map((name) => [`/usr/bin/${name}`, `${BINARY_MARK}${name}`]));
const FILES = {
  '/bin/sh': `${BINARY_MARK}sh`,
  ...bin('apt', 'apt-get', 'dpkg', 'apk', 'echo', 'which', 'tail', 'head'),
  '/etc/os-release': 'ID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\n',
  '/etc/resolv.conf': 'nameserver 10.96.0.10\n',
};

/** `mirrors`: whether the world outside is reached. */
async function run(script: string, { mirrors = true, user = 'root' } = {}) {
  const files = new MemoryFiles(FILES);
  for (const [path, text] of Object.entries(FILES)) if (text.startsWith(BINARY_MARK)) files.chmod(path, 0o755);
  const base = testMachine({ flavour: 'dash', files });
  const network: Machine['network'] = {
    ...base.network,
    query: (_, name, type) =>
      mirrors
        ? reply('NOERROR', type === 'A' ? [{ name, type: 'A', ttl: 30, data: '151.101.2.132' }] : [])
        : { failure: 'timeout' },
    connect: () => (mirrors ? 'open' : 'timeout'),
  };
  const { stdout, stderr, code } = await runToEnd(
    { ...base, network },
    { argv: ['sh', '-c', script], env: {}, cwd: '/', user },
  );
  return { stdout, stderr, code };
}

test('apt-get knows packages once their lists are there, and what it installs can be run', async () => {
  expect(await run('apt-get install -y telnet')).toMatchObject({
    code: 100,
    stderr: 'E: Unable to locate package telnet\n',
  });
  const { stdout, code } = await run('apt-get update >/dev/null; apt-get install -y telnet | tail -n 1; which telnet');
  expect(stdout).toMatch(/^Setting up telnet \(.*\) \.\.\.\n\/usr\/bin\/telnet\n$/);
  expect(code).toBe(0);
});

test('a package that is removed is gone with its programs', async () => {
  const { stdout } = await run(
    'apt-get update -qq; apt-get install -qqy telnet >/dev/null 2>&1; apt-get remove -y telnet | tail -n 1; which telnet; dpkg -s telnet 2>&1',
  );
  expect(stdout).toMatch(/^Removing telnet .*\ndpkg-query: package 'telnet' is not installed/);
});

test('nobody answers yes, so nothing is installed', async () => {
  const { stdout, code } = await run('apt-get update -qq; apt-get install curl');
  expect(stdout).toMatch(/Do you want to continue\? \[Y\/n\] Abort\.\n$/);
  expect(code).toBe(1);
});

test('without a way to the mirrors there are errors of names', async () => {
  const { stderr, code } = await run('apt-get update', { mirrors: false });
  expect(stderr).toMatch(
    /^W: Failed to fetch http:\/\/deb\.debian\.org\/.*Temporary failure resolving 'deb\.debian\.org'/,
  );
  expect(code).toBe(0);
  expect(await run('apk add curl', { mirrors: false })).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(
      /DNS: transient error[\s\S]*ERROR: unable to select packages:\n {2}curl \(no such package\)/,
    ),
  });
});

test('only root installs', async () => {
  expect(await run('apt-get install -y curl', { user: '1000' })).toMatchObject({
    code: 100,
    stderr: expect.stringContaining('are you root?'),
  });
});

test('a program that nothing here can do the work of says so', async () => {
  expect(await run('apt-get update -qq; apt-get install -qqy git >/dev/null 2>&1; git x')).toMatchObject({
    code: 126,
    stderr: 'git: kubemu does not simulate this program\n',
  });
});
