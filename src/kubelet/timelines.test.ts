import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { FakeWorld } from './testing/fake-world.ts';

type Recorded = Record<string, [seconds: number, what: string][]>;

/** What a recording of a real cluster says of its pods, from their binding on (testing/timelines, made from the conformance timelines). */
const recording = (name: string): Recorded =>
  JSON.parse(readFileSync(new URL(`./testing/timelines/${name}.json`, import.meta.url), 'utf8')) as Recorded;

const BUSYBOX = 'busybox:1.36';
const NGINX = 'nginx:1.27';
const sh = (script: string) => ['sh', '-c', script];
const box = (name: string, script: string, more = {}) => ({ name, image: BUSYBOX, command: sh(script), ...more });

interface Case {
  timeline: string;
  pod: string;
  spec: Record<string, unknown>;
  /** Images that the node had before. */
  present?: string[];
  /** Seconds to look at. */
  until: number;
  /** When the recording deleted the pod, seconds after its binding. */
  deletedAt?: number;
}

const CASES: Case[] = [
  {
    timeline: 'crash-loop',
    pod: 'crash',
    until: 185,
    spec: { containers: [box('c', 'echo started; sleep 1; exit 3')] },
  },
  {
    timeline: 'image-pull-backoff',
    pod: 'absent',
    until: 75,
    spec: { containers: [{ name: 'c', image: 'nginx:absent' }] },
  },
  {
    timeline: 'init-and-sidecar',
    pod: 'multi',
    present: [BUSYBOX, NGINX],
    until: 25,
    spec: {
      restartPolicy: 'OnFailure',
      initContainers: [
        box('first', 'sleep 2'),
        box('side', 'forever', { restartPolicy: 'Always' }),
        box('second', 'sleep 1'),
      ],
      containers: [{ name: 'c', image: NGINX }, box('helper', 'sleep 10')],
    },
  },
  {
    timeline: 'init-and-sidecar',
    pod: 'badinit',
    present: [BUSYBOX],
    until: 31,
    spec: { initContainers: [box('first', 'exit 1')], containers: [{ name: 'c', image: NGINX }] },
  },
  {
    timeline: 'liveness-failing',
    pod: 'live',
    until: 50,
    spec: {
      terminationGracePeriodSeconds: 5,
      containers: [
        {
          name: 'c',
          image: NGINX,
          livenessProbe: { httpGet: { port: 80, path: '/healthz' }, periodSeconds: 5, failureThreshold: 2 },
        },
      ],
    },
  },
  {
    timeline: 'readiness-startup',
    pod: 'slow',
    until: 26,
    spec: {
      containers: [
        box('c', 'sleep 8; touch /tmp/ok; sleep 600', {
          startupProbe: { exec: { command: ['cat', '/tmp/ok'] }, periodSeconds: 2, failureThreshold: 30 },
          readinessProbe: { exec: { command: ['cat', '/tmp/ready'] }, periodSeconds: 3 },
        }),
      ],
    },
  },
  {
    timeline: 'delete-grace',
    pod: 'stubborn',
    present: [BUSYBOX],
    until: 25,
    deletedAt: 6,
    spec: { terminationGracePeriodSeconds: 10, containers: [box('c', 'trap; forever')] },
  },
  {
    timeline: 'delete-grace',
    pod: 'quick',
    present: [NGINX],
    until: 10,
    deletedAt: 5,
    spec: { containers: [{ name: 'c', image: NGINX }] },
  },
];

const isState = ([, what]: [number, string]) =>
  what.startsWith('POD ') || what === 'DELETED' || what.startsWith('delete ');
const states = (lines: [number, string][]) => lines.filter(isState).map(([, what]) => what);
/** Events by their first sight: how often one comes again is a matter of seconds. */
const events = (lines: [number, string][]) =>
  lines.filter((line) => !isState(line) && !/ x\d+$/.test(line[1])).map(([, what]) => what);

test.each(CASES)(
  '$timeline: $pod goes through the recorded states and events',
  async ({ timeline, pod, spec, present = [], until, deletedAt }) => {
    const world = new FakeWorld();
    world.pull(...present);
    world.createPod(pod, spec);
    if (deletedAt) {
      await world.run(deletedAt);
      world.deletePod(pod);
    }
    await world.run(until);
    const ours = world.lines.filter(([, name]) => name === pod).map(([at, , what]): [number, string] => [at, what]);
    const theirs = recording(timeline)[pod]!.filter(([at]) => at <= until);
    const wanted = states(theirs);
    // The jitter of back-offs moves what comes last over the edge of the time looked at.
    const common = Math.min(wanted.length, states(ours).length);
    expect(states(ours).slice(0, common)).toEqual(wanted.slice(0, common));
    expect(wanted.length - common).toBeLessThanOrEqual(2);
    expect(events(ours)).toEqual(events(theirs));
  },
);

test('back-offs double from 10 s to 5 min and say so', async () => {
  const world = new FakeWorld();
  world.pull(BUSYBOX);
  world.createPod('crash', { containers: [box('c', 'exit 3')] });
  const seen = new Set<string>();
  for (let minute = 1; minute <= 30; minute++) {
    await world.run(minute * 60);
    const waiting = world.pod('crash')!.status!.containerStatuses![0]!.state!.waiting?.message;
    if (waiting) seen.add(waiting.split(' ')[1]!);
  }
  expect([...seen].slice(-4)).toEqual(['40s', '1m20s', '2m40s', '5m0s'].slice(-[...seen].slice(-4).length));
  expect(world.messages).toContain('Back-off restarting failed container c in pod crash_tl(uid-crash)');
});

test('a pod that is quiet leaves nothing in the queue, and one that is gone nothing in the state', async () => {
  const world = new FakeWorld();
  world.pull(NGINX);
  world.createPod('web', {
    containers: [{ name: 'c', image: NGINX, readinessProbe: { httpGet: { port: 80, path: '/' }, periodSeconds: 1 } }],
  });
  await world.run(30);
  expect(world.pod('web')!.status!.containerStatuses![0]!.ready).toBe(true);
  expect(Object.keys(world.pending()).filter((key) => key.includes('/'))).toEqual([]);
  world.deletePod('web');
  await world.run(40);
  expect(world.pod('web')).toBeUndefined();
  const left = world.state.sections().filter((name) => name.startsWith('cri/') || name === 'kubelet/pods');
  expect(left).toEqual(['cri/images']);
});
