type Json = Record<string, unknown>;

const attributes = { verb: 'get', resource: 'pods', namespace: 'default' };
const structural = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };

/** A request for the key of a throw-away pair. */
const REQUEST =
  'LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0KTUlISk1ISUNBUUF3RURFT01Bd0dBMVVFQXd3RllXeHBZMlV3V1RBVEJnY3Foa2pPUFFJQkJnZ3Foa2pPUFFNQgpCd05DQUFUVVRvdUtvM1JLSEw3eVhjZ0pXeW5TZy9nelBvRktRR0oyZVlDQkk1QXM0b0hKbEhkSjMybitZWnFBCjFlTGJtZ0dKSmlnT3pNYU1tNmcrRURaWFVteU9vQUF3Q2dZSUtvWkl6ajBFQXdJRFJ3QXdSQUlnVHlROFZRdVkKSVJMYkdMRkhucGtQNXJLWHJvcEJBQnhVdDZQYnhxZUd3azRDSUNpRDRqeEVmV3JIZ0F6cml6K0F4a0RzbmJBNQovNnZsVkUvZktOUFdJaVlQCi0tLS0tRU5EIENFUlRJRklDQVRFIFJFUVVFU1QtLS0tLQo=';

/** What may be created of resources of which nothing was recorded, by the names of the strategies. */
export const SAMPLES: Record<string, Json> = {
  bindings: { metadata: { name: 'target' }, target: { kind: 'Node', name: 'n' } },
  componentstatuses: { metadata: { name: 'etcd-0' } },
  events: { involvedObject: { kind: 'Pod', name: 'p', namespace: 'default' } },
  endpoints: { subsets: [{ addresses: [{ ip: '10.0.0.1' }] }] },
  'ipaddresses.networking.k8s.io': {
    metadata: { name: '10.96.0.99' },
    spec: { parentRef: { resource: 'services', namespace: 'default', name: 's' } },
  },
  'csinodes.storage.k8s.io': { spec: { drivers: [] } },
  'csistoragecapacities.storage.k8s.io': { storageClassName: 'local', capacity: '1Gi' },
  'mutatingwebhookconfigurations.admissionregistration.k8s.io': { webhooks: [] },
  'certificatesigningrequests.certificates.k8s.io': {
    spec: { request: REQUEST, signerName: 'example.com/signer', usages: ['client auth'] },
  },
  'customresourcedefinitions.apiextensions.k8s.io': {
    metadata: { name: 'foos.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural: 'foos', singular: 'foo', kind: 'Foo', listKind: 'FooList' },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: structural } }],
    },
  },
  'tokenreviews.authentication.k8s.io': { spec: { token: 'none' } },
  'selfsubjectreviews.authentication.k8s.io': {},
  'selfsubjectaccessreviews.authorization.k8s.io': { spec: { resourceAttributes: attributes } },
  'selfsubjectrulesreviews.authorization.k8s.io': { spec: { namespace: 'default' } },
  'subjectaccessreviews.authorization.k8s.io': { spec: { user: 'alice', resourceAttributes: attributes } },
  'localsubjectaccessreviews.authorization.k8s.io': { spec: { user: 'alice', resourceAttributes: attributes } },
};
