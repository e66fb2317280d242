import { expect, test } from 'vitest';
import type { KubeObject } from '../../types/objects.ts';
import { withGoZeros } from './go-zeros.ts';

const pod = { containers: [{ name: 'c' }, { name: 'd', resources: { limits: { cpu: '1' } } }] };
const filled = {
  containers: [
    { name: 'c', resources: {} },
    { name: 'd', resources: { limits: { cpu: '1' } } },
  ],
};

test.each([
  [
    { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'a' }, spec: { template: { spec: pod } } },
    {
      metadata: { creationTimestamp: null, name: 'a' },
      spec: { strategy: {}, template: { metadata: { creationTimestamp: null }, spec: filled } },
      status: {},
    },
  ],
  [
    { apiVersion: 'batch/v1', kind: 'CronJob', spec: { jobTemplate: { spec: { template: { spec: pod } } } } },
    {
      metadata: { creationTimestamp: null },
      spec: {
        jobTemplate: {
          metadata: { creationTimestamp: null },
          spec: { template: { metadata: { creationTimestamp: null }, spec: filled } },
        },
      },
      status: {},
    },
  ],
  [
    { apiVersion: 'v1', kind: 'Service', metadata: {}, spec: { ports: [{ port: 80 }, { port: 81, targetPort: 'x' }] } },
    {
      metadata: { creationTimestamp: null },
      spec: {
        ports: [
          { port: 80, targetPort: 0 },
          { port: 81, targetPort: 'x' },
        ],
      },
      status: { loadBalancer: {} },
    },
  ],
  [
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } },
    { metadata: { creationTimestamp: null, name: 'a' } },
  ],
])('%j', (object, expected) => {
  const { apiVersion, kind } = object;
  expect(withGoZeros(object as unknown as KubeObject)).toEqual({ apiVersion, kind, ...expected });
});
