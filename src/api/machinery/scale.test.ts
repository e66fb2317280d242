import { describe, expect, test } from 'vitest';
import type { KubeObject } from '../../types/objects.ts';
import { testServer } from '../testing/server.ts';

const PATH = '/apis/apps/v1/namespaces/default/replicasets/a';
const APPLY = { 'content-type': 'application/apply-patch+yaml' };
const MERGE = { 'content-type': 'application/merge-patch+json' };

const set = (replicas?: number) => ({
  apiVersion: 'apps/v1',
  kind: 'ReplicaSet',
  metadata: { name: 'a', namespace: 'default' },
  spec: {
    ...(replicas !== undefined && { replicas }),
    selector: { matchLabels: { app: 'a' } },
    template: { metadata: { labels: { app: 'a' } }, spec: { containers: [{ name: 'c', image: 'nginx' }] } },
  },
});
const scale = (replicas: unknown, metadata: object = {}) => ({
  apiVersion: 'autoscaling/v1',
  kind: 'Scale',
  metadata: { name: 'a', ...metadata },
  spec: { replicas },
});

async function withSet(replicas?: number) {
  const api = await testServer();
  await api.send('PATCH', `${PATH}?fieldManager=m1`, set(replicas), APPLY);
  const owners = async () => {
    const { metadata } = (await api.send('GET', PATH)).body as KubeObject;
    return (metadata.managedFields ?? []).map(({ manager, operation, subresource, time, fieldsV1 }) => ({
      manager: `${manager} ${operation}${subresource ? ` ${subresource}` : ''}${time ? '' : ' timeless'}`,
      replicas: 'f:replicas' in ((fieldsV1 as { 'f:spec'?: object })['f:spec'] ?? {}),
    }));
  };
  return { ...api, owners };
}

describe('a scale', () => {
  test('is applied with owners and conflicts of its own', async () => {
    const { send, failure, owners } = await withSet(0);
    expect(await failure('PATCH', `${PATH}/scale?fieldManager=m2`, scale(1), APPLY)).toBe(
      'Apply failed with 1 conflict: conflict with "m1": .spec.replicas',
    );
    await send('PATCH', `${PATH}/scale?fieldManager=m2&force=true`, scale(1), APPLY);
    expect(await owners()).toEqual([
      { manager: 'm2 Apply scale timeless', replicas: true },
      { manager: 'm1 Apply', replicas: false },
    ]);
    expect(await failure('PATCH', `${PATH}?fieldManager=m1`, set(0), APPLY)).toBe(
      'Apply failed with 1 conflict: conflict with "m2" with subresource "scale": .spec.replicas',
    );
  });

  test('takes replicas from whoever set them, and is taken from', async () => {
    const { send, owners } = await withSet(0);
    await send('PATCH', `${PATH}/scale?fieldManager=kubectl`, { spec: { replicas: 2 } }, MERGE);
    expect(await owners()).toEqual([
      { manager: 'm1 Apply', replicas: false },
      { manager: 'kubectl Update scale timeless', replicas: true },
    ]);
    await send('PATCH', `${PATH}?fieldManager=edit`, { spec: { replicas: 3 } }, MERGE);
    expect(await owners()).toEqual([
      { manager: 'm1 Apply', replicas: false },
      { manager: 'edit Update', replicas: true },
    ]);
  });

  test('that nobody ever owned is not tracked from its first update on', async () => {
    const { send, failure, owners } = await withSet();
    await send('PATCH', `${PATH}/scale?fieldManager=kubectl`, { spec: { replicas: 2 } }, MERGE);
    expect(await owners()).toEqual([{ manager: 'm1 Apply', replicas: false }]);
    expect(await failure('PATCH', `${PATH}/scale?fieldManager=m2`, scale(1), APPLY)).toBe(
      'Apply failed with 1 conflict: conflict with "before-first-apply" with subresource "scale" using autoscaling/v1: .spec.replicas',
    );
  });

  test.each<[string, object, object | undefined, RegExp | string]>([
    [
      'PUT',
      scale(-1),
      undefined,
      'Scale.autoscaling "a" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0',
    ],
    [
      'PUT',
      scale(0, { name: '' }),
      undefined,
      'the name of the object (a based on URL) was undeterminable: name must be provided',
    ],
    [
      'PUT',
      scale(0, { namespace: 'other' }),
      undefined,
      'the namespace of the provided object does not match the namespace sent on the request',
    ],
    [
      'PUT',
      scale(0, { uid: 'x' }),
      undefined,
      /^Operation cannot be fulfilled on replicasets.apps "a": StorageError: invalid object, Code: 4, /,
    ],
    ['PUT', scale(0, { resourceVersion: 'x' }), undefined, 'strconv.ParseUint: parsing "x": invalid syntax'],
    [
      'PATCH',
      { metadata: { uid: 'x' } },
      MERGE,
      /^Operation cannot be fulfilled on replicasets\/scale.apps "a": Precondition failed: UID in precondition: x/,
    ],
    ['PATCH', set(0), APPLY, 'invalid object type: apps/v1, Kind=ReplicaSet'],
    [
      'PATCH',
      scale('x'),
      APPLY,
      'failed to create typed patch object (/a; autoscaling/v1, Kind=Scale): .spec.replicas: expected numeric (int or float), got string',
    ],
  ])('is refused: %s %j', async (method, body, headers, message) => {
    const { failure } = await withSet(0);
    const query = headers === APPLY ? '?fieldManager=m' : '';
    const told = await failure(method as 'PUT', `${PATH}/scale${query}`, body, headers as Record<string, string>);
    if (typeof message === 'string') expect(told).toBe(message);
    else expect(told).toMatch(message);
  });
});
