import { describe, expect, test } from 'vitest';
import { runKubectl } from '../main.ts';
import { fakeCluster } from '../testing/fake-cluster.ts';
import { fakeEnvironment } from '../testing/fake-environment.ts';
import { decodePreference } from './preference.ts';

const HEAD = 'apiVersion: kubectl.config.k8s.io/v1alpha1\nkind: Preference\n';

const PREFERENCE = `${HEAD}overrides:
- command: config view
  flags: [{ name: output, default: json }]
- command: gone
- command: version
  flags: [{ name: nosuch, default: x }]
- command: config get-contexts
  flags: [{ name: no-headers, default: maybe }]
- command: options
  flags: [{ name: v, default: "6" }]
aliases:
- name: runx
  command: run
  flags:
  - { name: image, default: nginx }
  - { name: dry-run, default: client }
  - { name: output, default: 'jsonpath={.metadata.name} {.spec.containers[0].image} {.spec.containers[0].args}' }
  appendArgs: ["--", "a b"]
- name: place
  command: run
  prependArgs: [first]
  flags: [{ name: namespace, default: team }, { name: dry-run, default: client }]
- name: c
  command: create
- name: lost
  command: nosuch thing
`;

const GONE = 'Warning: command "gone" not found to set kuberc override\n';

async function kubectl(line: string[], files: Record<string, string>, env: Record<string, string> = {}) {
  const environment = fakeEnvironment(fakeCluster({}), { files, env: { KUBECTL_KUBERC: 'true', ...env } });
  const code = await runKubectl(line, environment);
  return { code, out: environment.stdout, err: environment.stderr };
}

const preferred = (line: string[], env?: Record<string, string>) =>
  kubectl(line, { '/home/user/.kube/kuberc': PREFERENCE }, env);

test.each<[string, string]>([
  ['runx web', 'web nginx ["a b"]'],
  ['runx web --image=redis', 'web redis ["a b"]'],
  ['runx web -oname', 'pod/web\n'],
  [
    'place --image=redis -o jsonpath={.metadata}',
    '{"creationTimestamp":null,"labels":{"run":"first"},"name":"first","namespace":"team"}',
  ],
  ['place -n other --image=redis -o jsonpath={.metadata.namespace}', 'other'],
  ['c configmap x --dry-run=client -o name', 'configmap/x\n'],
  ['config current-context', 'kubemu\n'],
])('an alias: %s', async (line, out) => {
  expect(await preferred(line.split(' '))).toEqual({ code: 0, out, err: GONE });
});

test('an override gives way to what the command line says', async () => {
  const shown = await Promise.all(
    [
      ['config', 'view'],
      ['config', 'view', '-o=yaml'],
    ].map((line) => preferred(line)),
  );
  expect(shown.map(({ out }) => out.split('\n')[0])).toEqual(['{', 'apiVersion: v1']);
});

const FAILED = 'error occurred while applying preferences';

test.each<[string, string]>([
  ['version', `${GONE}${FAILED} invalid flag nosuch for command version\n`],
  ['options', `${GONE}${FAILED} invalid flag v for command options\n`],
  [
    'config get-contexts',
    `${GONE}${FAILED} could not apply override value maybe to flag no-headers in command config get-contexts err: invalid argument "maybe" for "--no-headers" flag: strconv.ParseBool: parsing "maybe": invalid syntax\n`,
  ],
  ['lost', `${FAILED} command "nosuch thing" not found to set alias "lost": [nosuch thing]\n`],
  ['runx', `${GONE}error: NAME is required for run\nSee 'kubectl runx -h' for help and examples\n`],
  ['runx x --kuberc', `${FAILED} kuberc file is not found\n`],
  ['runx x --kuberc=', `${FAILED} kuberc file is not found\n`],
  ['runx x --kuberc nosuch', `${FAILED} kuberc error kuberc: open nosuch: no such file or directory\n`],
  ['-n team runx x', 'Error: flags cannot be placed before plugin name: -n\n'],
])('%s fails', async (line, err) => {
  expect(await preferred(line.split(' '))).toEqual({ code: 1, out: '', err });
});

describe('without preferences', () => {
  const current = ['config', 'current-context'];
  test.each<[string, string[], Record<string, string>, Record<string, string>, string]>([
    ['without the variable', current, { '/home/user/.kube/kuberc': PREFERENCE }, { KUBECTL_KUBERC: 'false' }, ''],
    ['turned off', current, { '/home/user/.kube/kuberc': PREFERENCE }, { KUBERC: 'off' }, ''],
    ['no file', current, {}, {}, ''],
    ['an empty file', current, { '/home/user/.kube/kuberc': '' }, {}, ''],
    [
      'strict errors of the default file',
      current,
      { '/home/user/.kube/kuberc': `${HEAD}foo: 1\n` },
      {},
      'kuberc: no preferences loaded from /home/user/.kube/kuberc: strict decoding error: unknown field "foo"',
    ],
    [
      'strict errors of a named file',
      [...current, '--kuberc=rc'],
      { rc: `${HEAD}foo: 1\noverrides: [{ command: gone }]\n` },
      {},
      `kuberc: ignoring strict decoding error in rc: strict decoding error: unknown field "foo"${GONE}`,
    ],
  ])('%s', async (_, line, files, env, err) => {
    expect(await kubectl(line, files, env)).toEqual({ code: 0, out: 'kubemu\n', err });
  });
});

test.each<[string, string]>([
  ['aliases: [{ name: a-b }]', 'invalid alias name, can only include alphabetical characters'],
  ['aliases: [{ name: a }, { name: a }]', 'duplicate alias name a'],
  ['aliases: [{ name: a, flags: [{ name: -o }] }]', 'flag name -o should be in long form without dashes'],
  ['overrides: [{ flags: [{ name: --output }] }]', 'flag name --output should be in long form without dashes'],
])('%s is refused', async (text, why) => {
  const { err } = await kubectl(['version'], { '/home/user/.kube/kuberc': `${HEAD}${text}\n` });
  expect(err).toBe(`${FAILED} ${why}\n`);
});

const NONE = 'no valid preferences found in rc, use --v=5 to see details';

test.each<[string, string, string]>([
  ['a number for a string', `${HEAD}overrides: [{ command: get, flags: [{ name: v, default: 1 }] }]`, NONE],
  ['an object for a list', `${HEAD}aliases: {}`, NONE],
  ['another version', 'apiVersion: kubectl.config.k8s.io/v1\nkind: Preference', NONE],
  ['a comment', '# nothing', NONE],
  ['broken text', 'a: b: c', NONE],
  ['a bad separator', '--- x', 'invalid Yaml document separator: x'],
])('%s is no preference', (_, text, why) => {
  expect(() => decodePreference(text, 'rc')).toThrow(why);
});

test.each<[string, string, string | undefined]>([
  ['the first of several documents', `kind: Pod\n---\n${HEAD}---\n${HEAD}z: 1`, undefined],
  [
    'unknown fields in the order of their names',
    `${HEAD}z: 1\noverrides:\n- { x: 1, command: get }\nb: 1\n`,
    'strict decoding error: unknown field "b", unknown field "overrides[0].x", unknown field "z"',
  ],
  [
    'keys that come twice',
    `${HEAD}aliases: []\naliases: []\n`,
    'strict decoding error: yaml: unmarshal errors:\n  line 4: key "aliases" already set in map',
  ],
])('%s', (_, text, problem) => {
  expect(decodePreference(text, 'rc')?.problem).toBe(problem);
});
