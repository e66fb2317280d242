import { expect, test } from 'vitest';
import { testServer } from '../testing/server.ts';

const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const APPLY = { 'content-type': 'application/apply-patch+yaml' };
const MERGE = { 'content-type': 'application/merge-patch+json' };
const at = (version: string, name = '') => `/apis/x.io/${version}/namespaces/default/as${name && `/${name}`}`;
const object = (version: string, name: string) => ({ apiVersion: `x.io/${version}`, kind: 'A', metadata: { name } });
const lost = (from: string) =>
  `conversion webhook for x.io/${from}, Kind=A failed: Post "https://conv.default.svc:443/c?timeout=30s": service "conv" not found`;

async function withWebhook() {
  const api = await testServer();
  const version = (name: string, storage: boolean) => ({
    name,
    served: true,
    storage,
    schema: { openAPIV3Schema: { type: 'object' } },
  });
  await api.send('POST', DEFINITIONS, {
    metadata: { name: 'as.x.io' },
    spec: {
      group: 'x.io',
      scope: 'Namespaced',
      names: { plural: 'as', kind: 'A' },
      versions: [version('v1', true), version('v2', false)],
      conversion: {
        strategy: 'Webhook',
        webhook: {
          conversionReviewVersions: ['v1'],
          clientConfig: { service: { name: 'conv', namespace: 'default', path: '/c' } },
        },
      },
    },
  });
  expect(await api.failure('POST', at('v1'), object('v1', 'one'))).toBe('');
  return api;
}

// Answered so by kube-apiserver 1.33.13.
test.each([
  ['GET', at('v1', 'one'), undefined, {}, ''],
  ['GET', at('v1'), undefined, {}, ''],
  ['GET', at('v2', 'one'), undefined, {}, lost('v1')],
  ['GET', at('v2'), undefined, {}, lost('v1')],
  ['GET', at('v2', 'none'), undefined, {}, 'as.x.io "none" not found'],
  ['POST', at('v2'), object('v2', 'two'), {}, lost('v2')],
  ['PATCH', at('v2', 'one'), {}, MERGE, lost('v1')],
  ['PUT', at('v2', 'one'), object('v2', 'one'), {}, lost('v1')],
  ['PATCH', `${at('v2', 'one')}?fieldManager=m`, object('v2', 'one'), APPLY, lost('v1')],
  ['DELETE', at('v2', 'one'), undefined, {}, lost('v1')],
  ['DELETE', at('v1', 'one'), undefined, {}, ''],
] as const)('objects of two versions that a webhook converts: %s %s', async (method, path, body, headers, message) => {
  const { failure } = await withWebhook();
  expect(await failure(method, path, body, headers)).toBe(message);
});

test('a list says that nothing follows, a table does not', async () => {
  const { send } = await withWebhook();
  const told = async (accept: string) =>
    Object.keys(((await send('GET', at('v1'), undefined, { accept })).body as { metadata: object }).metadata);
  expect(await told('application/json')).toEqual(['continue', 'resourceVersion']);
  expect(await told('application/json;as=Table;g=meta.k8s.io;v=v1')).toEqual(['resourceVersion']);
});
