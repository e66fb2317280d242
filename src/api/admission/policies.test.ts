import { describe, expect, test } from 'vitest';
import { testServer } from '../testing/server.ts';

const ADMISSION = '/apis/admissionregistration.k8s.io/v1';
const POLICIES = `${ADMISSION}/validatingadmissionpolicies`;
const BINDINGS = `${ADMISSION}/validatingadmissionpolicybindings`;
const CONFIGS = '/api/v1/namespaces/default/configmaps';

const policy = (spec: object, name = 'rules') => ({
  metadata: { name },
  spec: {
    matchConstraints: {
      resourceRules: [
        { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE', 'DELETE'], resources: ['configmaps'] },
      ],
    },
    ...spec,
  },
});
const binding = (spec: object = {}) => ({
  metadata: { name: 'bound' },
  spec: { policyName: 'rules', validationActions: ['Deny'], ...spec },
});
const config = (data: object = {}, metadata: object = {}) => ({ metadata: { name: 'c', ...metadata }, data });
const REFUSED =
  "configmaps \"c\" is forbidden: ValidatingAdmissionPolicy 'rules' with binding 'bound' denied request: ";

async function withPolicy(spec: object, bound: object = {}) {
  const api = await testServer();
  expect(await api.failure('POST', POLICIES, policy(spec))).toBe('');
  expect(await api.failure('POST', BINDINGS, binding(bound))).toBe('');
  return api;
}

describe('a policy', () => {
  const one = (expression: string, more: object = {}) => ({ validations: [{ expression, ...more }] });

  test.each([
    ['an expression that fails', one('object.data.size() > 1'), 'failed expression: object.data.size() > 1'],
    ['a message', one('false', { message: 'no way' }), 'no way'],
    [
      'a message expression',
      one('false', { messageExpression: "'not ' + object.metadata.name", message: 'x' }),
      'not c',
    ],
    ['a message expression that fails', one('false', { messageExpression: "object.nope + 'x'", message: 'x' }), 'x'],
    [
      'an error',
      one("object.data.nope == 'a'"),
      "expression 'object.data.nope == 'a'' resulted in error: no such key: nope",
    ],
    [
      'a variable',
      { variables: [{ name: 'n', expression: 'object.data.size()' }], ...one('variables.n > 1') },
      'failed expression: variables.n > 1',
    ],
    [
      'a variable that fails',
      { variables: [{ name: 'n', expression: 'object.nope' }], ...one('variables.n == 1') },
      'expression \'variables.n == 1\' resulted in error: composited variable "n" fails to evaluate: no such key: nope',
    ],
    [
      'who asks, and where',
      one("request.userInfo.username != 'admin' || namespaceObject.metadata.name != 'default'"),
      "failed expression: request.userInfo.username != 'admin' || namespaceObject.metadata.name != 'default'",
    ],
    [
      'what somebody may',
      one("!authorizer.group('').resource('pods').check('create').allowed()"),
      "failed expression: !authorizer.group('').resource('pods').check('create').allowed()",
    ],
    [
      'a condition that cannot be told',
      { matchConditions: [{ name: 'a', expression: 'object.nope' + ' == 1' }], ...one('true') },
      "expression 'object.nope == 1' resulted in error: no such key: nope",
    ],
  ])('refuses with %s', async (_, spec, message) => {
    const { failure } = await withPolicy(spec);
    expect(await failure('POST', CONFIGS, config({ a: '1' }))).toBe(REFUSED + message);
  });

  test.each([
    ['nothing is bound', one('false'), { policyName: 'other' }],
    ['a condition does not hold', { matchConditions: [{ name: 'a', expression: 'false' }], ...one('false') }, {}],
    ['an error is ignored', { failurePolicy: 'Ignore', ...one('object.data.nope == 1') }, {}],
    ['the binding is for other names', one('false'), { matchResources: { resourceRules: [RULE_FOR('other')] } }],
    ['the binding leaves it out', one('false'), { matchResources: { excludeResourceRules: [RULE_FOR('c')] } }],
    ['the namespace is another', one('false'), { matchResources: { namespaceSelector: { matchLabels: { a: 'b' } } } }],
    ['the object is another', one('false'), { matchResources: { objectSelector: { matchLabels: { a: 'b' } } } }],
    ['it is only told to the auditors', one('false'), { validationActions: ['Audit'] }],
  ])('lets pass when %s', async (_, spec, bound) => {
    const { failure } = await withPolicy(spec, bound);
    expect(await failure('POST', CONFIGS, config({ a: '1' }))).toBe('');
  });

  test('of deleting a collection nobody is named', async () => {
    const { failure } = await withPolicy({ validations: [{ expression: 'has(request.name) || object != null' }] });
    const refused = await failure('DELETE', CONFIGS);
    expect(refused).toBe('');
    await failure('POST', CONFIGS, config());
    expect(await failure('DELETE', CONFIGS)).toContain('configmaps "Unknown" is forbidden');
  });

  test('of parameters of a kind that nobody knows is wrong itself', async () => {
    const paramKind = { apiVersion: 'no.such/v1', kind: 'Foo' };
    const paramRef = { name: 'x', parameterNotFoundAction: 'Deny' };
    const { failure } = await withPolicy({ paramKind, ...one('true') }, { paramRef });
    expect(await failure('POST', CONFIGS, config())).toBe(
      "configmaps \"c\" is forbidden: ValidatingAdmissionPolicy 'rules' denied request: failed to configure policy: failed to find resource referenced by paramKind: 'no.such/v1, Kind=Foo'",
    );
  });

  test('answers with its reason, and a cause', async () => {
    const { send } = await withPolicy(one('false', { reason: 'RequestEntityTooLarge' }));
    const message = `${REFUSED}failed expression: false`;
    expect((await send('POST', CONFIGS, config())).body).toMatchObject({
      code: 413,
      reason: 'RequestEntityTooLarge',
      message,
      details: { name: 'c', kind: 'configmaps', causes: [{ message: message.replace(/^.*?: /, '') }] },
    });
  });

  test('warns', async () => {
    const { send } = await withPolicy(one('false'), { validationActions: ['Warn'] });
    const { status, warnings } = await send('POST', CONFIGS, config());
    expect([status, warnings]).toEqual([
      201,
      ["Validation failed for ValidatingAdmissionPolicy 'rules' with binding 'bound': failed expression: false"],
    ]);
  });

  test('sees updates and deletes with what was', async () => {
    const { failure } = await withPolicy(
      one("request.operation == 'CREATE' || (object != null && object.data.a >= oldObject.data.a)"),
    );
    const said =
      "failed expression: request.operation == 'CREATE' || (object != null && object.data.a >= oldObject.data.a)";
    expect(await failure('POST', CONFIGS, config({ a: '5' }))).toBe('');
    expect(await failure('PUT', `${CONFIGS}/c`, config({ a: '6' }))).toBe('');
    expect(await failure('PUT', `${CONFIGS}/c`, config({ a: '1' }))).toBe(REFUSED + said);
    expect(await failure('DELETE', `${CONFIGS}/c`)).toBe(REFUSED + said);
  });

  const limited = {
    paramKind: { apiVersion: 'v1', kind: 'ConfigMap' },
    ...one('object.data.size() < int(params.data.max)'),
  };
  const LIMIT = { metadata: { name: 'limit', labels: { use: 'limit' } }, data: { max: '1' } };
  test.each([
    ['by name', { name: 'limit' }, 'failed expression: object.data.size() < int(params.data.max)'],
    [
      'by label',
      { selector: { matchLabels: { use: 'limit' } } },
      'failed expression: object.data.size() < int(params.data.max)',
    ],
    [
      'missing',
      { name: 'none' },
      'failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction',
    ],
  ])('takes parameters %s', async (_, ref, message) => {
    const api = await testServer();
    await api.send('POST', CONFIGS, LIMIT);
    await api.send('POST', POLICIES, policy(limited));
    await api.send('POST', BINDINGS, binding({ paramRef: { parameterNotFoundAction: 'Deny', ...ref } }));
    expect(await api.failure('POST', CONFIGS, config({ a: '1' }))).toBe(REFUSED + message);
  });

  test.each([
    [
      { validations: [{ expression: 'foo' }] },
      "spec.validations[0].expression: Invalid value: \"foo\": compilation failed: ERROR: <input>:1:1: undeclared reference to 'foo' (in container '')\n | foo\n | ^",
    ],
    [
      { validations: [{ expression: '1' }] },
      'spec.validations[0].expression: Invalid value: "1": must evaluate to bool but got int',
    ],
    [
      { validations: [{ expression: 'true', messageExpression: '5' }] },
      'spec.validations[0].messageExpression: Invalid value: "5": must evaluate to string but got int',
    ],
    [
      { validations: [{ expression: 'true' }], matchConditions: [{ name: 'a b', expression: 'variables.x' }] },
      "[spec.matchConditions[0].expression: Invalid value: \"variables.x\": compilation failed: ERROR: <input>:1:1: undeclared reference to 'variables' (in container '')\n | variables.x\n | ^, spec.matchConditions[0].name: Invalid value: \"a b\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')]",
    ],
    [
      { auditAnnotations: [{ key: 'a', valueExpression: '1' }] },
      'spec.auditAnnotations[0].valueExpression: Invalid value: "1": must evaluate to one of [string null_type] but got int',
    ],
    [
      { variables: [{ name: 'if', expression: '' }], validations: [{ expression: 'true' }] },
      '[spec.variables[0].name: Invalid value: "if": name is not a valid CEL identifier, spec.variables[0].expression: Required value: expression is not specified]',
    ],
    [
      { paramKind: { apiVersion: 'v1' }, validations: [{ expression: 'params.x == 1' }] },
      'spec.paramKind.kind: Required value',
    ],
  ])('is checked: %j', async (spec, message) => {
    const { failure } = await testServer();
    expect(await failure('POST', POLICIES, policy(spec))).toBe(
      `ValidatingAdmissionPolicy.admissionregistration.k8s.io "rules" is invalid: ${message}`,
    );
  });
});

function RULE_FOR(name: string) {
  return { apiGroups: [''], apiVersions: ['v1'], operations: ['*'], resources: ['configmaps'], resourceNames: [name] };
}

describe('a webhook', () => {
  const hook = (clientConfig: object, more: object = {}) => ({
    metadata: { name: 'hooks' },
    webhooks: [
      {
        name: 'check.example.com',
        sideEffects: 'None',
        admissionReviewVersions: ['v1'],
        clientConfig,
        rules: [{ apiGroups: ['*'], apiVersions: ['*'], operations: ['CREATE'], resources: ['*/*'] }],
        ...more,
      },
    ],
  });
  const service = { service: { name: 'hook', namespace: 'default', path: '/check' } };
  const FAILED = 'Internal error occurred: failed calling webhook "check.example.com": failed to call webhook: ';

  test.each([
    ['validating', service, 'Post "https://hook.default.svc:443/check?timeout=10s": service "hook" not found'],
    [
      'mutating',
      { service: { name: 'hook', namespace: 'default', port: 8443 } },
      'Post "https://hook.default.svc:8443/?timeout=10s": service "hook" not found',
    ],
    [
      'validating',
      { url: 'https://hooks.example.com/x' },
      'Post "https://hooks.example.com/x?timeout=10s": dial tcp: lookup hooks.example.com on 127.0.0.53:53: no such host',
    ],
    [
      'mutating',
      { url: 'https://10.0.0.9:8443' },
      'Post "https://10.0.0.9:8443/?timeout=10s": dial tcp 10.0.0.9:8443: connect: connection refused',
    ],
  ])('%s at %j cannot be reached', async (kind, clientConfig, message) => {
    const { failure } = await testServer();
    expect(await failure('POST', `${ADMISSION}/${kind}webhookconfigurations`, hook(clientConfig))).toBe('');
    expect(await failure('POST', CONFIGS, config())).toBe(FAILED + message);
  });

  test('of a service that nobody answers for', async () => {
    const { failure, put } = await testServer();
    const spec = { clusterIP: '10.96.0.7', ports: [{ port: 443 }] };
    put('services', 'Service', { name: 'hook', namespace: 'default' }, { spec });
    await failure('POST', `${ADMISSION}/validatingwebhookconfigurations`, hook(service));
    expect(await failure('POST', CONFIGS, config())).toBe(
      `${FAILED}Post "https://hook.default.svc:443/check?timeout=10s": dial tcp 10.96.0.7:443: connect: connection refused`,
    );
  });

  test.each([
    ['is ignored', { failurePolicy: 'Ignore' }],
    ['is for other objects', { objectSelector: { matchLabels: { a: 'b' } } }],
    [
      'has a condition that does not hold',
      { matchConditions: [{ name: 'a', expression: "object.metadata.name != 'c'" }] },
    ],
    [
      'is for what is in no namespace',
      { rules: [{ apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: ['*'], scope: 'Cluster' }] },
    ],
  ])('that %s changes nothing', async (_, more) => {
    const { failure } = await testServer();
    expect(await failure('POST', `${ADMISSION}/validatingwebhookconfigurations`, hook(service, more))).toBe('');
    expect(await failure('POST', CONFIGS, config())).toBe('');
  });

  test('never stands in the way of its own configuration', async () => {
    const { failure } = await testServer();
    await failure('POST', `${ADMISSION}/mutatingwebhookconfigurations`, hook(service));
    expect(await failure('POST', `${ADMISSION}/validatingwebhookconfigurations`, hook(service))).toBe('');
    expect(await failure('DELETE', `${ADMISSION}/mutatingwebhookconfigurations/hooks`)).toBe('');
  });
});

test.each([
  [{ validationActions: [] }, 'spec.validationActions: Required value: at least one validation action is required'],
  [
    { validationActions: ['Deny', 'Warn'] },
    'spec.validationActions: Invalid value: []admissionregistration.ValidationAction{"Deny", "Warn"}: must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)',
  ],
  [
    { paramRef: { name: 'a', selector: {} } },
    '[spec.paramRef.name: Forbidden: name and selector are mutually exclusive, spec.paramRef.selector: Forbidden: name and selector are mutually exclusive, spec.paramRef.parameterNotFoundAction: Required value]',
  ],
])('a binding is checked: %j', async (spec, message) => {
  const { failure } = await testServer();
  expect(await failure('POST', BINDINGS, binding(spec))).toBe(
    `ValidatingAdmissionPolicyBinding.admissionregistration.k8s.io "bound" is invalid: ${message}`,
  );
});

test.each([
  [{}, 'webhooks[0].clientConfig: Required value: exactly one of url or service is required'],
  [
    { url: '1a:b/c' },
    'webhooks[0].clientConfig.url: Required value: url must be a valid URL: parse "1a:b/c": first path segment in URL cannot contain colon; desired format: https://host[/path]',
  ],
  [
    { url: 'http://u:p@/x?a=b#c' },
    '[webhooks[0].clientConfig.url: Invalid value: "http": \'https\' is the only allowed URL scheme; desired format: https://host[/path], webhooks[0].clientConfig.url: Invalid value: "": host must be specified; desired format: https://host[/path], webhooks[0].clientConfig.url: Invalid value: "u:p": user information is not permitted in the URL, webhooks[0].clientConfig.url: Invalid value: "c": fragments are not permitted in the URL, webhooks[0].clientConfig.url: Invalid value: "a=b": query parameters are not permitted in the URL]',
  ],
  [
    { service: { name: '', namespace: 'x', path: 'a//b', port: 70000 } },
    '[webhooks[0].clientConfig.service.namespace: Required value: service namespace is required, webhooks[0].clientConfig.service.port: Invalid value: 70000: port is not valid: must be between 1 and 65535, inclusive, webhooks[0].clientConfig.service.path: Invalid value: "a//b": must start with a \'/\', webhooks[0].clientConfig.service.path: Invalid value: "a//b": segment[0] may not be empty, webhooks[0].clientConfig.service.path: Invalid value: "a//b": segment[1] may not be empty]',
  ],
])('where a webhook is said to be is checked: %j', async (clientConfig, message) => {
  const { failure } = await testServer();
  const webhooks = [{ name: 'a.b.c', sideEffects: 'None', admissionReviewVersions: ['v1'], clientConfig }];
  expect(
    await failure('POST', `${ADMISSION}/validatingwebhookconfigurations`, { metadata: { name: 'h' }, webhooks }),
  ).toBe(`ValidatingWebhookConfiguration.admissionregistration.k8s.io "h" is invalid: ${message}`);
});

test('a policy may refuse connections', async () => {
  const { server, failure } = await testServer();
  await failure('POST', POLICIES, {
    metadata: { name: 'no-exec' },
    spec: {
      matchConstraints: {
        resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CONNECT'], resources: ['pods/exec'] }],
      },
      validations: [
        {
          expression: "object.command[0] != 'sh'",
          messageExpression: "'no ' + object.command[0] + ' in ' + request.name",
          reason: 'Forbidden',
        },
      ],
    },
  });
  await failure('POST', BINDINGS, binding({ policyName: 'no-exec' }));
  const connect = (subresource: string, query: string) =>
    server.connection({
      user: { username: 'admin', groups: ['system:masters'] },
      method: 'POST',
      path: `/api/v1/namespaces/default/pods/p/${subresource}`,
      query: new URLSearchParams(query),
      headers: {},
    });
  await expect(connect('exec', 'command=sh&stdin=true')).rejects.toThrow(
    "pods \"p\" is forbidden: ValidatingAdmissionPolicy 'no-exec' with binding 'bound' denied request: no sh in p",
  );
  await expect(connect('exec', 'command=ls')).rejects.toThrow('pods "p" not found');
  await expect(connect('attach', '')).rejects.toThrow('pods "p" not found');
});
