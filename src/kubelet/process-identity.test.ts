import { expect, test } from 'vitest';
import type { ContainerRecord } from '../types/node-runtime.ts';
import { credentialsOf, identityOf, statusFile } from './process-identity.ts';

type Security = NonNullable<ContainerRecord['securityContext']>;

const PASSWD = {
  stat: () => ({ type: 'file', size: 1, mode: 0o644, mtime: 0 }) as const,
  read: () => 'app:x:101:102::/',
};

test.each<[string, { uid: number; gids: number[] }]>([
  ['root', { uid: 0, gids: [0] }],
  ['1000', { uid: 1000, gids: [0] }],
  ['1000:3000:2000,4000', { uid: 1000, gids: [3000, 2000, 4000] }],
  ['app', { uid: 101, gids: [102] }],
  ['root:0:2000', { uid: 0, gids: [0, 2000] }],
])('the numbers of %s', (user, expected) => {
  expect(credentialsOf(user, PASSWD)).toEqual(expected);
});

test.each<[string, Security, number, string, string]>([
  ['root by default', {}, 0, '00000000a80425fb', '00000000a80425fb'],
  ['a user by default', {}, 1000, '0000000000000000', '00000000a80425fb'],
  ['more', { capabilities: { add: ['NET_ADMIN', 'SYS_TIME'] } }, 0, '00000000aa0435fb', '00000000aa0435fb'],
  [
    'nothing but',
    { capabilities: { drop: ['ALL'], add: ['NET_BIND_SERVICE'] } },
    0,
    '0000000000000400',
    '0000000000000400',
  ],
  ['all', { privileged: true }, 0, '000001ffffffffff', '000001ffffffffff'],
])('capabilities: %s', (_what, securityContext, uid, effective, bounding) => {
  const text = statusFile({ securityContext } as ContainerRecord, { uid, gids: [0] }, 1, 'sh');
  expect(text).toContain(`CapEff:\t${effective}\nCapBnd:\t${bounding}\n`);
});

test.each<[string, boolean, { uid: number; gid: number; supplementalGroups: number[] }]>([
  ['1000', false, { uid: 1000, gid: 0, supplementalGroups: [0] }],
  ['1000:3000:4000', true, { uid: 1000, gid: 3000, supplementalGroups: [3000, 4000] }],
  ['app', false, { uid: 101, gid: 102, supplementalGroups: [10, 102] }],
  ['app', true, { uid: 101, gid: 102, supplementalGroups: [102] }],
])('what containerd tells of %s (strict: %s)', (user, strict, expected) => {
  const files = { ...PASSWD, read: (path: string) => (path === '/etc/group' ? 'wheel:x:10:root,app' : PASSWD.read()) };
  expect(identityOf(user, files, strict)).toEqual(expected);
});
