import { describe, expect, test } from 'vitest';
import { testServer } from '../testing/server.ts';

const schema = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      required: ['schedule'],
      properties: {
        schedule: { type: 'string', pattern: '^\\d+$' },
        replicas: { type: 'integer', minimum: 1, maximum: 10, default: 1 },
        mode: { type: 'string', enum: ['fast', 'slow'] },
        tags: { type: 'array', maxItems: 2, items: { type: 'string' } },
      },
    },
    status: { type: 'object', properties: { replicas: { type: 'integer' } } },
  },
};
const definition = {
  metadata: { name: 'crons.x.io' },
  spec: {
    group: 'x.io',
    scope: 'Namespaced',
    names: { plural: 'crons', kind: 'Cron', shortNames: ['cr'], categories: ['all'] },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: schema },
        subresources: {
          status: {},
          scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' },
        },
        additionalPrinterColumns: [{ name: 'Schedule', type: 'string', jsonPath: '.spec.schedule' }],
      },
    ],
  },
};
const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const CRONS = '/apis/x.io/v1/namespaces/default/crons';
const cron = (spec: object) => ({ apiVersion: 'x.io/v1', kind: 'Cron', metadata: { name: 'c' }, spec });
const MERGE = { 'content-type': 'application/merge-patch+json' };

async function withCrons() {
  const api = await testServer();
  await api.send('POST', CRDS, definition);
  return api;
}

test('a definition is served as soon as it is accepted, and goes with its objects', async () => {
  const { send, store } = await withCrons();
  const { body } = await send('GET', '/apis/x.io/v1');
  expect((body as { resources: { name: string }[] }).resources.map(({ name }) => name)).toEqual([
    'crons',
    'crons/status',
    'crons/scale',
  ]);
  await send('POST', CRONS, cron({ schedule: '5' }));
  await send('DELETE', `${CRDS}/crons.x.io`);
  expect((await send('GET', CRONS)).status).toBe(404);
  expect(store.list('crons.x.io')).toEqual([]);
});

describe('objects', () => {
  test('get defaults, lose what is unknown, and are checked', async () => {
    const { send, failure } = await withCrons();
    const made = await send('POST', CRONS, cron({ schedule: '5', colour: 'blue' }));
    expect(made.warnings).toEqual(['unknown field "spec.colour"']);
    expect((made.body as { spec: object }).spec).toEqual({ replicas: 1, schedule: '5' });
    expect(await failure('POST', `${CRONS}?fieldValidation=Strict`, cron({ schedule: '5', colour: 'blue' }))).toBe(
      'Cron in version "v1" cannot be handled as a Cron: strict decoding error: unknown field "spec.colour"',
    );
    expect(
      await failure('POST', CRONS, cron({ schedule: 'x', replicas: 15, mode: 'medium', tags: ['a', 'b', 'c'] })),
    ).toBe(
      `Cron.x.io "c" is invalid: [spec.mode: Unsupported value: "medium": supported values: "fast", "slow", spec.replicas: Invalid value: 15: spec.replicas in body should be less than or equal to 10, spec.schedule: Invalid value: "x": spec.schedule in body should match '^\\d+$', spec.tags: Too many: 3: must have at most 2 items]`,
    );
    expect(await failure('POST', CRONS, cron({ replicas: 'three' }))).toBe(
      'Cron.x.io "c" is invalid: [spec.replicas: Invalid value: "string": spec.replicas in body must be of type integer: "string", spec.schedule: Required value, .spec.replicas: Invalid value: 0: .spec.replicas accessor error: three is of the type string, expected int64]',
    );
  });

  test('have a status, a scale, a generation and columns', async () => {
    const { send } = await withCrons();
    await send('POST', CRONS, cron({ schedule: '5' }));
    const ignored = await send('PATCH', `${CRONS}/c`, { status: { replicas: 3 } }, MERGE);
    expect(ignored.body).not.toHaveProperty('status');
    await send('PATCH', `${CRONS}/c/status`, { status: { replicas: 3 } }, MERGE);
    const scaled = await send('PATCH', `${CRONS}/c/scale`, { spec: { replicas: 4 } }, MERGE);
    expect(scaled.body).toMatchObject({ kind: 'Scale', spec: { replicas: 4 }, status: { replicas: 3 } });
    const { body } = await send('GET', `${CRONS}/c`);
    expect(body).toMatchObject({ metadata: { generation: 2 }, spec: { replicas: 4 }, status: { replicas: 3 } });
    const table = await send('GET', CRONS, undefined, { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' });
    expect((table.body as { rows: { cells: unknown[] }[] }).rows[0]!.cells).toEqual(['c', '5']);
  });

  test('take no strategic patch', async () => {
    const { send, failure } = await withCrons();
    await send('POST', CRONS, cron({ schedule: '5' }));
    expect(
      await failure('PATCH', `${CRONS}/c`, {}, { 'content-type': 'application/strategic-merge-patch+json' }),
    ).toContain('accepted media types include');
  });
});

test('a definition that cannot be is refused', async () => {
  const { failure } = await testServer();
  const wrong = { metadata: { name: 'wrong.x.io' }, spec: { ...definition.spec, scope: 'Global' } };
  expect(await failure('POST', CRDS, wrong)).toBe(
    'CustomResourceDefinition.apiextensions.k8s.io "wrong.x.io" is invalid: [metadata.name: Invalid value: "wrong.x.io": must be spec.names.plural+"."+spec.group, spec.scope: Unsupported value: "Global": supported values: "Cluster", "Namespaced"]',
  );
});

type Conditions = { status: { conditions: { type: string; status: string; reason: string; message: string }[] } };
const states = (body: unknown) =>
  (body as Conditions).status.conditions.map(({ type, status, reason }) => `${type}=${status} ${reason}`);

describe('names', () => {
  const second = {
    metadata: { name: 'timers.x.io' },
    spec: { ...definition.spec, names: { plural: 'timers', kind: 'Cron', shortNames: ['cr', 'tm'] } },
  };

  test('that another definition has are not accepted until they are free', async () => {
    const { send } = await withCrons();
    await send('POST', CRDS, second);
    const refused = (await send('GET', `${CRDS}/timers.x.io`)).body as Conditions;
    expect(states(refused)).toEqual(['NamesAccepted=False ListKindConflict', 'Established=False NotAccepted']);
    expect(refused.status.conditions[0]!.message).toBe('"CronList" is already in use');
    expect((await send('GET', '/apis/x.io/v1/timers')).status).toBe(404);
    await send('DELETE', `${CRDS}/crons.x.io`);
    expect(states((await send('GET', `${CRDS}/timers.x.io`)).body)).toEqual([
      'NamesAccepted=True NoConflicts',
      'Established=True InitialNamesAccepted',
    ]);
    expect((await send('GET', '/apis/x.io/v1/timers')).status).toBe(200);
  });

  test('of the community need approval', async () => {
    const { send } = await testServer();
    const metadata = { name: 'crons.x.k8s.io', annotations: { 'api-approved.kubernetes.io': 'unapproved, a test' } };
    await send('POST', CRDS, { metadata, spec: { ...definition.spec, group: 'x.k8s.io' } });
    expect(states((await send('GET', `${CRDS}/crons.x.k8s.io`)).body)).toEqual([
      'NamesAccepted=True NoConflicts',
      'Established=True InitialNamesAccepted',
      'KubernetesAPIApprovalPolicyConformant=False UnapprovedAnnotation',
    ]);
  });
});

test('a definition waits for objects that are held, and takes no new ones', async () => {
  const { send, failure } = await withCrons();
  const held = cron({ schedule: '5' });
  await send('POST', CRONS, { ...held, metadata: { name: 'c', finalizers: ['x.io/held'] } });
  await send('DELETE', `${CRDS}/crons.x.io`);
  expect(states((await send('GET', `${CRDS}/crons.x.io`)).body)).toContain(
    'Terminating=True InstanceDeletionInProgress',
  );
  expect(await failure('POST', CRONS, { ...held, metadata: { name: 'd' } })).toBe(
    'create not allowed while custom resource definition is terminating',
  );
  await send('PATCH', `${CRONS}/c`, { metadata: { finalizers: null } }, MERGE);
  expect((await send('GET', `${CRDS}/crons.x.io`)).status).toBe(404);
});

test('all served versions show the same objects', async () => {
  const { send } = await testServer();
  const [v1] = definition.spec.versions;
  const v2 = { ...v1, name: 'v2', storage: false };
  await send('POST', CRDS, { ...definition, spec: { ...definition.spec, versions: [v1, v2] } });
  await send('POST', CRONS, cron({ schedule: '5' }));
  expect((await send('GET', '/apis/x.io/v2/namespaces/default/crons/c')).body).toMatchObject({
    apiVersion: 'x.io/v2',
    spec: { schedule: '5' },
  });
});

test('rules hold, and tell of what they are about', async () => {
  const { send, failure } = await testServer();
  const rules = [
    {
      rule: 'self.replicas <= 5',
      messageExpression: "self.replicas > 6 ? 'at most 5, not 7' : 'at most 5'",
      fieldPath: '.replicas',
    },
    { rule: 'self.schedule == oldSelf.schedule', message: 'schedule is immutable' },
  ];
  const spec = { ...schema.properties.spec, 'x-kubernetes-validations': rules };
  const [version] = definition.spec.versions;
  const ruled = { ...version, schema: { openAPIV3Schema: { ...schema, properties: { ...schema.properties, spec } } } };
  expect(await failure('POST', CRDS, { ...definition, spec: { ...definition.spec, versions: [ruled] } })).toBe('');
  expect(await failure('POST', CRONS, cron({ schedule: '5', replicas: 7 }))).toBe(
    'Cron.x.io "c" is invalid: spec.replicas: Invalid value: "object": at most 5, not 7',
  );
  expect(await failure('POST', CRONS, cron({ schedule: '5', replicas: 3 }))).toBe('');
  expect(await failure('PATCH', `${CRONS}/c`, { spec: { schedule: '6' } }, MERGE)).toBe(
    'Cron.x.io "c" is invalid: spec: Invalid value: "object": schedule is immutable',
  );
  expect((await send('PATCH', `${CRONS}/c`, { spec: { replicas: 5 } }, MERGE)).status).toBe(200);
});

test.each([
  ['string', '.spec.text', 'a'],
  ['string', '.spec.number', '1.5'],
  ['string', '.spec.map', '{"a":1}'],
  ['string', '.spec.list[*]', 'x'],
  ['integer', '.spec.number', 1],
  ['integer', '.spec.text', null],
  ['number', '.spec.number', 1.5],
  ['boolean', '.spec.flag', true],
  ['boolean', '.spec.number', null],
  ['date', '.spec.text', '<invalid>'],
  ['date', '.metadata.creationTimestamp', '0s'],
  ['string', '.spec.none', null],
])('a column of type %s shows %s as %j', async (type, jsonPath, cell) => {
  const { send } = await testServer();
  const [version] = definition.spec.versions;
  const open = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  const { subresources: _, ...plain } = version!;
  const shown = {
    ...plain,
    schema: { openAPIV3Schema: open },
    additionalPrinterColumns: [{ name: 'C', type, jsonPath }],
  };
  await send('POST', CRDS, { ...definition, spec: { ...definition.spec, versions: [shown] } });
  await send('POST', CRONS, cron({ text: 'a', number: 1.5, map: { a: 1 }, list: ['x', 'y'], flag: true }));
  const table = await send('GET', CRONS, undefined, { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' });
  expect((table.body as { rows: { cells: unknown[] }[] }).rows[0]!.cells).toEqual(['c', cell]);
});

test.each([
  ['GET', 'foos/a/status', undefined, 404, 'foos.example.com "a" not found'],
  ['GET', 'nosuch', undefined, 404, undefined],
  ['PUT', 'foos', { kind: 'Foo' }, 400, 'name must be provided'],
  [
    'POST',
    'foos',
    {},
    400,
    "the object provided is unrecognized (must be of type Foo): Object 'Kind' is missing in '{}' ({})",
  ],
] as const)('%s %s of a group that a definition made', async (method, path, body, status, message) => {
  const { send } = await testServer();
  const schema = { openAPIV3Schema: { type: 'object' } };
  await send('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', {
    metadata: { name: 'foos.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural: 'foos', kind: 'Foo' },
      versions: [{ name: 'v1', served: true, storage: true, schema }],
    },
  });
  const answer = await send(method, `/apis/example.com/v1/namespaces/default/${path}`, body);
  expect(answer.status).toBe(status);
  if (message) expect((answer.body as { message: string }).message).toBe(message);
  else expect(answer.body).toBe('404 page not found\n');
});
