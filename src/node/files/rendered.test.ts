import { expect, test } from 'vitest';
import { testHost } from '../testing.ts';
import { nodeFiles, nodeSources } from './index.ts';
import { RenderedFiles } from './rendered.ts';

function walk(files: RenderedFiles, path: string): string[] {
  if (files.stat(path)?.type !== 'directory') return [path];
  return files.list(path).flatMap((name) => walk(files, `${path === '/' ? '' : path}/${name}`));
}

test.each([
  ['a worker', [], '/lib/systemd/system'],
  ['a control plane', ['control-plane'], '/usr/lib/systemd/system'],
])('every file of %s is found where its source says it is', (_, roles, unitFolder) => {
  const { host } = testHost({ record: { roles }, machine: { systemd: 249, unitFolder } });
  const files = new RenderedFiles(nodeSources(host), 0);
  const table = nodeFiles(host);
  expect(walk(files, '/').sort()).toEqual(Object.keys(table).sort());
  expect(Object.keys(table).filter((path) => files.read(path) !== table[path]!())).toEqual([]);
});

test('only what is looked at is made', () => {
  const made: string[] = [];
  const source = (folder: string, path: string) => ({
    folders: [folder],
    files: () => {
      made.push(folder);
      return { [path]: () => 'text' };
    },
  });
  const files = new RenderedFiles([source('/', '/etc/hosts'), source('/etc/cni', '/etc/cni/net.d/a')], 0);
  expect(files.stat('/etc')).toMatchObject({ type: 'directory' });
  expect(files.list('/etc/cni/net.d')).toEqual(['a']);
  expect(made).toEqual(['/etc/cni']);
  expect(files.list('/etc')).toEqual(['cni', 'hosts']);
  expect(() => files.read('/etc/shadow')).toThrow('ENOENT');
});
