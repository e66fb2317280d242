import { expect, test } from 'vitest';
import { inColumns } from './columns.ts';

const ROOT = 'bin boot dev docker-entrypoint.d docker-entrypoint.sh etc home media mnt opt proc root run sbin'.split(
  ' ',
);

test.each<[what: string, names: string[], width: number, busybox: boolean, lines: string[]]>([
  ['nothing', [], 80, false, []],
  ['one row', ['a', 'bb', 'c'], 80, false, ['a  bb  c']],
  ['too narrow', ['aaaa', 'bbbb'], 8, false, ['aaaa', 'bbbb']],
  [
    'as wide as needed, with tabs',
    ROOT,
    80,
    false,
    // What `ls -C -w 80` of coreutils 9.1 prints.
    [
      'bin   dev\t\t   docker-entrypoint.sh  home\tmnt  proc  run',
      'boot  docker-entrypoint.d  etc\t\t\t media\topt  root  sbin',
    ],
  ],
  ['busybox', ['bin', 'dev', 'etc', 'home', 'root'], 20, true, ['bin   etc   root', 'dev   home']],
])('%s', (_, names, width, busybox, lines) => {
  expect(inColumns(names, width, busybox)).toBe(lines.map((line) => `${line}\n`).join(''));
});
