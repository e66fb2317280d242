import { expect, test } from 'vitest';
import { runToEnd } from '../../evaluator.ts';
import { MemoryFiles, testMachine } from '../../testing.ts';
import type { ServerCall } from '../server.ts';
import { mongo } from './index.ts';

/** Lines typed to a shell, and what they show in the end. */
async function shell(lines: string[], { root, argv = [] as string[] }: { root?: object; argv?: string[] } = {}) {
  const base = testMachine({ flavour: 'dash', files: new MemoryFiles() });
  let memory: unknown = { databases: {}, counter: 0, ...(root && { root }) };
  const network = {
    ...base.network,
    talk(_: string, port: number, text: string) {
      if (port !== 27017) return { failure: 'refused' as const };
      const call: ServerCall = { memory, machine: base, port, started: 0, argv: [], environment: {}, daemon: {} };
      const answer = mongo.talk!(call, text);
      memory = answer.memory ?? memory;
      return { text: answer.text };
    },
  };
  const evals = lines.flatMap((line) => ['--eval', line]);
  const { stdout, stderr, code } = await runToEnd(
    { ...base, network },
    { argv: ['mongosh', ...argv, ...evals], env: {}, cwd: '/', user: 'root' },
  );
  return { out: stdout + stderr, code };
}

test.each<[lines: string[], out: string]>([
  [["db.adminCommand('ping')"], '{ ok: 1 }\n'],
  [['db.runCommand({ping: 1}).ok'], '1\n'],
  [
    [
      'use shop',
      "db.things.insertMany([{_id: 1, n: 'a'}, {_id: 2, n: 'b', q: 5}])",
      'db.things.find({q: {$gt: 4}})',
      'show collections',
    ],
    "switched to db shop\n{ acknowledged: true, insertedIds: { '0': 1, '1': 2 } }\n[ { _id: 2, n: 'b', q: 5 } ]\nthings\n",
  ],
  [
    ['db.a.insertOne({_id: 1, v: 1})', 'db.a.updateOne({_id: 1}, {$inc: {v: 2}}).modifiedCount', 'db.a.findOne()'],
    '{ acknowledged: true, insertedId: 1 }\nTypeError: db.a.updateOne(...).modifiedCount is not a function\n',
  ],
  [['db.a.insertOne({_id: 1}); db.a.deleteMany({}); db.a.countDocuments()'], '0\n'],
  [
    ['db.a.insertOne({_id: 1}); db.a.insertOne({_id: 1})'],
    'MongoServerError: E11000 duplicate key error collection: test.a index: _id_ dup key: { _id: 1 }\n',
  ],
  [['nonsense'], 'ReferenceError: nonsense is not defined\n'],
])('%j', async (lines, out) => {
  expect((await shell(lines)).out).toBe(out);
});

test('documents without an id of their own get one', async () => {
  const { out } = await shell(['db.a.insertOne({x: 1})', 'db.a.find()']);
  expect(out).toMatch(
    /^\{\n {2}acknowledged: true,\n {2}insertedId: ObjectId\('[0-9a-f]{24}'\)\n\}\n\[ \{ _id: ObjectId\('[0-9a-f]{24}'\), x: 1 \} \]\n$/,
  );
});

test('who has a root user asks for it', async () => {
  const root = { user: 'admin', password: 'secret' };
  expect(await shell(['db.a.find()'], { root })).toEqual({
    out: 'MongoServerError[Unauthorized]: Command find requires authentication\n',
    code: 1,
  });
  expect((await shell(['db.a.find()'], { root, argv: ['-u', 'admin', '-p', 'wrong'] })).out).toBe(
    'MongoServerError: Authentication failed.\n',
  );
  expect((await shell(['db.a.find()'], { root, argv: ['mongodb://admin:secret@127.0.0.1:27017/x'] })).out).toBe('[]\n');
});

test('nobody listens', async () => {
  expect((await shell(['db'], { argv: ['--port', '1'] })).out).toBe('test\n');
  expect((await shell(['db.version()'], { argv: ['--port', '1'] })).out).toBe(
    'MongoNetworkError: connect ECONNREFUSED 127.0.0.1:1\n',
  );
});
