import { expect, test } from 'vitest';
import { testServer } from '../testing/server.ts';

const AUTHORIZATION = '/apis/authorization.k8s.io/v1';
const AUTHENTICATION = '/apis/authentication.k8s.io/v1';
const pods = { verb: 'get', resource: 'pods', namespace: 'default' };
const WRONG = '.authorization.k8s.io "" is invalid: ';

test.each([
  [
    'selfsubjectaccessreviews',
    {},
    `${WRONG}spec.resourceAttributes: Invalid value: "null": exactly one of nonResourceAttributes or resourceAttributes must be specified`,
  ],
  [
    'subjectaccessreviews',
    { resourceAttributes: pods, nonResourceAttributes: { path: '/x', verb: 'get' } },
    `${WRONG}[spec.nonResourceAttributes: Invalid value: authorization.NonResourceAttributes{Path:"/x", Verb:"get"}: cannot be specified in combination with resourceAttributes, spec.user: Invalid value: "": at least one of user or group must be specified]`,
  ],
  [
    'namespaces/kube-system/localsubjectaccessreviews',
    { user: 'bob', resourceAttributes: pods },
    `${WRONG}spec.resourceAttributes.namespace: Invalid value: "default": must match metadata.namespace`,
  ],
  [
    'subjectaccessreviews',
    { user: 'bob', resourceAttributes: { ...pods, fieldSelector: {} } },
    `${WRONG}spec.resourceAttributes.fieldSelector.requirements: Required value: when spec.resourceAttributes.fieldSelector is specified, requirements or rawSelector is required`,
  ],
  ...(
    [
      [
        { key: 'a', operator: 'In' },
        "[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'",
      ],
      [
        { key: 'a', operator: 'Exists', values: ['x'] },
        "[0].values: Forbidden: may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
      ],
    ] as const
  ).map(([requirement, why]): [string, object, string] => [
    'selfsubjectaccessreviews',
    { resourceAttributes: { ...pods, labelSelector: { requirements: [requirement] } } },
    `${WRONG}spec.resourceAttributes.labelSelector.requirements${why}`,
  ]),
  ['selfsubjectrulesreviews', {}, 'no namespace on request'],
  ['selfsubjectaccessreviews', { resourceAttributes: pods }, ''],
])('%s of %o', async (path, spec, message) => {
  const { failure } = await testServer();
  expect(await failure('POST', `${AUTHORIZATION}/${path}`, { spec })).toBe(message);
});

const term = (key: string, operator: string, ...values: string[]) => ({ key, operator, values });
const ignored = (which: string, how = '') =>
  `spec.resourceAttributes.${which}Selector ${how}ignored due to parse error`;

test.each([
  [{ labelSelector: { rawSelector: 'a=b' } }, undefined],
  [{ labelSelector: { rawSelector: 'a in' } }, ignored('label')],
  [{ labelSelector: { requirements: [term('a', 'Foo')] } }, ignored('label')],
  [{ labelSelector: { requirements: [term('a', 'Foo'), term('a', 'Exists')] } }, ignored('label', 'partially ')],
  [{ fieldSelector: { requirements: [term('a', 'In', 'x')] } }, undefined],
  [{ fieldSelector: { requirements: [term('a', 'In', 'x', 'y')] } }, ignored('field')],
  [
    { fieldSelector: { rawSelector: 'a' }, labelSelector: { rawSelector: '=' } },
    `${ignored('field')}; ${ignored('label')}`,
  ],
])('what is not understood of %j is told', async (selectors, evaluationError) => {
  const { send } = await testServer();
  const spec = { resourceAttributes: { ...pods, ...selectors } };
  const { body } = await send('POST', `${AUTHORIZATION}/selfsubjectaccessreviews`, { spec });
  expect((body as { status: object }).status).toEqual({ allowed: true, ...(evaluationError && { evaluationError }) });
});

test('a review of oneself keeps nothing of what was sent', async () => {
  const { send } = await testServer();
  const { body } = await send('POST', `${AUTHENTICATION}/selfsubjectreviews`, { metadata: { name: 'x' } });
  expect(body).toEqual({
    kind: 'SelfSubjectReview',
    apiVersion: 'authentication.k8s.io/v1',
    metadata: { creationTimestamp: '2026-01-01T00:00:00Z' },
    status: { userInfo: { username: 'admin', groups: ['system:masters', 'system:authenticated'] } },
  });
});

const ACCOUNT = '/api/v1/namespaces/default/serviceaccounts/default';
const ISSUER = 'https://kubernetes.default.svc.cluster.local';

async function withToken(spec: object = {}) {
  const api = await testServer();
  api.put(
    'pods',
    'Pod',
    { name: 'p', namespace: 'default', uid: 'pod-uid' },
    { spec: { serviceAccountName: 'default', nodeName: 'n' } },
  );
  api.put('nodes', 'Node', { name: 'n', uid: 'node-uid' });
  const { body } = await api.send('POST', `${ACCOUNT}/token`, { spec });
  const { token } = (body as { status: { token: string } }).status;
  const review = async (given: string, audiences?: string[]) =>
    (
      (await api.send('POST', `${AUTHENTICATION}/tokenreviews`, { spec: { token: given, audiences } })).body as {
        status: object;
      }
    ).status;
  return { ...api, token, review };
}

test('a token says whom it speaks for, and where its pod runs', async () => {
  const { token, review } = await withToken({ boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: 'p' } });
  expect(await review(token)).toEqual({
    authenticated: true,
    user: {
      username: 'system:serviceaccount:default:default',
      uid: 'account',
      groups: ['system:serviceaccounts', 'system:serviceaccounts:default', 'system:authenticated'],
      extra: {
        'authentication.kubernetes.io/credential-id': [expect.stringMatching(/^JTI=/)],
        'authentication.kubernetes.io/node-name': ['n'],
        'authentication.kubernetes.io/node-uid': ['node-uid'],
        'authentication.kubernetes.io/pod-name': ['p'],
        'authentication.kubernetes.io/pod-uid': ['pod-uid'],
      },
    },
    audiences: [ISSUER],
  });
});

test('a token that is no good says why', async () => {
  const { token, review, clock, store } = await withToken({
    boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: 'p' },
  });
  const errorOf = async (given: string, audiences?: string[]) =>
    ((await review(given, audiences)) as { error?: string }).error;
  expect(await errorOf('nonsense')).toBe('invalid bearer token');
  expect(await errorOf(`${token}x`)).toBe('[invalid bearer token, go-jose/go-jose: error in cryptographic primitive]');
  expect(await errorOf(token, ['x'])).toBe(
    `[invalid bearer token, token audiences ["${ISSUER}"] is invalid for the target audiences ["x"]]`,
  );
  store.remove('pods', 'default', 'p');
  expect(await errorOf(token)).toBe('[invalid bearer token, service account token has been invalidated]');
  clock.now += 2 * 3_600_000;
  expect(await errorOf(token)).toBe('[invalid bearer token, service account token has expired]');
});

const bound = (ref: object) => ({ spec: { boundObjectRef: ref } });
test.each([
  [
    { spec: { expirationSeconds: 0 } },
    'TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: 0: may not specify a duration less than 10 minutes',
  ],
  [
    { spec: { expirationSeconds: 2 ** 33 } },
    'TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: 8589934592: may not specify a duration larger than 2^32 seconds',
  ],
  [
    { metadata: { name: 'x' }, spec: {} },
    'TokenRequest.authentication.k8s.io "default" is invalid: metadata.name: Invalid value: "x": must match the service account name if specified',
  ],
  [
    bound({ kind: 'Deployment', apiVersion: 'apps/v1', name: 'x' }),
    'cannot bind token to object of type apps/v1, Kind=Deployment',
  ],
  [bound({ kind: 'Pod', apiVersion: 'v1', name: 'none' }), 'pods "none" not found'],
  [
    bound({ kind: 'Pod', apiVersion: 'v1', name: 'p', uid: 'other' }),
    'Operation cannot be fulfilled on Pod "p": the UID in the bound object reference (other) does not match the UID in record. The object might have been deleted and then recreated',
  ],
])('a token is refused for %o', async (body, message) => {
  const { failure } = await withToken();
  expect(await failure('POST', `${ACCOUNT}/token`, body)).toBe(message);
});
