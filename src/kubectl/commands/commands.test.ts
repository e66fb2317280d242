import { expect, test } from 'vitest';
import { runKubectl } from '../main.ts';
import { fakeCluster, notFound } from '../testing/fake-cluster.ts';
import { fakeEnvironment } from '../testing/fake-environment.ts';

type Answers = Parameters<typeof fakeCluster>[0];
type Options = Parameters<typeof fakeEnvironment>[1];

async function kubectl(line: string[], answers: Answers = {}, options: Options = {}) {
  const environment = fakeEnvironment(fakeCluster(answers), options);
  const code = await runKubectl(line, environment);
  const writes = environment.requests.filter(({ method }) => method !== 'GET');
  return { code, out: environment.stdout, err: environment.stderr, writes };
}

const pod = (name: string, more: object = {}) => ({
  kind: 'Pod',
  apiVersion: 'v1',
  metadata: { name, namespace: 'default', ...more },
});
const POD = '/api/v1/namespaces/default/pods/a';

test.each<[string[], string]>([
  [['get', 'nosuch'], 'error: the server doesn\'t have a resource type "nosuch"\n'],
  [['get', 'PO'], 'error: the server doesn\'t have a resource type "PO"\n'],
  [['get', 'pods.apps'], 'error: the server doesn\'t have a resource type "pods"\n'],
  [
    ['get', 'pods/a', 'b'],
    "error: there is no need to specify a resource type as a separate argument when passing arguments in resource/name form (e.g. 'kubectl get resource/<resource_name>' instead of 'kubectl get resource resource/<resource_name>'\n",
  ],
  [['get', 'pods/a/b'], 'error: arguments in resource/name form may not have more than one slash\n'],
  [['get', 'pods', 'a', '-l', 'x=y'], 'error: name cannot be provided when a selector is specified\n'],
  [['get', 'pods', 'a', '-A'], 'error: a resource cannot be retrieved by name across all namespaces\n'],
  [
    ['get', 'pods,cm', 'a'],
    'Error from server (NotFound): pods "a" not found\nError from server (NotFound): configmaps "a" not found\n',
  ],
  [['get', '-f', 'x.yaml'], 'error: the path "x.yaml" does not exist\n'],
  [
    ['get', 'pods', '-o', 'table'],
    'error: unable to match a printer suitable for the output format "table", allowed formats are: custom-columns,custom-columns-file,go-template,go-template-file,json,jsonpath,jsonpath-as-json,jsonpath-file,name,template,templatefile,wide,yaml\n',
  ],
  [
    ['get', 'pod', 'a', 'b'],
    'Error from server (NotFound): pods "a" not found\nError from server (NotFound): pods "b" not found\n',
  ],
  [['get', 'pod', 'a', '-n', 'lost'], 'Error from server (NotFound): namespaces "lost" not found\n'],
  [
    ['scale', 'deploy/a', 'deploy/b', '-n', 'lost', '--replicas=1'],
    'error: no objects passed to scale namespaces "lost" not found\n',
  ],
  [['delete', 'pods'], 'error: resource(s) were provided, but no name was specified\n'],
  [['delete', 'pods', '--all', '-l', 'x=y'], "error: setting 'all' parameter but found a non empty selector. \n"],
  [
    ['delete', 'pod', 'a', '--now', '--grace-period=5'],
    'error: --now and --grace-period cannot be specified together\n',
  ],
  [
    ['delete', 'pod', 'a', '--cascade=sideways'],
    'error: invalid cascade value (sideways). Must be "background", "foreground", or "orphan"\n',
  ],
  [['apply'], 'error: must specify one of -f and -k\n'],
  [
    ['apply', '-f', 'x', '--dry-run=yes'],
    'error: Invalid dry-run value (yes). Must be "none", "server", or "client".\n',
  ],
  [['wait', 'pod/a', '--for=ready'], 'error: unrecognized condition: "ready"\n'],
  [['exec', 'a'], 'error: you must specify at least one command for the container\n'],
  [['patch', 'pod', 'a'], 'error: must specify --patch or --patch-file containing the contents of the patch\n'],
  [['rollout', 'frob'], 'error: unknown command "frob"\nSee \'kubectl rollout -h\' for help and examples\n'],
])('kubectl %j fails', async (line, err) => {
  expect(await kubectl(line)).toMatchObject({ out: '', err, code: 1 });
});

test('names of all spellings reach the same type', async () => {
  const answers = {
    'GET /apis/apps/v1/namespaces/default/deployments/w': {
      body: { ...pod('w'), kind: 'Deployment', apiVersion: 'apps/v1' },
    },
  };
  for (const type of [
    'deployments',
    'deployment',
    'deploy',
    'Deployment',
    'deployments.apps',
    'deployments.v1.apps',
    'deploy.app',
  ]) {
    expect((await kubectl(['get', `${type}/w`, '-o', 'name'], answers)).out).toBe('deployment.apps/w\n');
  }
});

test('a delete sends its options, and waits until the object is gone', async () => {
  let gone = false;
  const { out, writes } = await kubectl(['delete', 'pod', 'a', '--now', '--cascade=orphan'], {
    [`GET ${POD}`]: () =>
      gone ? { status: 404, body: { kind: 'Status', reason: 'NotFound', message: '' } } : { body: pod('a') },
    [`DELETE ${POD}`]: () => {
      gone = true;
      return { body: pod('a', { uid: '1' }) };
    },
  });
  expect(out).toBe('pod "a" deleted\n');
  expect(writes.map(({ body }) => body)).toEqual([{ gracePeriodSeconds: 1, propagationPolicy: 'Orphan' }]);
});

test('wait --for=create looks again while there is nothing', async () => {
  let looks = 0;
  const { out } = await kubectl(['wait', '--for=create', 'pod/a'], {
    [`GET ${POD}`]: () =>
      ++looks < 3 ? { status: 404, body: { kind: 'Status', reason: 'NotFound', message: '' } } : { body: pod('a') },
  });
  expect(out).toBe('pod/a condition met\n');
});

const MANIFEST = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c\ndata:\n  a: "1"\n';
const LAST = 'kubectl.kubernetes.io/last-applied-configuration';
const CONFIG = '/api/v1/namespaces/default/configmaps/c';

const applied = (data: Record<string, string>) => {
  const bare = {
    apiVersion: 'v1',
    data,
    kind: 'ConfigMap',
    metadata: { annotations: {}, name: 'c', namespace: 'default' },
  };
  return { ...bare, metadata: { ...bare.metadata, annotations: { [LAST]: `${JSON.stringify(bare)}\n` } } };
};

test('apply creates with the record of what was applied', async () => {
  const { out, writes } = await kubectl(
    ['apply', '-f', '-'],
    { 'POST /api/v1/namespaces/default/configmaps': (request) => ({ body: request.body }) },
    { stdin: MANIFEST },
  );
  expect(out).toBe('configmap/c created\n');
  expect(writes[0]!.path).toBe(
    '/api/v1/namespaces/default/configmaps?fieldManager=kubectl-client-side-apply&fieldValidation=Strict',
  );
  expect(writes[0]!.body).toEqual(applied({ a: '1' }));
});

test('apply patches what changed, deletes what is no longer applied, and leaves the rest alone', async () => {
  const live = { ...applied({ a: '0', gone: 'x' }), data: { a: '0', gone: 'x', others: 'y' } };
  const { out, writes } = await kubectl(
    ['apply', '-f', '-'],
    { [`GET ${CONFIG}`]: { body: live }, [`PATCH ${CONFIG}`]: { body: live } },
    { stdin: MANIFEST },
  );
  expect(out).toBe('configmap/c configured\n');
  expect(JSON.parse(writes[0]!.body as string)).toEqual({
    data: { a: '1', gone: null },
    metadata: { annotations: { [LAST]: applied({ a: '1' }).metadata.annotations[LAST] } },
  });
});

test('applying again changes nothing', async () => {
  const { out, writes } = await kubectl(
    ['apply', '-f', '-'],
    { [`GET ${CONFIG}`]: { body: applied({ a: '1' }) } },
    { stdin: MANIFEST },
  );
  expect(out).toBe('configmap/c unchanged\n');
  expect(writes).toEqual([]);
});

test.each<[string, string]>([
  [
    'hello',
    'error: error validating "STDIN": error validating data: invalid object to validate; if you choose to ignore these errors, turn validation off with --validate=false\n',
  ],
  [
    'a: b',
    'error: error validating "STDIN": error validating data: [apiVersion not set, kind not set]; if you choose to ignore these errors, turn validation off with --validate=false\n',
  ],
  ['{"apiVersion":"v1"', 'error: error parsing STDIN: unexpected EOF\n'],
  [
    'apiVersion: x/v1\nkind: Zoo\nmetadata: {name: z}',
    'error: resource mapping not found for name: "z" namespace: "" from "STDIN": no matches for kind "Zoo" in version "x/v1"\nensure CRDs are installed first\n',
  ],
  [
    'apiVersion: v1\nkind: Pod\nmetadata: {name: 3}',
    'error: unable to decode "STDIN": json: cannot unmarshal number into Go struct field ObjectMeta.metadata.name of type string\n',
  ],
  ['', 'error: no objects passed to apply\n'],
])('apply refuses %j', async (stdin, err) => {
  expect(await kubectl(['apply', '-f', '-'], {}, { stdin })).toMatchObject({ out: '', err, code: 1 });
});

test('an invalid object is reported by its causes', async () => {
  const causes = [
    { field: 'spec.a', message: 'Required value' },
    { field: 'spec.b', message: 'Invalid value: 3' },
  ];
  const body = {
    kind: 'Status',
    reason: 'Invalid',
    message: 'no',
    details: { kind: 'ConfigMap', name: 'c', causes },
    code: 422,
  };
  const answers = { 'POST /api/v1/namespaces/default/configmaps': { status: 422, body } };
  const { err } = await kubectl(['create', '-f', '-'], answers, { stdin: MANIFEST });
  expect(err).toBe('The ConfigMap "c" is invalid: \n* spec.a: Required value\n* spec.b: Invalid value: 3\n');
});

test("the server's warnings come once each, and can be failures", async () => {
  const answers = { [`GET ${POD}`]: { body: pod('a'), warnings: ['old', 'old', 'bad'] } };
  const { err, code } = await kubectl(['get', 'pod', 'a', '-o', 'name', '--warnings-as-errors'], answers);
  expect(err).toBe('Warning: old\nWarning: bad\nerror: 2 warnings received\n');
  expect(code).toBe(1);
});

test('logs ask for the container, and say which when there are several', async () => {
  const { out, err } = await kubectl(['logs', 'a', '--tail=2'], {
    [`GET ${POD}`]: { body: { ...pod('a'), spec: { containers: [{ name: 'one' }, { name: 'two' }] } } },
    [`GET ${POD}/log`]: (request) => ({ body: `${request.path}\n` }),
  });
  expect(err).toBe('Defaulted container "one" out of: one, two\n');
  expect(out).toBe(`${POD}/log?container=one&tailLines=2\n`);
});

test('what somebody else has changed is not overwritten with --overwrite=false', async () => {
  const live = pod('a', {
    annotations: { [LAST]: '{"kind":"Pod","apiVersion":"v1","metadata":{"name":"a","labels":{"x":"1"}}}' },
    labels: { x: '2' },
  });
  const files = { 'pod.json': '{"kind":"Pod","apiVersion":"v1","metadata":{"name":"a","labels":{"x":"3"}}}' };
  const line = ['apply', '-f', 'pod.json', '--overwrite=false'];
  const answers: Answers = { [`GET ${POD}`]: { body: live } };
  const { code, err, writes } = await kubectl(line, answers, { files });
  expect({ code, writes }).toEqual({ code: 1, writes: [] });
  expect(err.split('\n').filter((text) => /^warning|^error|^for/.test(text))).toEqual([
    'warning: error calculating patch from openapi v3 spec: patch:',
    'warning: error calculating patch from openapi spec: patch:',
    'error: error when applying patch:',
    'for: "pod.json": error when patching "pod.json": creating patch with:',
    'for:: patch:',
  ]);
  expect((await kubectl([...line, '--openapi-patch=false'], answers, { files })).err).not.toContain('warning');
});

test('an object that cannot be patched is made anew by force; it comes back when the new one is refused', async () => {
  const live = pod('a', { uid: 'old' });
  const invalid = { kind: 'Status', status: 'Failure', reason: 'Invalid', message: 'wrong', code: 422 };
  let gone = false;
  const answers: Answers = {
    [`GET ${POD}`]: () =>
      gone ? { status: 404, body: { ...invalid, reason: 'NotFound', code: 404 } } : { body: live },
    [`PATCH ${POD}`]: { status: 422, body: invalid },
    [`DELETE ${POD}`]: () => {
      gone = true;
      return { body: live };
    },
    'POST /api/v1/namespaces/default/pods': ({ body }) =>
      (body as { metadata: { uid?: string } }).metadata.uid ? { body: live } : { status: 422, body: invalid },
  };
  const files = { 'pod.json': '{"kind":"Pod","apiVersion":"v1","metadata":{"name":"a"}}' };
  const { code, err, writes } = await kubectl(['apply', '-f', 'pod.json', '--force'], answers, { files });
  expect({ code, sent: writes.map(({ method }) => method) }).toEqual({
    code: 1,
    sent: ['PATCH', 'DELETE', 'POST', 'POST'],
  });
  expect(err).toContain('for: "pod.json": wrong');
});

test.each<[string[], string]>([
  [['apply', '-f', '-', '-f', '-'], 'error: standard input cannot be used for multiple arguments\n'],
  [['get', 'pod', 'a%b'], 'error: invalid resource name "a%b": [may not contain \'%\']\n'],
  [['get', 'pods', '-n', '..'], 'invalid namespace "..": [may not be \'..\']\n'],
  [['get', '--raw', '/a%zz'], 'error: --raw must be a valid URL path: parse "/a%zz": invalid URL escape "%zz"\n'],
])('%j: %s', async (line, err) => {
  expect((await kubectl(line)).err).toBe(err);
});

test.each<[string, string, Record<string, unknown>]>([
  ['label pod a x=y --record', 'kubectl label pod a x=y --record=true', { labels: { x: 'y' } }],
  ['-n default annotate --record pod a x=y', 'kubectl annotate pod a x=y --namespace=default --record=true', {}],
  ['patch pod a -p {} --record', 'kubectl patch pod a --patch={} --record=true', {}],
  ['set sa pod a robot --record', 'kubectl set sa pod a robot --record=true', {}],
])('%s keeps the command in an annotation', async (line, cause, more) => {
  const answers: Answers = {
    [`GET ${POD}`]: { body: { ...pod('a'), spec: {} } },
    [`PATCH ${POD}`]: { body: pod('a') },
  };
  const { err, writes } = await kubectl(line.split(' '), answers);
  expect(err).toBe('Flag --record has been deprecated, --record will be removed in the future\n');
  const { body } = writes.at(-1)!;
  expect(body).toMatchObject({ metadata: { ...more, annotations: { 'kubernetes.io/change-cause': cause } } });
});

test('what is replaced by force is read from standard input once', async () => {
  const [path, list] = [POD, POD.slice(0, -2)];
  let gone = false;
  const answers: Answers = {
    [`GET ${path}`]: () => (gone ? notFound('pods', 'a') : { body: pod('a') }),
    [`GET ${list}`]: () => ({ body: { kind: 'PodList', apiVersion: 'v1', metadata: {}, items: [] } }),
    [`DELETE ${path}`]: () => {
      gone = true;
      return { body: pod('a') };
    },
    [`POST ${list}`]: { body: pod('a') },
  };
  const { code, out, err } = await kubectl(['replace', '--force', '-f', '-'], answers, {
    stdin: '{"kind":"Pod","apiVersion":"v1","metadata":{"name":"a"}}',
  });
  expect({ code, out, err }).toEqual({ code: 0, out: 'pod "a" deleted\npod/a replaced\n', err: '' });
});
