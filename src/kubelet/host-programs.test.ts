import { expect, test } from 'vitest';
import type { ContainerRecord } from '../types/node-runtime.ts';
import { hostProgram } from './host-programs.ts';
import type { PodScope } from './pod/scope.ts';

const CERTIFICATES = '/etc/kubernetes/pki/etcd';

/** What leaves a container with these mounts (path in the container: path on the node). */
function left(argv: string[], mounts: Record<string, string>, spec: object) {
  const scope = { platform: { hostMachine: () => undefined }, pod: { spec } } as unknown as PodScope;
  const record = {
    mounts: Object.entries(mounts).map(([containerPath, path]) => ({
      containerPath,
      hostPath: path,
      source: { node: 'n', path },
    })),
    securityContext: { privileged: true },
  } as unknown as ContainerRecord;
  return hostProgram(scope, record, argv);
}

test.each([
  ['nsenter to process 1', ['nsenter', '-t', '1', '-m', 'ls'], {}, { hostPID: true }, ['ls']],
  ['nsenter without its files', ['nsenter', '-t', '1', '-n', 'ls'], {}, { hostPID: true }, undefined],
  ['chroot to the node', ['chroot', '/host', 'ls'], { '/host': '/' }, {}, ['ls']],
  ['chroot elsewhere', ['chroot', '/host', 'ls'], { '/host': '/var' }, {}, undefined],
  [
    'etcdctl of the control plane',
    ['/usr/local/bin/etcdctl', 'member', 'list'],
    { [CERTIFICATES]: CERTIFICATES },
    { hostNetwork: true },
    ['etcdctl', 'member', 'list'],
  ],
  ['etcdctl of anybody', ['etcdctl', 'member', 'list'], {}, {}, undefined],
])('what runs on the node: %s', (_what, argv, mounts, spec, expected) => {
  expect(left(argv, mounts as Record<string, string>, spec)).toEqual(expected);
});
