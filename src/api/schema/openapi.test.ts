import { expect, it } from 'vitest';
import { openApiDocument, openApiIndex } from './openapi.ts';
import { Registry, readRegistry } from './registry.ts';
import { swaggerDocument } from './swagger.ts';

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

it('says which parameters each operation takes', () => {
  const { paths } = openApiDocument(registry, 'apps', 'v1')!;
  const names = (item: unknown) => (item as { parameters: { name: string }[] }).parameters.map(({ name }) => name);
  const deployment = paths['/apis/apps/v1/namespaces/{namespace}/deployments/{name}']!;
  expect(names(deployment)).toEqual(['name', 'namespace', 'pretty']);
  expect(names(deployment.patch)).toEqual(['dryRun', 'fieldManager', 'fieldValidation', 'force']);
  expect(deployment.patch).toMatchObject({ operationId: 'patchAppsV1NamespacedDeployment', tags: ['apps_v1'] });
  expect(paths).toHaveProperty(['/apis/apps/v1/watch/deployments', 'get', 'x-kubernetes-action'], 'watchlist');
  const core = openApiDocument(registry, '', 'v1')!.paths;
  expect(core['/api/v1/namespaces/{namespace}/pods/{name}/exec']!.post).toMatchObject({
    operationId: 'connectCoreV1PostNamespacedPodExec',
    'x-kubernetes-group-version-kind': { group: '', kind: 'PodExecOptions', version: 'v1' },
  });
  expect(core['/api/v1/namespaces/{namespace}/pods/{name}/eviction']!.post).toMatchObject({
    'x-kubernetes-group-version-kind': { group: 'policy', kind: 'Eviction', version: 'v1' },
  });
});

it('is said in the words of OpenAPI v2, too', () => {
  const { definitions, paths } = swaggerDocument(registry, 'v1.33.13');
  expect(definitions['io.k8s.api.apps.v1.DeploymentSpec']!.properties!.template).toMatchObject({
    $ref: '#/definitions/io.k8s.api.core.v1.PodTemplateSpec',
  });
  expect(definitions['io.k8s.apimachinery.pkg.util.intstr.IntOrString']).toMatchObject({ format: 'int-or-string' });
  expect(paths['/api/v1/namespaces/{namespace}/pods']!.post).toMatchObject({
    parameters: [
      { in: 'body', name: 'body', required: true, schema: { $ref: '#/definitions/io.k8s.api.core.v1.Pod' } },
      { in: 'query', name: 'dryRun', type: 'string' },
      { in: 'query', name: 'fieldManager' },
      { in: 'query', name: 'fieldValidation' },
    ],
    responses: { 201: { description: 'Created', schema: { $ref: '#/definitions/io.k8s.api.core.v1.Pod' } } },
  });
});

it('enumerations of what lists and maps hold are told without notes, those of fields with them', () => {
  const core = openApiDocument(registry, '', 'v1')!.components.schemas;
  const claim = core['io.k8s.api.core.v1.PersistentVolumeClaimSpec']!.properties!;
  expect(claim.accessModes!.items!.enum).toEqual([
    'ReadOnlyMany',
    'ReadWriteMany',
    'ReadWriteOnce',
    'ReadWriteOncePod',
  ]);
  expect(claim.accessModes!.description).not.toContain('Possible enum values');
  expect(claim.volumeMode!.description).toContain('\n\nPossible enum values:\n - `"Block"` means');
  const slice = openApiDocument(registry, 'discovery.k8s.io', 'v1')!.components.schemas;
  expect(slice['io.k8s.api.discovery.v1.EndpointSlice']!.properties!.addressType!.enum).toEqual([
    'FQDN',
    'IPv4',
    'IPv6',
  ]);
});
