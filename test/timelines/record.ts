// Makes recorded.json out of recordings of a real cluster (shared/conformance/timelines/*.jsonl):
//   npx esbuild test/timelines/record.ts --bundle --platform=node --outfile=/tmp/record.cjs
//   node /tmp/record.cjs FOLDER > test/timelines/recorded.json
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { mergePatch } from '../../src/api/machinery/patch/merge-patch.ts';
import type { KubeObject } from '../../src/types/objects.ts';
import { Follower } from './summary.ts';

interface Line {
  t: number;
  action?: string;
  body?: object;
  watch?: string;
  type?: 'ADDED' | 'MODIFIED' | 'DELETED';
  name?: string;
  object?: KubeObject;
  change?: unknown;
}

function convert(lines: Line[]): object {
  const follower = new Follower();
  const objects = new Map<string, KubeObject>();
  let begins: string | undefined;
  for (const { t, watch, type, name, object, change } of lines) {
    if (!watch || !type) continue;
    const key = `${watch}/${name}`;
    // Nodes were there before: their first sight is a change already.
    const known = objects.get(key) ?? ({ metadata: { name } } as KubeObject);
    const now = object ?? (change === undefined ? known : (mergePatch(known, change) as KubeObject));
    objects.set(key, now);
    begins ??= now.metadata.creationTimestamp as unknown as string | undefined;
    follower.see(t, watch === 'default-events' ? 'events' : watch, type, now);
  }
  const actions = lines
    .filter(({ action }) => action)
    .map(({ t, action, body }) => ({ t, action, ...(body && { body }) }));
  return { begins, lasts: lines.at(-1)!.t, actions, ...follower.summary() };
}

const folder = process.argv[2]!;
const timelines = readdirSync(folder)
  .filter((file) => file.endsWith('.jsonl'))
  .sort()
  .map((file) => {
    const lines = readFileSync(join(folder, file), 'utf8').trim().split('\n');
    return [file.replace('.jsonl', ''), convert(lines.map((line) => JSON.parse(line) as Line))];
  });
console.log(JSON.stringify(Object.fromEntries(timelines)));
