import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { Home, root } from '../tools/built.ts';
import { readTranscript, replay } from '../tools/transcript.ts';

const homes: Home[] = [];
afterEach(() => {
  for (const home of homes.splice(0)) home.remove();
});

function cluster(create: string): Home {
  const home = new Home();
  homes.push(home);
  expect(home.run('kubemu', 'create', 'cluster', ...create.split(' '), '--clock', 'manual', '--seed', '1').code).toBe(
    0,
  );
  return home;
}

describe.each([
  ['inside a worker node, AKS: konnectivity on two nodes', '--preset aks --node-instances 2,3', 'aks.txt'],
  [
    'inside a worker node, AKS: node-shell, crictl, agents that move on four nodes',
    '--preset aks --nodes 4',
    'aks-node.txt',
  ],
  ['kubelet and kube-proxy on a kubeadm node', '--preset kubeadm', 'kubeadm.txt'],
])('%s', (_, create, file) => {
  it('shows the transcript, whole', () => {
    const transcript = readFileSync(new URL(file, import.meta.url), 'utf8');
    expect(replay(cluster(create), readTranscript(transcript))).toBe(transcript);
  });
});

describe('kubectl proxy', () => {
  it("serves the kubelet's configuration, as the article asks for it", async () => {
    const home = cluster('--preset aks --nodes 1');
    const proxy = spawn(process.execPath, [join(root, 'bin', 'kubectl'), 'proxy', '--port=0'], { env: home.env });
    try {
      const said = await new Promise<string>((resolve) =>
        proxy.stdout.once('data', (text: Buffer) => resolve(String(text))),
      );
      const [, address] = /^Starting to serve on (127\.0\.0\.1:\d+)\n$/.exec(said) ?? [];
      const path = '/api/v1/nodes/aks-nodepool1-87052983-vmss000000/proxy/configz';
      const answer = (await (await fetch(`http://${address}${path}`)).json()) as { kubeletconfig: object };
      expect(answer.kubeletconfig).toMatchObject({ clusterDNS: ['10.0.0.10'], clusterDomain: 'cluster.local' });
    } finally {
      proxy.kill();
    }
  });
});
