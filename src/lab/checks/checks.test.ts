import { expect, test } from 'vitest';
import type { Comparisons } from '../format/lab.ts';
import { failedComparison } from './comparisons.ts';
import { mismatch } from './partial.ts';

const POD = {
  spec: {
    nodeName: 'node-1',
    containers: [
      { name: 'web', image: 'nginx', resources: { limits: { cpu: '500m', memory: '1Gi' } } },
      { name: 'log', image: 'busybox' },
    ],
  },
};

test.each<[string, unknown, string | undefined]>([
  ['partly', { spec: { nodeName: 'node-1' } }, undefined],
  [
    'quantities by value',
    { spec: { containers: [{ resources: { limits: { cpu: 0.5, memory: '1024Mi' } } }] } },
    undefined,
  ],
  ['any item of a list', { spec: { containers: [{ name: 'log', image: 'busybox' }] } }, undefined],
  ['what must not be there', { spec: { hostNetwork: null } }, undefined],
  ['another value', { spec: { nodeName: 'node-2' } }, 'spec.nodeName is node-1, not node-2'],
  ['nothing', { spec: { priority: 3 } }, 'spec.priority is nothing, not 3'],
  ['no such item', { spec: { containers: [{ name: 'db' }] } }, 'spec.containers has no item like {"name":"db"}'],
  [
    'items are whole',
    { spec: { containers: [{ name: 'log', image: 'nginx' }] } },
    'spec.containers has no item like {"name":"log","image":"nginx"}',
  ],
  ['what is there and must not', { spec: { nodeName: null } }, 'spec.nodeName is there: node-1'],
])('partial: %s', (_name, wanted, expected) => {
  expect(mismatch(wanted, POD)).toBe(expected);
});

test.each<[Comparisons, string, string | undefined]>([
  [{ is: 3 }, '3', undefined],
  [{ is: '500m' }, '0.5', undefined],
  [{ is: 0 }, '', undefined],
  [{ is: true }, 'true', undefined],
  [{ is: 3 }, '2', 'it is 2, not 3'],
  [{ not: 'a' }, 'b', undefined],
  [{ not: 'a' }, 'a', 'it is a, which it must not be'],
  [{ contains: 'ell' }, 'hello', undefined],
  [{ matches: '^h.*o$' }, 'hello', undefined],
  [{ matches: '^x' }, 'hello', 'it is hello, not like ^x'],
  [{ atLeast: '1Gi' }, '2048Mi', undefined],
  [{ atLeast: 2 }, '', 'it is nothing, below 2'],
  [{ atMost: 1 }, '', undefined],
  [{ atLeast: 1, atMost: 2 }, '3', 'it is 3, above 2'],
])('comparison %o of %s', (comparisons, found, expected) => {
  expect(failedComparison(comparisons, found)).toBe(expected);
});
