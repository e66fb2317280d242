import { expect, test } from 'vitest';
import { runKubectl } from '../main.ts';
import { fakeCluster } from '../testing/fake-cluster.ts';
import { fakeEnvironment } from '../testing/fake-environment.ts';
import { readSimpleYaml } from './simple-yaml.ts';

const stanza = (name: string, server: string) => `apiVersion: v1
clusters:
- cluster:
    server: ${server}
  name: ${name}
contexts:
- context:
    cluster: ${name}
    namespace: ns-${name}
    user: u
  name: ${name}
current-context: ${name}
kind: Config
preferences: {}
users: []
`;

const files = { 'a.yaml': stanza('a', 'https://a:6443'), 'b.yaml': stanza('b', 'https://b:6443') };

async function kubectl(argv: string[], options: Parameters<typeof fakeEnvironment>[1] = {}) {
  const environment = fakeEnvironment(
    fakeCluster({ 'GET /api/v1/namespaces/ns-b/pods': { body: { items: [] } } }),
    options,
  );
  const code = await runKubectl(argv, environment);
  return { code, environment, out: environment.stdout, err: environment.stderr };
}

test('of several files the first that says something counts, and all contexts are known', async () => {
  const env = { KUBECONFIG: 'b.yaml:nowhere.yaml:a.yaml' };
  expect((await kubectl(['config', 'current-context'], { files, env })).out).toBe('b\n');
  expect((await kubectl(['config', 'get-contexts', '-o', 'name'], { files, env })).out).toBe('a\nb\n');
});

test('a change goes to the file that holds the stanza, a new one to the first file', async () => {
  const env = { KUBECONFIG: 'b.yaml:a.yaml' };
  const changed = await kubectl(['config', 'set-context', 'a', '--namespace=other'], { files, env });
  expect(changed.out).toBe('Context "a" modified.\n');
  expect(changed.environment.files.get('/home/user/a.yaml')).toContain('namespace: other');
  expect(changed.environment.files.get('/home/user/b.yaml')).toBe(files['b.yaml']);
  const added = await kubectl(['config', 'set-cluster', 'c', '--server=https://c'], { files, env });
  expect(added.environment.files.get('/home/user/b.yaml')).toContain('server: https://c\n  name: c\n');
});

test.each([
  [['--context=nope'], 'Error in configuration: context was not found for specified context: nope\n'],
  [['--cluster=nope'], 'error: no server found for cluster "nope"\n'],
  [['--user=nope'], 'error: auth info "nope" does not exist\n'],
  [['--kubeconfig=/nonexistent'], 'error: stat /nonexistent: no such file or directory\n'],
  [
    ['--request-timeout=abc'],
    'error: Invalid timeout value. Timeout must be a single integer in seconds, or an integer followed by a corresponding time unit (e.g. 1s | 2m | 3h)\n',
  ],
])('get pods %j is refused', async (flags, err) => {
  expect(await kubectl(['get', 'pods', ...flags])).toMatchObject({ code: 1, out: '', err });
});

test('the context gives the namespace, and -n another', async () => {
  expect((await kubectl(['get', 'pods', '--kubeconfig=b.yaml'], { files })).err).toBe(
    'No resources found in ns-b namespace.\n',
  );
});

test('a configuration without a cluster reaches nobody', async () => {
  const { err } = await kubectl(['get', 'pods', '--kubeconfig=empty.yaml'], {
    files: { 'empty.yaml': 'kind: Config\n' },
  });
  expect(err.split('\n').slice(-2).join('\n')).toBe(
    'The connection to the server localhost:8080 was refused - did you specify the right host or port?\n',
  );
});

test('the quick reader takes what kubectl writes, and leaves the rest to the real one', () => {
  expect(readSimpleYaml(files['a.yaml'])).toMatchObject({
    clusters: [{ name: 'a', cluster: { server: 'https://a:6443' } }],
    'current-context': 'a',
    users: [],
  });
  for (const text of [
    'a: "quoted"',
    'a: {b: c}',
    'a: 1',
    'a: yes',
    'a: b # c',
    'a: |\n  b',
    'a: b\na: c',
    '- a: b\n c: d',
  ]) {
    expect(readSimpleYaml(text)).toBeUndefined();
  }
});
