import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { testServer } from '../testing/server.ts';

/** An object that a real API server 1.33.13 accepts. */
interface Accepted {
  id: string;
  path: string;
  object: Record<string, unknown>;
  /** What it lacks to be one, if it does. */
  message?: string;
}

/** What it says when one value of such an object is another, or missing; a case for each thing that it can say. */
interface Refused {
  base: string;
  path: string;
  value?: unknown;
  message: string;
}

const lines = <T>(name: string): T[] =>
  readFileSync(new URL(`./testdata/${name}.jsonl`, import.meta.url), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as T);

/** A copy with another value at a path (`spec.ports.0.port`), parents and all; without one when there is no value. */
function changed(object: unknown, path: string, value: unknown): unknown {
  const [key = '', ...rest] = path.split('.');
  const copy = (/^\d+$/.test(key) ? [...((object ?? []) as unknown[])] : { ...(object as object) }) as Record<
    string,
    unknown
  >;
  if (rest.length > 0) copy[key] = changed(copy[key], rest.join('.'), value);
  else if (value !== undefined) copy[key] = value;
  else if (Array.isArray(copy)) copy.splice(Number(key), 1);
  else delete copy[key];
  return copy;
}

const QUERY = '?dryRun=All&fieldValidation=Strict&fieldManager=f';
const accepted = lines<Accepted>('accepted');
const refused = lines<Refused>('refused');

describe('as a real API server', () => {
  let api: Awaited<ReturnType<typeof testServer>>;
  beforeAll(async () => {
    api = await testServer();
  });

  test.each(accepted)('accepts $id', async ({ path, object, message = '' }) => {
    expect(await api.failure('POST', path + QUERY, object)).toBe(message);
  });

  test.each(accepted)('refuses what is wrong with $id', async ({ id, path, object }) => {
    const cases = refused.filter(({ base }) => base === id);
    const told: Record<string, string> = {};
    for (const { path: field, value } of cases)
      told[`${field} = ${JSON.stringify(value)}`] = await api.failure(
        'POST',
        path + QUERY,
        changed(object, field, value),
      );
    expect(told).toEqual(
      Object.fromEntries(
        cases.map(({ path: field, value, message }) => [`${field} = ${JSON.stringify(value)}`, message]),
      ),
    );
  });
});
