import { expect, test } from 'vitest';
import type { KubeObject } from '../../types/objects.ts';
import { testServer } from '../testing/server.ts';

const MERGE = { 'content-type': 'application/merge-patch+json' };
const DEFAULT = 'namespaces/default';
const selector = { matchLabels: { a: 'b' } };
const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } };

/** Collections, an object of each, and how often an update tells of a wrong label: once a place that looks at it. */
const ASKED: [collection: string, object: object, times: number][] = [
  [`api/v1/${DEFAULT}/configmaps`, {}, 4],
  [`apis/apps/v1/${DEFAULT}/deployments`, { spec: { selector, template } }, 3],
  [`apis/apps/v1/${DEFAULT}/replicasets`, { spec: { selector, template } }, 4],
  [`apis/policy/v1/${DEFAULT}/poddisruptionbudgets`, { spec: { selector } }, 2],
  [`apis/rbac.authorization.k8s.io/v1/${DEFAULT}/roles`, { rules: [] }, 5],
  [`apis/coordination.k8s.io/v1/${DEFAULT}/leases`, {}, 3],
  [`api/v1/${DEFAULT}/limitranges`, { spec: { limits: [] } }, 3],
];

test.each(ASKED)('%s: wrong metadata is a cause as often as it is looked at', async (collection, object, times) => {
  const { send } = await testServer();
  await send('POST', `/${collection}`, { metadata: { name: 'x' }, ...object });
  const patch = { metadata: { labels: { 'a b': 'c' } } };
  const { body } = await send('PATCH', `/${collection}/x`, patch, MERGE);
  expect((body as { details: { causes: unknown[] } }).details.causes).toHaveLength(times);
});

const USERS = {
  labels: { a: 'b' },
  annotations: { c: 'd' },
  finalizers: ['x.io/y'],
  ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'n', uid: 'u' }],
};

/** Which of those an update of the status leaves as they were. */
const KEPT: [collection: string, object: object, kept: (keyof typeof USERS)[]][] = [
  [`api/v1/${DEFAULT}/services`, { spec: { ports: [{ port: 80 }] } }, []],
  [`apis/apps/v1/${DEFAULT}/deployments`, { spec: { selector, template } }, ['labels']],
  [`api/v1/${DEFAULT}/pods`, { spec: template.spec }, ['ownerReferences']],
  [
    'apis/networking.k8s.io/v1/servicecidrs',
    { spec: { cidrs: ['10.9.0.0/16'] } },
    ['labels', 'annotations', 'finalizers', 'ownerReferences'],
  ],
];

test.each(KEPT)('%s: metadata that an update of the status changes', async (collection, object, kept) => {
  const { send } = await testServer();
  await send('POST', `/${collection}`, { metadata: { name: 'x' }, ...object });
  const { body } = await send('PATCH', `/${collection}/x/status`, { metadata: USERS }, MERGE);
  const { metadata } = body as KubeObject;
  const changed = Object.keys(USERS).filter((field) => !(kept as string[]).includes(field));
  expect(Object.keys(metadata).filter((field) => field in USERS)).toEqual(
    ['labels', 'annotations', 'ownerReferences', 'finalizers'].filter((field) => changed.includes(field)),
  );
});

const EVENTS = `/api/v1/${DEFAULT}/events`;
const NEW_EVENTS = `/apis/events.k8s.io/v1/${DEFAULT}/events`;
const event = { eventTime: '2026-01-01T00:00:00.000000Z', action: 'a', reason: 'r', type: 'Normal' };
const reported = { ...event, reportingController: 'c', reportingInstance: 'i' };

test.each([
  [
    EVENTS,
    { involvedObject: { namespace: 'x' } },
    'involvedObject.namespace: Invalid value: "x": does not match event.namespace',
  ],
  [
    EVENTS,
    { involvedObject: { namespace: 'default' } },
    'metadata.name: Required value: name or generateName is required',
  ],
  [
    NEW_EVENTS,
    { ...reported, action: '', regarding: { namespace: 'default' } },
    '[action: Required value, metadata.name: Required value: name or generateName is required]',
  ],
])('%s: metadata is looked at when its kind does', async (path, object, told) => {
  const { failure } = await testServer();
  expect(await failure('POST', path, object)).toBe(`Event "" is invalid: ${told}`);
});

test('the time of an event is told as Go writes it', async () => {
  const { send, failure } = await testServer();
  const object = { metadata: { name: 'x' }, ...reported, regarding: { namespace: 'default' } };
  await send('POST', NEW_EVENTS, object);
  expect(await failure('PATCH', `${NEW_EVENTS}/x`, { eventTime: '2026-01-01T00:00:01.500000Z' }, MERGE)).toBe(
    'Event "x" is invalid: eventTime: Invalid value: 2026-01-01 00:00:01.5 +0000 UTC: field is immutable',
  );
});
