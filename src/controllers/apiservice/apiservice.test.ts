import { expect, test } from 'vitest';
import { TestWorld } from '../../runtime/testing/test-world.ts';
import type { KubeObject } from '../../types/objects.ts';
import { apiServiceController } from './index.ts';

const SERVICES = 'apiservices.apiregistration.k8s.io';

const promise = {
  apiVersion: 'apiregistration.k8s.io/v1',
  kind: 'APIService',
  metadata: { name: 'v1beta1.metrics.k8s.io' },
  spec: {
    group: 'metrics.k8s.io',
    version: 'v1beta1',
    groupPriorityMinimum: 100,
    versionPriority: 100,
    service: { namespace: 'default', name: 'metrics', port: 443 },
  },
};
const service = (port: number) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'metrics', namespace: 'default' },
  spec: { selector: { app: 'm' }, ports: [{ port }] },
});

const available = (world: TestWorld): string => {
  const object = world.client.get(SERVICES, '', promise.metadata.name) as KubeObject & {
    status: { conditions: { status: string; reason: string; message: string }[] };
  };
  const [{ status, reason, message } = { status: '', reason: '', message: '' }] = object.status.conditions;
  return `${status} ${reason}: ${message}`;
};

test('an API is as available as the service behind it', async () => {
  const world = await TestWorld.with([apiServiceController]);
  world.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' } });
  world.create(promise);
  await world.run(100);
  expect(available(world)).toBe('False ServiceNotFound: service/metrics in "default" is not present');
  world.create(service(80));
  await world.run(100);
  expect(available(world)).toBe('False ServicePortError: service/metrics in "default" is not listening on port 443');
  world.client.delete('services', 'default', 'metrics');
  world.create(service(443));
  await world.run(100);
  expect(available(world)).toBe('False EndpointsNotFound: cannot find endpoints for service/metrics in "default"');
  world.create({ apiVersion: 'v1', kind: 'Endpoints', metadata: { name: 'metrics', namespace: 'default' } });
  await world.run(100);
  expect(available(world)).toBe(
    'False MissingEndpoints: endpoints for service/metrics in "default" have no addresses with port name ""',
  );
});

test('custom resources are registered while they are served', async () => {
  const world = await TestWorld.with([apiServiceController]);
  world.create({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'foos.raw.io' },
    spec: {
      group: 'raw.io',
      scope: 'Namespaced',
      names: { plural: 'foos', singular: 'foo', kind: 'Foo', listKind: 'FooList' },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
    },
    status: { conditions: [{ type: 'Established', status: 'True' }] },
  });
  const definitions = 'customresourcedefinitions.apiextensions.k8s.io';
  const definition = world.client.get(definitions, '', 'foos.raw.io') as KubeObject;
  world.client.updateStatus(definitions, {
    ...definition,
    status: { conditions: [{ type: 'Established', status: 'True', reason: 'InitialNamesAccepted', message: '' }] },
  } as KubeObject);
  await world.run(100);
  expect(world.client.get(SERVICES, '', 'v1.raw.io')).toMatchObject({
    metadata: { labels: { 'kube-aggregator.kubernetes.io/automanaged': 'true' } },
    spec: { group: 'raw.io', version: 'v1', groupPriorityMinimum: 1000, versionPriority: 100 },
    status: { conditions: [{ status: 'True', reason: 'Local' }] },
  });
  world.store.remove(definitions, '', 'foos.raw.io');
  await world.run(100);
  expect(world.client.get(SERVICES, '', 'v1.raw.io')).toBeUndefined();
});
