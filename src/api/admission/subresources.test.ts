import { expect, test } from 'vitest';
import { testServer } from '../testing/server.ts';

const ADMISSION = '/apis/admissionregistration.k8s.io/v1';
const DEFAULT = '/api/v1/namespaces/default';
const APPS = '/apis/apps/v1/namespaces/default';

const labels = { app: 'a' };
const template = { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'i' }] } };
const denied = (what: string, message: string) =>
  `${what} is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: ${message}`;

/** A server with a pod and a deployment, and a policy over these resources. */
async function withPolicy(operation: string, group: string, resource: string, expression: string, message: string) {
  const api = await testServer();
  await api.failure('POST', `${DEFAULT}/serviceaccounts`, { metadata: { name: 'default' } });
  await api.failure('POST', `${DEFAULT}/pods`, { metadata: { name: 'a' }, spec: template.spec });
  await api.failure('POST', `${DEFAULT}/services`, { metadata: { name: 's' }, spec: { ports: [{ port: 80 }] } });
  await api.failure('POST', `${APPS}/deployments`, {
    metadata: { name: 'd' },
    spec: { replicas: 1, selector: { matchLabels: labels }, template },
  });
  await api.failure('POST', `${ADMISSION}/validatingadmissionpolicies`, {
    metadata: { name: 'p' },
    spec: {
      matchConstraints: {
        resourceRules: [{ apiGroups: [group], apiVersions: ['v1'], operations: [operation], resources: [resource] }],
      },
      validations: [{ expression, messageExpression: message, reason: 'Forbidden' }],
    },
  });
  await api.failure('POST', `${ADMISSION}/validatingadmissionpolicybindings`, {
    metadata: { name: 'b' },
    spec: { policyName: 'p', validationActions: ['Deny'] },
  });
  return api;
}

const seen = "request.kind.kind + ' ' + object.kind + ' ' + object.metadata.name";

test('a policy sees an Eviction', async () => {
  const { failure } = await withPolicy('CREATE', '', 'pods/eviction', "object.metadata.name != 'a'", seen);
  const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'a', namespace: 'default' } };
  expect(await failure('POST', `${DEFAULT}/pods/a/eviction`, eviction)).toBe(denied('pods "a"', 'Eviction Eviction a'));
});

test('a policy sees a Binding', async () => {
  const { failure } = await withPolicy('CREATE', '', 'pods/binding', "object.target.name != 'n'", seen);
  const binding = { apiVersion: 'v1', kind: 'Binding', metadata: { name: 'a' }, target: { kind: 'Node', name: 'n' } };
  expect(await failure('POST', `${DEFAULT}/pods/a/binding`, binding)).toBe(denied('pods "a"', 'Binding Binding a'));
});

test('a policy sees the Scale of a workload, before and after', async () => {
  const text = "request.kind.kind + ' ' + string(oldObject.spec.replicas) + ' ' + string(object.spec.replicas)";
  const { failure } = await withPolicy('UPDATE', 'apps', 'deployments/scale', 'object.spec.replicas < 3', text);
  const scale = (replicas: number) => ({ metadata: { name: 'd', namespace: 'default' }, spec: { replicas } });
  expect(await failure('PUT', `${APPS}/deployments/d/scale`, scale(5))).toBe(
    denied('deployments.apps "d"', 'Scale 1 5'),
  );
  expect(await failure('PUT', `${APPS}/deployments/d/scale`, scale(2))).toBe('');
});

test('a policy sees the path of a proxy', async () => {
  const { failure } = await withPolicy('CONNECT', '', 'services/proxy', 'false', "object.kind + ' ' + object.path");
  expect(await failure('GET', `${DEFAULT}/services/s/proxy/x`)).toBe(denied('services "s"', 'ServiceProxyOptions /x'));
});

test.each([
  [
    'an unknown field',
    { metadata: { name: 'a' }, deleteOptions: { x: 1 } },
    'Eviction in version "v1" cannot be handled as a Eviction: strict decoding error: unknown field "deleteOptions.x"',
  ],
  [
    'a wrong type',
    { metadata: { name: 'a' }, deleteOptions: { gracePeriodSeconds: 'x' } },
    'Eviction in version "v1" cannot be handled as a Eviction: json: cannot unmarshal string into Go struct field DeleteOptions.deleteOptions.gracePeriodSeconds of type int64',
  ],
  [
    'another kind',
    { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' } },
    'Pod in version "v1" cannot be handled as a Eviction: converting (v1.Pod) to (policy.Eviction): unknown conversion',
  ],
])('an Eviction with %s is refused', async (_, body, message) => {
  const { failure } = await testServer();
  expect(await failure('POST', `${DEFAULT}/pods/a/eviction?fieldValidation=Strict`, body)).toBe(message);
});
