import { expect, test } from 'vitest';
import type { Pod } from '../../types/objects.ts';
import { testServer } from '../testing/server.ts';
import { type Choice, choiceProblem, noteChoice } from './chosen.ts';

const pod = { metadata: { name: 'p' }, spec: { containers: [{ name: 'c', image: 'nginx:1.27' }] } };
const inNamespace = (name: string) => `/api/v1/namespaces/${name}/pods`;

async function serverWith(choice: Partial<Choice>) {
  const found = await testServer();
  noteChoice(found.server.world.state, { enabled: [], disabled: [], ...choice });
  return found;
}

test('AlwaysPullImages pulls whatever is asked', async () => {
  const { send } = await serverWith({ enabled: ['AlwaysPullImages'] });
  const { body } = await send('POST', inNamespace('default'), pod);
  expect((body as Pod).spec!.containers[0]!.imagePullPolicy).toBe('Always');
});

test('NamespaceAutoProvision makes what is missing', async () => {
  const { send } = await serverWith({ enabled: ['NamespaceAutoProvision'] });
  expect((await send('POST', inNamespace('blue'), pod)).status).toBe(201);
  expect((await send('GET', '/api/v1/namespaces/blue')).body).toMatchObject({ status: { phase: 'Active' } });
});

test('what is disabled does nothing', async () => {
  const { send } = await serverWith({ disabled: ['DefaultTolerationSeconds'] });
  const { body } = await send('POST', inNamespace('default'), pod);
  expect((body as Pod).spec!.tolerations).toBeUndefined();
});

test.each<[Partial<Choice>, string]>([
  [
    { enabled: ['ImagePolicyWebhook'], imagePolicy: { server: 'https://10.0.0.1:1234/check', defaultAllow: false } },
    'pods "p" is forbidden: Post "https://10.0.0.1:1234/check?timeout=30s": dial tcp 10.0.0.1:1234: connect: connection refused',
  ],
  [{ enabled: ['AlwaysDeny'] }, 'pods "p" is forbidden: admission control is denying all modifications'],
])('%j refuses', async (choice, message) => {
  const { failure } = await serverWith(choice);
  expect(await failure('POST', inNamespace('default'), pod)).toBe(message);
});

test.each<[Choice, string | undefined]>([
  [{ enabled: ['NodeRestriction'], disabled: ['DefaultStorageClass'] }, undefined],
  [{ enabled: ['Foo'], disabled: [] }, 'enable-admission-plugins plugin "Foo" is unknown'],
  [
    { enabled: ['LimitRanger'], disabled: ['LimitRanger'] },
    '[LimitRanger] in enable-admission-plugins and disable-admission-plugins overlapped',
  ],
])('%j', (choice, problem) => {
  expect(choiceProblem(choice)).toBe(problem);
});
