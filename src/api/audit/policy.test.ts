import { expect, test } from 'vitest';
import { auditLines } from './event.ts';
import { type Audited, type AuditPolicy, auditConfig, readPolicy } from './policy.ts';

const HEAD = 'apiVersion: audit.k8s.io/v1\nkind: Policy\n';

test.each([
  ['kind: Policy', "failed decoding: Object 'apiVersion' is missing in 'kind: Policy'"],
  [`${HEAD}rules: []`, 'loaded illegal policy with 0 rules'],
  [
    `${HEAD}rules: [{level: All}]`,
    'rules[0].level: Unsupported value: "All": supported values: "None", "Metadata", "Request", "RequestResponse"',
  ],
  [`${HEAD}rules: [{}]`, 'rules[0].level: Required value'],
  [
    `${HEAD}rules: [{level: None, nonResourceURLs: [x]}]`,
    'rules[0].nonResourceURLs[0]: Invalid value: "x": non-resource URL rules must begin with a \'/\' character',
  ],
  [
    `${HEAD}omitStages: [Begin]\nrules: [{level: None}]`,
    'omitStages[0]: Invalid value: "Begin": allowed stages are RequestReceived,ResponseStarted,ResponseComplete,Panic',
  ],
])('%s is refused', (text, why) => {
  expect(() => readPolicy(text, '/p')).toThrow(`loading audit policy file: ${why}: from file /p`);
});

const USER = { username: 'bob', groups: ['dev', 'system:authenticated'] };
const asked = (verb: string, resource: string, name = '', subresource = '', namespace = 'default'): Audited => ({
  user: USER,
  verb,
  target: { group: '', resource, subresource, namespace, name },
});

test.each<[string, Audited, string]>([
  ['{level: Request, users: [bob]}', asked('get', 'pods'), 'Request'],
  ['{level: Request, users: [eve]}', asked('get', 'pods'), 'None'],
  ['{level: Request, userGroups: [dev]}', asked('get', 'pods'), 'Request'],
  ['{level: Request, verbs: [list]}', asked('get', 'pods'), 'None'],
  ['{level: Request, resources: [{group: "", resources: [pods]}]}', asked('get', 'pods', 'a', 'log'), 'None'],
  ['{level: Request, resources: [{group: "", resources: [pods/*]}]}', asked('get', 'pods', 'a', 'log'), 'Request'],
  ['{level: Request, resources: [{group: "", resources: ["*/log"]}]}', asked('get', 'pods', 'a', 'log'), 'Request'],
  [
    '{level: Request, resources: [{group: "", resources: [pods], resourceNames: [b]}]}',
    asked('get', 'pods', 'a'),
    'None',
  ],
  ['{level: Request, namespaces: [""]}', asked('list', 'nodes', '', '', ''), 'Request'],
  [
    '{level: Request, nonResourceURLs: [/healthz*]}',
    { user: USER, verb: 'get', target: { path: '/healthz/etcd' } },
    'Request',
  ],
  ['{level: Request, nonResourceURLs: ["*"]}', asked('get', 'pods'), 'None'],
])('%s', (rule, request, level) => {
  expect(auditConfig(readPolicy(`${HEAD}rules: [${rule}]`, '/p'), request).level).toBe(level);
});

test('lines hold what their level keeps, in the order of the struct', () => {
  const policy: AuditPolicy = {
    omitManagedFields: true,
    rules: [{ level: 'RequestResponse', omitStages: ['RequestReceived'] }],
  };
  const lines = auditLines(policy, {
    ...asked('create', 'secrets'),
    auditID: 'id',
    uri: '/api/v1/namespaces/default/secrets',
    sourceIP: '10.0.0.1',
    userAgent: 'kubectl',
    version: 'v1',
    requestObject: { kind: 'Secret', metadata: { name: 's', namespace: 'default' } },
    responseObject: { kind: 'Secret', metadata: { name: 's', managedFields: [1] } },
    code: 201,
    decision: { allowed: true, reason: '' },
    received: 0,
    answered: 1,
    stages: ['RequestReceived', 'ResponseComplete'],
  });
  expect(lines).toEqual([
    '{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"RequestResponse","auditID":"id","stage":"ResponseComplete","requestURI":"/api/v1/namespaces/default/secrets","verb":"create","user":{"username":"bob","groups":["dev","system:authenticated"]},"sourceIPs":["10.0.0.1"],"userAgent":"kubectl","objectRef":{"resource":"secrets","namespace":"default","name":"s","apiVersion":"v1"},"responseStatus":{"metadata":{},"code":201},"requestObject":{"kind":"Secret","metadata":{"name":"s","namespace":"default"}},"responseObject":{"kind":"Secret","metadata":{"name":"s"}},"requestReceivedTimestamp":"1970-01-01T00:00:00.000000Z","stageTimestamp":"1970-01-01T00:00:00.001000Z","annotations":{"authorization.k8s.io/decision":"allow","authorization.k8s.io/reason":""}}',
  ]);
});
