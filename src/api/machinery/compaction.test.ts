import { expect, test } from 'vitest';
import { Random } from '../../base/random.ts';
import { memoryStore } from '../../store/memory-store.ts';
import { ApiServer } from '../server.ts';
import { testServer } from '../testing/server.ts';
import type { ObjectList } from './list.ts';

const MAPS = '/api/v1/namespaces/default/configmaps';
const MINUTES = 60_000;

/** What another process, which has seen nothing of the past, answers. */
async function answeredLater({ state, clock }: Awaited<ReturnType<typeof testServer>>, query: string) {
  const server = new ApiServer({ store: memoryStore(state), state, random: new Random(2), now: () => clock.now });
  const user = { username: 'admin', groups: ['system:masters', 'system:authenticated'] };
  return server.request({ user, method: 'GET', path: MAPS, query: new URLSearchParams(query), headers: {} });
}

test('a page goes on from a revision for five minutes at least, then from the present', async () => {
  const api = await testServer();
  const make = (name: string) => api.send('POST', MAPS, { metadata: { name } });
  for (const name of ['a', 'b']) await make(name);
  const first = (await api.send('GET', `${MAPS}?limit=1`)).body as ObjectList;
  const next = `limit=1&continue=${first.metadata.continue}`;
  await make('bb');
  api.clock.now += 5 * MINUTES;
  await make('c');
  expect((await answeredLater(api, next)).status).toBe(200);
  api.clock.now += 5 * MINUTES;
  await make('d');
  const { status, body } = await answeredLater(api, next);
  expect([status, body]).toMatchObject([
    410,
    { reason: 'Expired', message: expect.stringContaining('inconsistent list') },
  ]);
  const { metadata } = body as { metadata: { continue: string } };
  const rest = (await answeredLater(api, `continue=${metadata.continue}`)).body as ObjectList;
  expect(rest.items.map((item) => item.metadata.name)).toEqual(['b', 'bb', 'c', 'd']);
  const exact = `resourceVersionMatch=Exact&resourceVersion=${first.metadata.resourceVersion}`;
  expect((await answeredLater(api, exact)).body).toMatchObject({
    code: 410,
    message: 'The resourceVersion for the provided list is too old.',
  });
});

test.each<[string, string, number, string]>([
  ['GET', `${MAPS}/a?resourceVersion=9999`, 504, 'Timeout: Too large resource version: 9999, current: 3'],
  [
    'GET',
    `${MAPS}/a?resourceVersion=99999999999999999999999`,
    500,
    'resourceVersion: Invalid value: "99999999999999999999999": strconv.ParseUint: parsing "99999999999999999999999": value out of range',
  ],
  ['GET', `${MAPS}?resourceVersion=9999`, 504, 'Timeout: Too large resource version: 9999, current: 3'],
  ['DELETE', `${MAPS}?resourceVersion=9999`, 500, 'etcdserver: mvcc: required revision is a future revision'],
])('%s %s: a revision that is none yet', async (method, path, code, message) => {
  const { send } = await testServer();
  expect((await send(method as 'GET', path)).body).toMatchObject({ code, message });
});
