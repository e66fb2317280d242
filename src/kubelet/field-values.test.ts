import { expect, test } from 'vitest';
import type { MachineRecord } from '../types/node-runtime.ts';
import type { Pod } from '../types/objects.ts';
import { fieldValue } from './field-values.ts';

const pod = {
  metadata: {
    name: 'p',
    uid: 'u',
    creationTimestamp: '2026-01-01T00:00:00Z',
    labels: { b: '2', a: 'o"ne' },
    annotations: { builder: 'john' },
  },
} as unknown as Pod;

test.each([
  ['metadata.labels', /^a="o\\"ne"\nb="2"$/],
  ["metadata.annotations['builder']", /^john$/],
  ["metadata.annotations['kubernetes.io/config.source']", /^api$/],
  [
    'metadata.annotations',
    /^builder="john"\nkubernetes\.io\/config\.seen="2026-01-01T00:00:00\.\d+Z"\nkubernetes\.io\/config\.source="api"$/,
  ],
])('%s', (path, expected) => {
  expect(fieldValue({ pod, machine: {} as MachineRecord, podIP: '' }, path)).toMatch(expected);
});
