import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { Home } from './tools/built.ts';

const homes: Home[] = [];
afterEach(() => {
  for (const home of homes.splice(0)) home.remove();
});

function newHome(more?: Record<string, string>): Home {
  const home = new Home(more);
  homes.push(home);
  return home;
}

const CONFIG = `apiVersion: kubemu.dev/v1alpha1
kind: Cluster
metadata: {name: small}
spec:
  kubernetesVersion: v1.33.13
  clock: {mode: manual}
  seed: 1
  apiServer: https://127.0.0.1:6443
  network: {podCIDR: 10.244.0.0/16, serviceCIDR: 10.96.0.0/12}
  addons: []
  nodes:
  - {name: master, roles: [control-plane], internalIP: 192.168.50.10}
  - {name: node-1, internalIP: 192.168.50.11}
`;

function small(): Home {
  const home = newHome();
  writeFileSync(join(home.folder, 'small.yaml'), CONFIG);
  expect(home.run('kubemu', 'create', 'cluster', '--config', 'small.yaml')).toEqual({
    stdout: 'Created cluster small (Kubernetes v1.33.13, 2 nodes).\n',
    stderr: '',
    code: 0,
  });
  return home;
}

describe('a kind cluster', () => {
  it('taints its control plane only when there are workers', () => {
    for (const [nodes, taints] of [
      ['1', '<none>'],
      ['2', 'node-role.kubernetes.io/control-plane:NoSchedule'],
    ] as const) {
      const home = newHome();
      home.run('kubemu', 'create', 'cluster', '--preset', 'kind', '--nodes', nodes);
      expect(home.run('kubectl', 'describe', 'node', 'kind-control-plane').stdout).toMatch(
        new RegExp(`^Taints: +${taints}$`, 'm'),
      );
    }
  });
});

describe('the first command', () => {
  it('makes the default cluster, says so on standard error, and answers', () => {
    const home = newHome();
    const first = home.run('kubectl', 'get', 'nodes', '-o', 'name');
    expect(first.stdout).toBe('node/k8s-master\nnode/node-1\nnode/node-2\n');
    expect(first.stderr).toBe(
      'There was no cluster yet: made one named "kubemu" (preset kubeadm); see `kubemu --help`.\n',
    );
    expect(home.run('kubectl', 'get', 'nodes', '-o', 'name').stderr).toBe('');
  });

  it('works on a state file that was copied without its kubeconfig', () => {
    const home = small();
    const other = newHome();
    writeFileSync(other.state, readFileSync(home.state));
    expect(other.run('kubectl', 'get', 'nodes', '-o', 'name').stdout).toBe('node/master\nnode/node-1\n');
  });
});

describe('determinism', () => {
  const session = (home: Home): string[] => [
    ...[
      ['run', 'web', '--image=nginx'],
      ['create', 'deployment', 'shop', '--image=nginx', '--replicas=3'],
      ['rollout', 'status', 'deployment/shop', '--timeout=2m'],
      ['get', 'pods', '-o', 'yaml'],
      ['get', 'events'],
    ].map((args) => JSON.stringify(home.run('kubectl', ...args))),
    JSON.stringify(home.run('kubemu', 'advance', '1h')),
    readFileSync(home.state, 'utf8'),
  ];

  it('gives the same bytes for the same commands', () => {
    const [one, two] = [session(small()), session(small())];
    expect(two).toEqual(one);
  });
});

describe('commands at once', () => {
  it('lose no update', async () => {
    const home = small();
    const names = Array.from({ length: 8 }, (_, index) => `settings-${index}`);
    const made = await Promise.all(names.map((name) => home.start('kubectl', 'create', 'configmap', name)));
    expect(made.map(({ stdout }) => stdout)).toEqual(names.map((name) => `configmap/${name} created\n`));
    const listed = home.run('kubectl', 'get', 'configmaps', '-o', 'name').stdout;
    expect(listed).toBe(['kube-root-ca.crt', ...names].map((name) => `configmap/${name}\n`).join(''));
  });
});

describe('mistakes', () => {
  it.each([
    [
      'an unknown field',
      'seed: 1',
      'sed: 1',
      'small.yaml: spec.sed: unknown field: the fields here are kubernetesVersion, clock, seed',
    ],
    [
      'a wrong value',
      'mode: manual',
      'mode: fast',
      'small.yaml: spec.clock.mode: "fast" is not allowed: it must be one of real, manual',
    ],
    ['a missing field', 'name: node-1, ', '', 'small.yaml: spec.nodes[1].name: is required'],
    ['an unsupported version', 'v1.33.13', 'v1.30.2', 'Kubernetes v1.30.2 is not supported'],
    ['text that is no YAML', 'metadata: {name: small}', 'metadata: {name: small', 'small.yaml: '],
  ])('%s in a configuration is named', (_, right, wrong, message) => {
    const home = newHome();
    writeFileSync(join(home.folder, 'small.yaml'), CONFIG.replace(right, wrong));
    const { stdout, stderr, code } = home.run('kubemu', 'create', 'cluster', '--config', 'small.yaml');
    expect(stderr).toContain(`error: ${message}`);
    expect({ stdout, code }).toEqual({ stdout: '', code: 1 });
  });

  it.each([
    [['create', 'cluster', '--preset', 'k3s'], "error: option '--preset <preset>' argument 'k3s' is invalid."],
    [['create', 'cluster', '--nodes', 'many'], 'It must be a whole number.'],
    [['advance', 'soon'], 'error: soon is no duration: 90s, 10m, 1h30m and 24h are'],
    [['advance'], 'error: say how long, or until when'],
    [['use', 'nowhere'], 'error: there is no cluster'],
    [['fly'], "error: unknown command 'fly'"],
  ])('kubemu %j says what is wrong', (args, message) => {
    const { stderr, code } = newHome().run('kubemu', ...args);
    expect(stderr).toContain(message);
    expect(code).toBe(1);
  });

  it('a damaged state file is reported with its line and kept', () => {
    const home = small();
    const text = readFileSync(home.state, 'utf8').replace('\n"kube-system', '\nrubbish"kube-system');
    const broken = text.replace(/\n"clock":\{[^\n]*\n/, '\n"clock":{"mode":"man\n');
    writeFileSync(home.state, broken);
    const { stderr, code } = home.run('kubectl', 'get', 'pods');
    expect(stderr).toMatch(/^error: the state file is damaged: .*state\.json, line \d+: this is not a whole entry\n/);
    expect(code).toBe(1);
    expect(readFileSync(home.state, 'utf8')).toBe(broken);
  });

  it("a server that is not kubemu's is refused", () => {
    const home = small();
    const { stderr, code } = home.run('kubectl', 'get', 'pods', '--server=https://1.2.3.4:6443');
    expect(stderr).toContain("error: the server https://1.2.3.4:6443 is not one of kubemu's");
    expect(code).toBe(1);
  });
});

describe('several clusters', () => {
  it('are contexts of one kubeconfig, each with its own state', () => {
    const home = newHome({ KUBEMU_STATE: '', XDG_STATE_HOME: '' });
    for (const name of ['one', 'two']) home.run('kubemu', 'create', 'cluster', '--name', name);
    home.run('kubectl', 'create', 'namespace', 'only-two');
    expect(home.run('kubectl', 'config', 'current-context').stdout).toBe('two\n');
    expect(home.run('kubemu', 'use', 'one').stdout).toBe('Switched to cluster one.\n');
    expect(home.run('kubectl', 'get', 'namespace', 'only-two').code).toBe(1);
    expect(home.run('kubectl', '--context', 'two', 'get', 'namespace', 'only-two', '-o', 'name').stdout).toBe(
      'namespace/only-two\n',
    );
    expect(home.run('kubemu', 'get', 'clusters').stdout.match(/^.*(?:one|two) .*$/gm)).toHaveLength(2);
    expect(home.run('kubemu', 'delete', 'cluster', 'one').stdout).toBe('Deleted cluster one.\n');
    expect(home.run('kubectl', 'config', 'current-context').stdout).toBe('two\n');
  });
});
