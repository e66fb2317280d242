import { expect, test } from 'vitest';
import { FsError } from '../../sh/process.ts';
import { MemoryState } from '../../store/state.ts';
import { type LayerEntry, LayerFiles } from './layer.ts';
import { type Credentials, MountTree } from './mount-tree.ts';
import { makeSubPath } from './volume-files.ts';

const USER: Credentials = { uid: 1000, gids: [3000, 2000] };
const ROOT: Credentials = { uid: 0, gids: [0] };

function filesOf(who: Credentials, readOnlyRoot = false) {
  const section = new MemoryState().section<LayerEntry>('files');
  const root = new LayerFiles(section, 'root', () => 0);
  for (const [path, mode] of Object.entries({ '/etc': 0o755, '/root': 0o700, '/tmp': 0o1777 })) {
    root.makeDir(path);
    root.chmod(path, mode);
  }
  root.write('/etc/passwd', 'root');
  root.write('/etc/secret', 's', { mode: 0o600 });
  root.write('/tmp/of-root', '');
  const volume = new LayerFiles(section, 'v', () => 0, undefined, undefined, { mode: 0o2777, gid: 2000, mtime: 0 });
  return new MountTree(root, [{ path: '/data', files: volume, root: '/', readOnly: false }], readOnlyRoot, who);
}

const tried = (work: () => unknown): unknown => {
  try {
    return work() ?? 'done';
  } catch (error) {
    return (error as FsError).code;
  }
};

test.each<[string, (files: MountTree) => unknown, string]>([
  ['makes a file in a folder of root', (files) => files.write('/x', ''), 'EACCES'],
  ['writes a file of root', (files) => files.write('/etc/passwd', 'x'), 'EACCES'],
  ['reads what everybody may', (files) => files.read('/etc/passwd'), 'root'],
  ['reads what only root may', (files) => files.read('/etc/secret'), 'EACCES'],
  ['lists the folder of root', (files) => files.list('/root'), 'EACCES'],
  ['looks into the folder of root', (files) => files.read('/root/x'), 'EACCES'],
  ['removes a file of root', (files) => files.remove('/etc/passwd'), 'EACCES'],
  ["removes another's file from a sticky folder", (files) => files.remove('/tmp/of-root'), 'EPERM'],
  ['writes in a folder for all', (files) => files.write('/tmp/x', ''), 'done'],
  ['changes the mode of a file of root', (files) => files.chmod('/etc/passwd', 0o777), 'EPERM'],
  ['takes a file of root', (files) => files.chown('/etc/passwd', { uid: 1000 }), 'EPERM'],
  ['makes a folder in a volume', (files) => files.makeDir('/data/d'), 'done'],
])('a user that %s', (_what, work, outcome) => {
  expect(tried(() => work(filesOf(USER)))).toBe(outcome);
});

test('a root that is read only is so for root, and before any permission', () => {
  expect(tried(() => filesOf(ROOT, true).write('/x', ''))).toBe('EROFS');
  expect(tried(() => filesOf(USER, true).write('/x', ''))).toBe('EROFS');
});

test('what is made in a volume with a group is that group’s, its folders too', () => {
  const files = filesOf(USER);
  files.makeDir('/data/d');
  files.write('/data/d/f', 'x');
  files.chown('/data/d/f', { gid: 3000 });
  files.write('/tmp/f', '');
  expect(files.stat('/data')).toMatchObject({ mode: 0o2777, gid: 2000 });
  expect(files.stat('/data/d')).toMatchObject({ mode: 0o2755, uid: 1000, gid: 2000 });
  expect(files.stat('/data/d/f')).toMatchObject({ mode: 0o644, uid: 1000, gid: 3000 });
  expect(files.stat('/tmp/f')).toMatchObject({ uid: 1000, gid: 3000 });
});

test('a part of a volume is made with the mode of the volume, once', () => {
  const files = new LayerFiles(new MemoryState().section<LayerEntry>('files'), 'v', () => 0, undefined, undefined, {
    mode: 0o777,
    mtime: 0,
  });
  makeSubPath(files, '/', 'a/b');
  files.write('/a/b/f', 'x');
  makeSubPath(files, '/', 'a/b');
  expect(files.stat('/a/b')).toMatchObject({ type: 'directory', mode: 0o777 });
  expect(() => makeSubPath(files, '/', 'a/b/f/c')).toThrow(FsError);
});
