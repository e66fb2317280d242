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
