import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { Home, root } from '../tools/built.ts';

const homes: Home[] = [];
afterEach(() => {
  for (const home of homes.splice(0)) home.remove();
});

function newHome(): Home {
  const home = new Home();
  homes.push(home);
  return home;
}

describe('what this project writes down', () => {
  it.each<[what: string, paths: string[], options: string[]]>([
    ['the README, the guides and the walkthroughs show what comes out', ['README.md', 'docs'], []],
    [
      'so do the walkthroughs in a real shell, with a process for each command',
      ['docs/walkthroughs'],
      ['--shell', 'bash'],
    ],
  ])('%s', (_, paths, options) => {
    const ran = newHome().run('kubemu', 'test', ...options, ...paths.map((path) => join(root, path)));
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    expect(ran.stdout).toMatch(/^\d+ files, \d+ commands: all as expected\.\n$/);
  });
});

describe('kubectl proxy', () => {
  it("serves the kubelet's configuration, as the article asks for it", async () => {
    const home = newHome();
    const create = ['create', 'cluster', '--preset', 'aks', '--nodes', '1', '--clock', 'manual', '--seed', '1'];
    expect(home.run('kubemu', ...create).code).toBe(0);
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
