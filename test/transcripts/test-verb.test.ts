import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Home, root } from '../tools/built.ts';

const home = new Home();
afterAll(() => home.remove());

const RIGHT = '```console\n$ kubectl get nodes -o name | head -1\nnode/k8s-master\n```\n';

const write = (name: string, text: string) => writeFileSync(join(home.folder, name), text);

beforeAll(() => {
  mkdirSync(join(home.folder, 'all', 'deep'), { recursive: true });
  mkdirSync(join(home.folder, 'all', 'node_modules'));
  write('right.md', RIGHT);
  write('wrong.md', RIGHT.replace('k8s-master', 'elsewhere'));
  write('broken.md', '```console\n$ kubectl get nodes\n');
  write('all/prose.md', '# Nothing to run\n');
  for (const name of ['a.md', 'b.md', 'deep/c.md']) write(`all/${name}`, RIGHT);
  write('all/deep/d.t', '  $ kubectl get nodes -o name | head -1\n  node/k8s-* (glob)\n');
  write('all/node_modules/x.md', 'never looked at: ```');
});

describe('kubemu test', () => {
  it.each<[words: string, code: number, stdout: string | RegExp, stderr?: string]>([
    ['right.md', 0, '1 file, 1 command: all as expected.\n'],
    [
      'wrong.md',
      1,
      /^wrong\.md:2: \$ kubectl .*\n3 - node\/elsewhere\n {2}\+ node\/k8s-master\n\n1 file, 1 command: 1 different\./,
    ],
    ['broken.md', 2, /^broken\.md:1: this block is never closed\n/],
    ['right.md wrong.md broken.md --jobs 2', 2, /\n3 files, 2 commands: 1 different, 1 file cannot be used\.\n/],
    ['nowhere.md', 2, '', 'error: there is no file or folder named nowhere.md\n'],
    ['all --jobs 1', 0, '5 files, 4 commands: all as expected.\n'],
    ['all --jobs 3', 0, '5 files, 4 commands: all as expected.\n'],
    ['all --shard 2/5', 0, '1 file, 1 command: all as expected.\n'],
    [
      'all --shard 6/5',
      1,
      '',
      "error: option '--shard <n/m>' argument '6/5' is invalid. It must be like 2/5: the second of five.\n",
    ],
    ['right.md --tap', 0, 'TAP version 13\n1..1\nok 1 - right.md:2 $ kubectl get nodes -o name | head -1\n'],
    ['right.md --preset kind', 1, /\+ node\/kind-control-plane\n/],
    ['wrong.md --shell bash', 1, /\n3 - node\/elsewhere\n {2}\+ node\/k8s-master\n/],
  ])('%s', (words, code, stdout, stderr = '') => {
    const ran = home.run('kubemu', 'test', ...words.split(' '));
    expect(ran).toEqual({ code, stdout: typeof stdout === 'string' ? stdout : expect.stringMatching(stdout), stderr });
  });

  it('rewrites with --update, also in several processes, and is content then', () => {
    write('old.md', RIGHT.replace('k8s-master', 'elsewhere'));
    const ran = home.run('kubemu', 'test', '--update', 'old.md', 'right.md', '--jobs', '2');
    expect(ran).toEqual({ code: 0, stdout: '2 files, 2 commands: 1 rewritten.\n', stderr: '' });
    expect(readFileSync(join(home.folder, 'old.md'), 'utf8')).toBe(RIGHT);
  });

  it('writes what CI systems read', () => {
    home.run('kubemu', 'test', 'wrong.md', '--junit', 'report.xml');
    expect(readFileSync(join(home.folder, 'report.xml'), 'utf8')).toContain(
      '<testsuites name="kubemu test" tests="1" failures="1"',
    );
    const { stdout } = home.run('kubemu', 'test', 'wrong.md', '--json');
    expect(JSON.parse(stdout)).toMatchObject({ summary: { commands: 1, different: 1 }, files: [{ file: 'wrong.md' }] });
  });

  it('runs again when a file changes', async () => {
    write('watched.md', RIGHT);
    const child = spawn(process.execPath, [join(root, 'bin', 'kubemu'), 'test', '--watch', 'watched.md'], {
      cwd: home.folder,
      env: home.env,
    });
    try {
      const said = { out: '', err: '' };
      const until = (stream: 'out' | 'err', pattern: RegExp) =>
        new Promise<void>((done) => {
          const look = () => pattern.test(said[stream]) && done();
          look();
          child.stdout.on('data', look);
          child.stderr.on('data', look);
        });
      child.stdout.on('data', (text: Buffer) => {
        said.out += text;
      });
      child.stderr.on('data', (text: Buffer) => {
        said.err += text;
      });
      await until('err', /Waiting for a change/);
      expect(said.out).toBe('1 file, 1 command: all as expected.\n');
      write('watched.md', RIGHT.replace('k8s-master', 'elsewhere'));
      await until('out', /1 different/);
    } finally {
      child.kill();
    }
  });
});

it('kubemu record writes what kubemu test runs', () => {
  const { stdout } = spawnSync(process.execPath, [join(root, 'bin', 'kubemu'), 'record', 'new.md'], {
    cwd: home.folder,
    env: home.env,
    encoding: 'utf8',
    input: 'kubectl run web --image nginx\nkubectl get pod nope\n',
  });
  expect(stdout).toMatch(/Wrote new\.md: 2 commands/);
  expect(home.run('kubemu', 'test', 'new.md').stdout).toBe('1 file, 2 commands: all as expected.\n');
  expect(home.run('kubemu', 'record', 'new.md').stderr).toContain('there is a file named new.md already');
});
