import { expect, it } from 'vitest';
import { openApiDocument, openApiIndex } from './openapi.ts';
import { Registry, readRegistry } from './registry.ts';

const registry = new Registry(readRegistry());

it('lists a document for each group version', () => {
  const { paths } = openApiIndex(registry);
  expect(Object.keys(paths)).toEqual(expect.arrayContaining(['api/v1', 'apis/apps/v1', 'apis/autoscaling/v2']));
});

it('describes the kinds of a group version and what they are made of', () => {
  const document = openApiDocument(registry, 'apps', 'v1')!;
  const { schemas } = document.components;
  const deployment = schemas['io.k8s.api.apps.v1.Deployment']!;
  expect(deployment['x-kubernetes-group-version-kind']).toEqual([{ group: 'apps', kind: 'Deployment', version: 'v1' }]);
  expect(deployment.properties!.spec!.allOf).toEqual([
    { $ref: '#/components/schemas/io.k8s.api.apps.v1.DeploymentSpec' },
  ]);
  const container = schemas['io.k8s.api.core.v1.Container']!;
  expect(container.required).toEqual(['name']);
  expect(container.properties!.imagePullPolicy).toMatchObject({
    type: 'string',
    enum: ['Always', 'IfNotPresent', 'Never'],
  });
  expect(container.properties!.imagePullPolicy!.description).toContain(
    '\n\nPossible enum values:\n - `"Always"` means',
  );
  expect(schemas['io.k8s.api.core.v1.PodSpec']!.properties!.containers).toMatchObject({
    'x-kubernetes-patch-merge-key': 'name',
    'x-kubernetes-patch-strategy': 'merge',
  });
  expect(document.paths['/apis/apps/v1/namespaces/{namespace}/deployments/{name}']).toHaveProperty('patch');
  expect(openApiDocument(registry, 'nope', 'v1')).toBeUndefined();
});
