import { expect, test } from 'vitest';
import { testServer } from '../../src/api/testing/server.ts';
import { Random } from '../../src/base/random.ts';
import { requests } from './recordings.ts';

/** How many mutated requests are sent; FUZZ=100000 for longer. */
const COUNT = Number(process.env.FUZZ ?? 1500);
const JUNK: unknown[] = [
  null,
  0,
  -1,
  1.5,
  '',
  'x',
  'Bad_/..',
  true,
  [],
  {},
  [null],
  [{}],
  { a: null },
  [[1]],
  1e20,
  '1Gi',
  { name: 'x' },
];

/** A copy in which some values are others, and some are missing. */
function mutate(value: unknown, random: Random): unknown {
  if (random.int(8) === 0) return structuredClone(JUNK[random.int(JUNK.length)]);
  if (Array.isArray(value)) return value.map((item) => mutate(item, random));
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(() => random.int(16) > 0);
  return Object.fromEntries(kept.map(([key, item]) => [key, mutate(item, random)]));
}

test('whatever is sent, the answer is an object or a Status', async () => {
  const { server } = await testServer();
  const random = new Random(7);
  const user = { username: 'fuzz', groups: ['system:masters'] };
  await server.request({
    user,
    method: 'POST',
    path: '/api/v1/namespaces',
    query: new URLSearchParams(),
    headers: {},
    body: { metadata: { name: 'raw' } },
  });
  const writes = requests().filter(({ body, path }) => body?.startsWith('{"') && !path.includes('raw.io'));
  for (let i = 0; i < COUNT; i++) {
    const { method, path, headers, body = '' } = writes[random.int(writes.length)]!;
    const original = JSON.parse(body) as Record<string, unknown>;
    const mutated = mutate(original, random);
    const { apiVersion, kind } = original;
    const object = typeof mutated === 'object' && !Array.isArray(mutated) ? { ...mutated, apiVersion, kind } : mutated;
    const [where = '', query = ''] = path.split('?');
    const sent = JSON.stringify(object);
    const answer = await server.request({
      user,
      method,
      path: where,
      query: new URLSearchParams(query),
      headers,
      body: sent,
    });
    const told = answer.body as { kind?: string; reason?: string };
    expect(
      typeof told.kind === 'string' && told.reason !== 'InternalError',
      `${method} ${path} ${sent}\n${JSON.stringify(told)}`,
    ).toBe(true);
  }
});
