import { expect, test } from 'vitest';
import type { Pod } from '../types/objects.ts';
import { forbiddenSysctl } from './sysctls.ts';

test.each<[string, object, string[], string | undefined]>([
  ['net.ipv4.tcp_syncookies', {}, [], undefined],
  ['kernel.msgmax', {}, [], 'forbidden sysctl: "kernel.msgmax" not allowlisted'],
  ['kernel.msgmax', {}, ['kernel.msg*'], undefined],
  ['net/core/somaxconn', {}, [], 'forbidden sysctl: "net.core.somaxconn" not allowlisted'],
  [
    'net.ipv4.tcp_rmem',
    { hostNetwork: true },
    [],
    'forbidden sysctl: "net.ipv4.tcp_rmem" not allowed with host Net enabled',
  ],
  [
    'kernel.shm_rmid_forced',
    { hostIPC: true },
    [],
    'forbidden sysctl: "kernel.shm_rmid_forced" not allowed with host IPC enabled',
  ],
])('%s of %j', (name, spec, unsafe, why) => {
  const pod = { spec: { ...spec, securityContext: { sysctls: [{ name, value: '1' }] } } } as unknown as Pod;
  expect(forbiddenSysctl(pod, unsafe)).toBe(why);
});
