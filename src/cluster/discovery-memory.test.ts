import { describe, expect, it } from 'vitest';
import { discoveryMemory } from './discovery-memory.ts';
import type { ClusterSession } from './session.ts';

const group = (name: string) => ({ metadata: { name } });
const HOURS = 3_600_000;

/** A session whose cluster has definitions of these groups. */
function sessionWith(defined: string[]) {
  const kept = new Map<string, unknown>();
  let now = 0;
  const cluster = {
    store: { list: () => defined.map((name) => ({ spec: { group: name } })) },
    state: { section: () => kept },
    clock: { now: () => now },
  };
  const session = { reading: async () => cluster, writing: async () => cluster } as unknown as ClusterSession;
  return { memory: discoveryMemory(session), kept, defined, pass: (ms: number) => (now += ms) };
}

describe('what kubectl remembers of discovery', () => {
  it('knows no custom resource before it had to ask again', async () => {
    const { memory } = sessionWith(['a.io']);
    expect(await memory.recall([group('apps'), group('a.io')])).toEqual([group('apps')]);
  });

  it('still knows a resource whose definition is gone, for six hours', async () => {
    const { memory, defined, pass } = sessionWith(['a.io']);
    await memory.keep([group('apps'), group('a.io')]);
    defined.pop();
    expect(await memory.recall([group('apps')])).toEqual([group('apps'), group('a.io')]);
    pass(7 * HOURS);
    expect(await memory.recall([group('apps')])).toEqual([group('apps')]);
  });

  it('writes nothing of a cluster without custom resources', async () => {
    const { memory, kept } = sessionWith([]);
    await memory.keep([group('apps')]);
    expect(kept.size).toBe(0);
  });
});
