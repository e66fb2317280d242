import { readFileSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { recordedCluster } from './cluster.ts';
import { mask, recording } from './recordings.ts';

interface Page {
  path: string;
  accept?: string;
  status?: number;
  type?: string;
  body: unknown;
}

interface Columns {
  path: string;
  columnDefinitions: object[];
}

/** Documents are told apart by a hash of their text, which is ours. */
const withoutHashes = (value: unknown): string => mask(value).replace(/hash=[0-9A-F]+/g, 'hash=<hash>');
const jsonOf = (body: unknown): unknown => (typeof body === 'string' ? JSON.parse(body) : body);

let send: Awaited<ReturnType<typeof recordedCluster>>['send'];
beforeAll(async () => {
  ({ send } = await recordedCluster());
});
const get = (path: string, accept?: string) => send({ method: 'GET', path, headers: accept ? { accept } : {} });

test.each(recording<Page>('discovery'))('discovery: $path', async ({ path, body }) => {
  expect(withoutHashes(jsonOf((await get(path)).body))).toBe(withoutHashes(body));
});

test.each(recording<Page>('aggregated-discovery'))('aggregated discovery: $path', async ({ path, accept, body }) => {
  const answer = await get(path, accept);
  expect(answer.contentType).toBe('application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList');
  expect(mask(answer.body)).toBe(mask(body));
});

test('the list of paths', async () => {
  const recorded = readFileSync(new URL('recorded/root-paths.json', import.meta.url), 'utf8').trimEnd();
  expect((await get('/')).body).toBe(recorded);
});

test.each(recording<Page>('errors'))('$path', async ({ path, status, type, body }) => {
  const answer = await get(path);
  const text = typeof answer.body === 'string' ? answer.body : `${JSON.stringify(answer.body)}\n`;
  expect({ ...answer, body: mask(text) }).toEqual({ status, contentType: type, warnings: [], body: mask(body) });
});

test.each(recording<Columns>('table-columns'))('columns of $path', async ({ path, columnDefinitions }) => {
  const { body } = await get(path, 'application/json;as=Table;v=v1;g=meta.k8s.io');
  expect((body as Columns).columnDefinitions).toEqual(columnDefinitions);
});
