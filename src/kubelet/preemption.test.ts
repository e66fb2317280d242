import { expect, test } from 'vitest';
import type { Pod } from '../types/objects.ts';
import { podsToPreempt, unpreempted } from './preemption.ts';

const pod = (name: string, qosClass: string, cpu: string, priority = 0): Pod =>
  ({
    metadata: { name, uid: name },
    spec: { priority, containers: [{ name: 'c', resources: { requests: { cpu } } }] },
    status: { qosClass },
  }) as unknown as Pod;

const CRITICAL = pod('critical', 'Burstable', '1', 2_000_001_000);
const PODS = [
  pod('best', 'BestEffort', '0'),
  pod('small', 'Burstable', '200m'),
  pod('middle', 'Burstable', '500m'),
  pod('sure', 'Guaranteed', '1'),
  pod('system', 'Burstable', '2', 2_000_001_000),
];

test.each([
  [100, ['small']],
  [300, ['middle']],
  [600, ['middle', 'small']],
  [1000, ['sure']],
  [1600, ['middle', 'small', 'sure']],
  [1800, undefined],
])('to free %d of cpu, %j have to go', (amount, names) => {
  const chosen = podsToPreempt(CRITICAL, PODS, [{ name: 'cpu', amount }]);
  expect(chosen?.map(({ metadata }) => metadata.name)).toEqual(names);
});

test('what cannot be freed is told', () => {
  expect(unpreempted([{ name: 'cpu', amount: 5 }])).toMatch(/reclaim resources: \[\(res: cpu, q: 5\), \]$/);
});
