import { expect, test } from 'vitest';
import type { ApiRequest, ApiResponse } from '../../src/api/request.ts';
import { testServer } from '../../src/api/testing/server.ts';
import { Random } from '../../src/base/random.ts';
import { decodeDocuments } from '../../src/base/yaml/documents.ts';
import { emitYaml } from '../../src/base/yaml/emit.ts';
import { mutated, mutatedText } from './mutate.ts';
import { requests } from './recordings.ts';

/** How many mutated requests are sent; FUZZ=100000 for longer. */
const COUNT = Number(process.env.FUZZ ?? 1500);
/** FUZZ_SEED=8 sends others. */
const SEED = Number(process.env.FUZZ_SEED ?? 7);

type Json = Record<string, unknown>;
type Sent = Pick<ApiRequest, 'method' | 'body'> & { path: string; type: string };

/** Objects of every kind, as they were recorded on their way into the cluster, by the path of their collection. */
const CREATES = requests().filter(
  ({ method, body, path }) => method === 'POST' && body?.startsWith('{"') && !path.includes('raw.io'),
);

const PATCH_TYPES = [
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
];
const OPERATIONS = ['add', 'remove', 'replace', 'move', 'copy', 'test', 'bogus'];

/** A path into a value, or near it. */
function pointer(value: unknown, random: Random): string {
  let path = '';
  let at = value;
  while (typeof at === 'object' && at !== null && random.int(4) > 0) {
    const keys = Object.keys(at);
    const key = random.int(10) === 0 || keys.length === 0 ? '-' : keys[random.int(keys.length)]!;
    path += `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    at = (at as Json)[key];
  }
  return path;
}

/** Any request that somebody could send: a new object as JSON or YAML, an update, a patch of any type. */
function anyRequest(random: Random): Sent {
  const { path, body = '' } = CREATES[random.int(CREATES.length)]!;
  const [where = '', query = ''] = path.split('?');
  const original = JSON.parse(body) as Json;
  const { apiVersion, kind } = original;
  const changed = mutated(original, random);
  const isObject = typeof changed === 'object' && changed !== null && !Array.isArray(changed);
  const object = isObject && random.int(20) > 0 ? { ...changed, apiVersion, kind } : changed;
  const name = (original.metadata as { name?: string } | undefined)?.name ?? 'x';
  const options = query.replace(/&?fieldManager=[^&]*/, '');
  const one = `${where}/${name}?fieldManager=fuzz&${options}`;
  switch (random.int(6)) {
    case 0:
      return { method: 'PUT', path: one, type: 'application/json', body: JSON.stringify(object) };
    case 1: {
      const text = mutatedText(emitYaml(object), random);
      return { method: 'POST', path, type: 'application/yaml', body: text };
    }
    case 2: {
      const operations = Array.from({ length: 1 + random.int(3) }, () => ({
        op: OPERATIONS[random.int(OPERATIONS.length)],
        path: pointer(original, random),
        from: pointer(original, random),
        value: mutated(original.spec ?? 'x', random),
      }));
      const patch = JSON.stringify(random.int(10) === 0 ? mutated(operations, random) : operations);
      return { method: 'PATCH', path: one, type: 'application/json-patch+json', body: patch };
    }
    case 3:
    case 4: {
      const type = PATCH_TYPES[random.int(PATCH_TYPES.length)]!;
      const force = type.includes('apply') && random.int(2) === 0 ? '&force=true' : '';
      return { method: 'PATCH', path: one + force, type, body: JSON.stringify(object) };
    }
    default:
      return { method: 'POST', path, type: 'application/json', body: JSON.stringify(object) };
  }
}

/** What no sentence of Kubernetes holds, but those of a program that has gone wrong. */
const NOT_GO = /undefined|\[object |is not a function|is not iterable|Cannot read|before initialization|BigInt|NaN/;

/** Why an answer is neither an object nor a Status as a real server would send it. */
function malformed({ status, body }: ApiResponse): string | undefined {
  const told = body as Json;
  if (typeof body !== 'object' || body === null || typeof told.kind !== 'string' || typeof told.apiVersion !== 'string')
    return 'no object';
  if (told.kind !== 'Status') return status < 300 ? undefined : 'a failure without a Status';
  const { code, message, reason } = told;
  if (told.status === 'Success') return undefined;
  if (code !== status || status < 400 || typeof message !== 'string' || message === '') return 'a torn Status';
  return reason === 'InternalError' || NOT_GO.test(message) ? 'a fault of ours' : undefined;
}

/** What an answer may take, ms; what loads CEL or a library for the first time takes longer. */
const PROMPT = 50;

test('whatever is sent, the answer is an object or a Status', async () => {
  const { server, put } = await testServer();
  put(
    'namespaces',
    'Namespace',
    { name: 'raw' },
    { spec: { finalizers: ['kubernetes'] }, status: { phase: 'Active' } },
  );
  const random = new Random(SEED);
  const user = { username: 'fuzz', groups: ['system:masters'] };
  const slowest = { ms: 0, sent: '' };
  let total = 0;
  const late: string[] = [];
  for (let i = 0; i < COUNT; i++) {
    const { method, path, type, body } = anyRequest(random);
    const [where = '', query = ''] = path.split('?');
    const start = performance.now();
    const answer = await server.request({
      user,
      method,
      path: where,
      query: new URLSearchParams(query),
      headers: { 'content-type': type, 'user-agent': 'fuzz' },
      body,
    });
    const ms = performance.now() - start;
    total += ms;
    if (ms > PROMPT) late.push(`${i}: ${ms.toFixed(0)} ms`);
    if (ms > slowest.ms) Object.assign(slowest, { ms, sent: `${method} ${path} ${type} ${String(body)}` });
    const wrong = malformed(answer);
    expect(wrong, `${method} ${path} ${type} ${String(body)}\n${JSON.stringify(answer.body)}`).toBeUndefined();
  }
  if (process.env.FUZZ)
    console.log(
      `${COUNT} requests: ${(total / COUNT).toFixed(2)} ms each, ${slowest.ms.toFixed(1)} ms at most\n${slowest.sent}\nover ${PROMPT} ms: ${late.join(', ') || 'none'}`,
    );
}, 3_600_000);

test('whatever is read as a manifest, it is a document or Go says why it is none', async () => {
  const random = new Random(SEED);
  for (let i = 0; i < COUNT / 5; i++) {
    const texts = [0, 1].map(() => emitYaml(JSON.parse(CREATES[random.int(CREATES.length)]!.body ?? '')));
    const text = mutatedText(texts.join('---\n'), random);
    const read = async () => {
      for await (const document of decodeDocuments(text))
        JSON.stringify(document, (_, v: unknown) => (typeof v === 'bigint' ? String(v) : v));
    };
    const told = await read().then(
      () => 'documents',
      (error: Error) => error.message,
    );
    expect(told, text).not.toMatch(NOT_GO);
    expect(told, text).toMatch(
      /^(documents|error converting YAML to JSON: |invalid Yaml document separator: |json: |invalid character|unexpected E)/,
    );
  }
}, 3_600_000);
