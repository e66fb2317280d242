import { expect, test } from 'vitest';
import { recordedCluster } from './cluster.ts';
import { mask, requests } from './recordings.ts';

/** Steps after which the recorded clock turned to the next second: managedFields are ordered by theirs. */
const TURNS = [1, 39];
/** What the recording waited after a step, ms: for controllers, for a list that timed out, for watches that ended. */
const PAUSES: Record<number, number> = {
  68: 15,
  102: 12,
  133: 2,
  134: 2,
  135: 2,
  180: 3000,
  186: 1000,
  187: 1000,
};
/** Between other steps. */
const PACE = 6;
/** The watches that follow start at this step's revision. */
const BEFORE_WATCHES = 182;

/** Requests that reached the recorded server torn: the body of the DELETE before them was still in the connection. */
const TORN = [196, 205];
const RACE = 'the deployment controller saw the template between two patches, and lost its write against the second';
const CA = 'holds the certificate of that cluster, which no other has';
/** Steps that are answered otherwise, and why. */
const DIFFERENT: Record<number, string> = {
  87: 'a definition is served at once, not some milliseconds later',
  142: 'the deployment controller writes its status once, where the real one does twice within some milliseconds',
  150: RACE,
  151: RACE,
  160: 'bindings come in the random order of a Go map',
  173: CA,
  179: CA,
  203: RACE,
};

test('a cluster answers the recorded requests as the real one did', async () => {
  const { cluster, send, live } = await recordedCluster();
  const different: number[] = [];
  let revision = 0;
  let token: string | undefined;
  for (const { step, method, path, headers, body, status, warning, response } of requests()) {
    if (TORN.includes(step)) continue;
    if (step === BEFORE_WATCHES) revision = cluster.store.revision;
    const answer = await send({
      method,
      path: path
        .replace('resourceVersion=490', `resourceVersion=${revision}`)
        // A page goes on where this cluster's own page before it ended, at its revision.
        .replace(/(?<=continue=)eyJ.*/, (recorded) => token ?? recorded),
      headers,
      // The recorder's client sent DELETEs without their bodies.
      ...(method !== 'DELETE' && { body }),
    });
    token = /"continue":"([^"]+)"/.exec(JSON.stringify(answer.body))?.[1] ?? token;
    const warned = answer.warnings.map((text) => `299 - ${JSON.stringify(text)}`).join(', ') || undefined;
    const got = { status: answer.status, warning: warned, body: mask(answer.body) };
    const expected = { status, warning, body: mask(response) };
    if (JSON.stringify(got) !== JSON.stringify(expected)) {
      different.push(step);
      expect.soft(DIFFERENT[step] ?? got, `step ${step}: ${method} ${path}`).toEqual(DIFFERENT[step] ?? expected);
    }
    await live(TURNS.includes(step) ? 1000 - (cluster.clock.now() % 1000) : (PAUSES[step] ?? PACE));
  }
  expect(different).toEqual(Object.keys(DIFFERENT).map(Number));
});
