import { expect, it } from 'vitest';
import { testHost } from '../testing.ts';
import { kubeadm } from './index.ts';

const typed = (words: string) => {
  const { host, run } = testHost();
  return run((c) => kubeadm(host, c), { argv: words.split(' ') });
};

/** The commands that a help lists. */
const listed = (help: string): string[] =>
  (/Available Commands:\n((?: {2}.*\n)+)/.exec(help)?.[1] ?? '')
    .split('\n')
    .flatMap((line) => /^ {2}(\S+)/.exec(line)?.[1] ?? []);

it.each<[string, string]>([
  [
    'init',
    'addon bootstrap-token certs control-plane etcd kubeconfig kubelet-finalize kubelet-start mark-control-plane preflight show-join-command upload-certs upload-config',
  ],
  ['join', 'control-plane-join control-plane-prepare etcd-join kubelet-start preflight wait-control-plane'],
  ['reset', 'cleanup-node preflight remove-etcd-member'],
  ['upgrade apply', 'addon bootstrap-token control-plane kubelet-config post-upgrade preflight upload-config'],
  ['upgrade node', 'addon control-plane kubelet-config post-upgrade preflight'],
])('kubeadm %s phase', async (command, phases) => {
  const answer = await typed(`kubeadm ${command} phase`);
  expect(listed(answer.stdout)).toEqual(phases.split(' '));
  expect(answer).toMatchObject({
    stderr: '\nerror: subcommand is required\nTo see the stack trace of this error execute with --v=5 or higher\n',
    code: 1,
  });
  expect(listed((await typed(`kubeadm ${command} phase --help`)).stdout)).toEqual(phases.split(' '));
});

it('the answers of phases that need no cluster', async () => {
  expect((await typed('kubeadm init phase upload-certs')).stdout).toBe(
    '[upload-certs] Skipping phase. Please see --upload-certs\n',
  );
  expect((await typed('kubeadm init phase kubelet-finalize all')).stdout).toBe(
    '[kubelet-finalize] Updating "/etc/kubernetes/kubelet.conf" to point to a rotatable kubelet client certificate and key\n',
  );
  expect(await typed('kubeadm join phase preflight')).toMatchObject({
    stderr:
      'discovery: Invalid value: "": bootstrapToken or file must be set\nTo see the stack trace of this error execute with --v=5 or higher\n',
    code: 3,
  });
  expect((await typed('kubeadm upgrade apply phase control-plane')).stderr).toContain(
    'missing one or more required arguments. Required arguments: [version]\n',
  );
});
