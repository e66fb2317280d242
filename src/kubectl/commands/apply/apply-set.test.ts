import { expect, test } from 'vitest';
import { runKubectl } from '../../main.ts';
import { fakeCluster, notFound } from '../../testing/fake-cluster.ts';
import { fakeEnvironment } from '../../testing/fake-environment.ts';

type Answers = Parameters<typeof fakeCluster>[0];

const KEY = 'applyset.kubernetes.io';
const ID = 'applyset-1MctYPpcppTgAO9NQ3tRiERfWs50Gfn7om2kV-dSQGs-v1';
const MAPS = '/api/v1/namespaces/team/configmaps';
const PARENT = `${MAPS}/set`;
const FILE = `apiVersion: v1
kind: ConfigMap
metadata: { name: one }
`;

async function apply(
  flags: string[],
  answers: Answers = {},
  env: Record<string, string> = { KUBECTL_APPLYSET: 'true' },
) {
  const environment = fakeEnvironment(fakeCluster(answers), { files: { 'one.yaml': FILE }, env });
  const code = await runKubectl(['apply', '-f', 'one.yaml', ...flags], environment);
  const writes = environment.requests.filter(({ method }) => method !== 'GET');
  return { code, out: environment.stdout, err: environment.stderr, writes };
}

const parent = (annotations: object, labels: object = { [`${KEY}/id`]: ID }) => ({
  body: { kind: 'ConfigMap', apiVersion: 'v1', metadata: { name: 'set', namespace: 'team', labels, annotations } },
});

const TOOLING = { [`${KEY}/tooling`]: 'kubectl/v1.30.0' };
const COMPLETE = { ...TOOLING, [`${KEY}/contains-group-kinds`]: 'ConfigMap,Pod', [`${KEY}/additional-namespaces`]: '' };
const SET = ['-n', 'team', '--applyset=configmap/set', '--prune'];

test('the parent covers what was and what will be, then what was not applied is deleted and the parent told', async () => {
  const object = (name: string, uid: string) => ({ kind: 'ConfigMap', metadata: { name, namespace: 'team', uid } });
  const selected: string[] = [];
  const list = (items: object[]) => (request: { path: string }) => {
    selected.push(decodeURIComponent(request.path));
    return { body: { items } };
  };
  const { code, out, err, writes } = await apply(SET, {
    [`GET ${PARENT}`]: parent(COMPLETE),
    [`PATCH ${PARENT}`]: { body: {} },
    [`GET ${MAPS}/one`]: notFound('configmaps', 'one'),
    [`POST ${MAPS}`]: { body: { ...object('one', 'uid-1'), apiVersion: 'v1' } },
    [`GET ${MAPS}`]: list([object('one', 'uid-1'), object('two', 'uid-2')]),
    'GET /api/v1/namespaces/team/pods': list([]),
    [`DELETE ${MAPS}/two`]: { body: {} },
  });
  expect({ code, out, err }).toEqual({ code: 0, out: 'configmap/one created\nconfigmap/two pruned\n', err: '' });
  expect(selected).toEqual([
    `${MAPS}?labelSelector=${KEY}/part-of=${ID}`,
    `/api/v1/namespaces/team/pods?labelSelector=${KEY}/part-of=${ID}`,
  ]);
  expect(writes.map(({ method, path }) => `${method} ${path}`)).toEqual([
    `PATCH ${PARENT}?fieldManager=kubectl-applyset&fieldValidation=Strict&force=false`,
    `POST ${MAPS}?fieldManager=kubectl-client-side-apply&fieldValidation=Strict`,
    `DELETE ${MAPS}/two`,
    `PATCH ${PARENT}?fieldManager=kubectl-applyset&fieldValidation=Strict&force=false`,
  ]);
  const kinds = [writes[0]!, writes[3]!].map(
    ({ body }) => JSON.parse(String(body)).metadata.annotations[`${KEY}/contains-group-kinds`],
  );
  expect(kinds).toEqual(['ConfigMap,Pod', 'ConfigMap']);
  expect(writes[1]!.body).toMatchObject({ metadata: { labels: { [`${KEY}/part-of`]: ID } } });
  expect(writes[2]!.body).toMatchObject({ propagationPolicy: 'Background' });
});

test('a client-side dry run writes nothing', async () => {
  const { out, writes } = await apply([...SET, '--dry-run=client']);
  expect({ out, writes }).toEqual({ out: 'configmap/one created (dry run)\n', writes: [] });
});

test('the flag is not there without its variable', async () => {
  expect((await apply(SET, {}, {})).err).toBe(
    "error: unknown flag: --applyset\nSee 'kubectl apply --help' for usage.\n",
  );
});

test('fields that somebody else took are taken back', async () => {
  const conflict = { kind: 'Status', status: 'Failure', reason: 'Conflict', message: 'Apply failed', code: 409 };
  const { err, writes } = await apply([...SET, '--dry-run=server'], {
    [`POST ${MAPS}`]: { body: { kind: 'ConfigMap', apiVersion: 'v1', metadata: { name: 'one', uid: 'uid-1' } } },
    [`PATCH ${PARENT}`]: ({ path }) => (path.includes('force=true') ? { body: {} } : { status: 409, body: conflict }),
  });
  expect(err).toContain(
    'WARNING: failed to update ApplySet: Apply failed\nApplySet field manager kubectl-applyset should own these fields. Retrying with conflicts forced.\n',
  );
  expect(writes.filter(({ path }) => path.includes('force=true')).map(({ method }) => method)).toEqual([
    'PATCH',
    'PATCH',
  ]);
});

const REFERENCE = 'invalid parent reference';
const OBJECT = 'ApplySet parent object "configmaps./set"';
const ANNOTATION = `parsing ApplySet annotation on "configmaps./set":`;

test.each<[string[], string]>([
  [['--applyset=configmap/', '--prune'], `${REFERENCE} "configmap/": name cannot be blank`],
  [['--applyset=/a', '--prune'], `${REFERENCE} "/a": a resource must be present, got: /, Resource=`],
  [
    ['--applyset=x.example.com/a', '--prune'],
    `${REFERENCE} "x.example.com/a": no matches for example.com/, Resource=x`,
  ],
  [['--applyset=cm/a'], '--applyset requires --prune'],
  [['--applyset=cm/a', '--prune'], 'namespace is required to use namespace-scoped ApplySet'],
  [[...SET, '--force'], '--force cannot be used with --prune'],
  [[...SET, '--all'], '--all is incompatible with --applyset'],
  [[...SET, '-l', 'a=b'], '--selector is incompatible with --applyset'],
  [[...SET, '--prune-allowlist=core/v1/Pod'], '--prune-allowlist is incompatible with --applyset'],
])('%j is refused', async (flags, message) => {
  expect((await apply(flags)).err).toBe(`error: ${message}\n`);
});

test.each<[string, object, object, string]>([
  ['no tooling', {}, {}, `${OBJECT} already exists and is missing required annotation "${KEY}/tooling"`],
  [
    'another tool',
    { [`${KEY}/tooling`]: 'charts/helm/v3' },
    {},
    `${OBJECT} already exists and is managed by tooling "charts/helm" instead of "kubectl"`,
  ],
  ['no label', TOOLING, {}, `${OBJECT} exists and does not have required label ${KEY}/id`],
  [
    'another label',
    TOOLING,
    { [`${KEY}/id`]: 'x' },
    `${OBJECT} exists and has incorrect value for label "${KEY}/id" (got: x, want: ${ID})`,
  ],
  [
    'no kinds',
    TOOLING,
    { [`${KEY}/id`]: ID },
    `${ANNOTATION} kubectl requires the "${KEY}/contains-group-kinds" annotation to be set on all ApplySet parent objects`,
  ],
  [
    'unknown kinds',
    { ...TOOLING, [`${KEY}/contains-group-kinds`]: 'Pod,Horse.example.com' },
    { [`${KEY}/id`]: ID },
    `${ANNOTATION} could not find mapping for kind in "${KEY}/contains-group-kinds" annotation: no matches for kind "Horse" in group "example.com"`,
  ],
  [
    'unknown resources',
    { ...TOOLING, [`${KEY}/contains-group-resources`]: 'pods,horses' },
    { [`${KEY}/id`]: ID },
    `${ANNOTATION} invalid group resource in "${KEY}/contains-group-resources" annotation: no matches for /, Resource=horses`,
  ],
])('a parent with %s is refused', async (_, annotations, labels, message) => {
  const { err, writes } = await apply(SET, { [`GET ${PARENT}`]: parent(annotations, labels) });
  expect({ err, writes }).toEqual({ err: `error: ${message}\n`, writes: [] });
});
