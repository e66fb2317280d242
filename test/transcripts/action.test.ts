import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { parse } from 'yaml';
import { Home, root } from '../tools/built.ts';

const home = new Home();
afterAll(() => home.remove());

const read = (name: string) => parse(readFileSync(join(root, name), 'utf8'));

it('the GitHub Action runs its files and ends as kubemu test does', () => {
  const { runs } = read('action.yml') as { runs: { steps: { run: string }[] } };
  writeFileSync(join(home.folder, 'a.md'), '```console\n$ kubectl get nodes -o name\nnode/kind-control-plane\n```\n');
  const play = (options: string) =>
    spawnSync('bash', ['-eo', 'pipefail', '-c', runs.steps[0]!.run], {
      cwd: home.folder,
      env: { ...home.env, KUBEMU: root, FILES: 'a.md', OPTIONS: options, JUNIT: 'report.xml' },
      encoding: 'utf8',
    });
  expect(play('--preset kind --shard 1/1')).toMatchObject({
    status: 0,
    stdout: '1 file, 1 command: all as expected.\n',
  });
  expect(readFileSync(join(home.folder, 'report.xml'), 'utf8')).toContain('tests="1" failures="0"');
  expect(play('').status).toBe(1);
});

it('the pre-commit hook calls a program of the package', () => {
  const [hook] = read('.pre-commit-hooks.yaml') as { entry: string; language: string }[];
  const { bin } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { bin: Record<string, string> };
  expect(hook).toMatchObject({ entry: 'kubemu test', language: 'node' });
  expect(Object.keys(bin)).toContain('kubemu');
});
