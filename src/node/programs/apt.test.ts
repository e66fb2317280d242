import { expect, it } from 'vitest';
import { testHost } from '../testing.ts';
import { nodePrograms } from './index.ts';

/** What the last of some commands on one machine answers. */
function last(...commands: string[]): { stdout: string; stderr: string; code: number } {
  const { host, run } = testHost();
  return commands.map((words) => run(nodePrograms(host)[words.split(' ')[0]!]!, { argv: words.split(' ') })).at(-1)!;
}

const UPGRADE = 'apt-get install -y kubeadm=1.33.14-1.1';

it.each<[commands: string[], said: string, code?: number]>([
  [[UPGRADE], 'Unpacking kubeadm (1.33.14-1.1) over (1.33.13-1.1) ...\nSetting up kubeadm (1.33.14-1.1) ...\n'],
  [[UPGRADE, UPGRADE], 'kubeadm is already the newest version (1.33.14-1.1).\n0 upgraded'],
  [['apt-mark hold kubeadm', UPGRADE], 'E: Held packages were changed and -y was used', 100],
  [['apt-mark unhold kubeadm', UPGRADE], 'Setting up kubeadm'],
  [['apt-get install -y nosuch'], 'E: Unable to locate package nosuch\n', 100],
  [['apt-get install -y kubeadm=frob'], "E: Version 'frob' for 'kubeadm' was not found\n", 100],
  [[UPGRADE, 'dpkg -l kubeadm'], 'hi  kubeadm        1.33.14-1.1  amd64        Command-line'],
  [['dpkg -s nosuch'], "dpkg-query: package 'nosuch' is not installed and no information is available\n", 1],
  [['dpkg -S bin/kubelet'], 'kubelet: /usr/bin/kubelet\n'],
  [['apt-cache policy kubelet'], '  Installed: 1.33.13-1.1\n  Candidate: 1.33.14-1.1\n'],
  [
    ['apt-cache madison kubectl'],
    '    kubectl | 1.33.14-1.1 | https://pkgs.k8s.io/core:/stable:/v1.33/deb  Packages\n',
  ],
])('%j', (commands, said, code = 0) => {
  const { stdout, stderr, code: ended } = last(...commands);
  expect([(stdout + stderr).includes(said) ? said : stdout + stderr, ended]).toEqual([said, code]);
});
