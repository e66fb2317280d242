import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { root } from './tools/built.ts';

const folder = mkdtempSync(join(tmpdir(), 'kubemu-package-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const npm = (program: 'npm' | 'npx', cwd: string, ...args: string[]) =>
  spawnSync(program, args, {
    cwd,
    encoding: 'utf8',
    shell: process.platform === 'win32',
    env: {
      ...process.env,
      HOME: folder,
      KUBEMU_STATE: join(folder, 'state.json'),
      npm_config_update_notifier: 'false',
    },
  });

it('the package, installed into an empty folder, runs by npx and shadows nobody', () => {
  const packed = npm('npm', root, 'pack', '--ignore-scripts', '--pack-destination', folder);
  expect(packed.status, packed.stderr).toBe(0);
  const archive = readdirSync(folder).find((name) => name.endsWith('.tgz'))!;
  const project = join(folder, 'project');
  mkdirSync(project);
  writeFileSync(join(project, 'package.json'), '{"private":true}');
  // It has no dependencies: no registry is asked.
  const installed = npm('npm', project, 'install', '--offline', '--no-audit', '--no-fund', join(folder, archive));
  expect(installed.status, installed.stderr).toBe(0);
  const names = readdirSync(join(project, 'node_modules', '.bin')).filter((name) => !/\.(cmd|ps1)$/.test(name));
  expect(names).toEqual(['kubemu']);
  const nodes = npm('npx', project, 'kubemu', 'kubectl', 'get', 'nodes', '-o', 'name');
  expect(nodes.stdout).toBe('node/k8s-master\nnode/node-1\nnode/node-2\n');
  const clusters = npm('npx', project, 'kubemu', 'get', 'clusters');
  expect(clusters.stdout).toContain('kubemu');
}, 120_000);
