import { describe, expect, test } from 'vitest';
import { limited, type Past, stabilized } from './normalize.ts';

const NOTHING: Past = { recommendations: [], changes: [] };
const NOW = 1_000_000;
const rules = (selectPolicy: string, ...policies: [type: string, value: number, periodSeconds: number][]) => ({
  selectPolicy,
  stabilizationWindowSeconds: 0,
  policies: policies.map(([type, value, periodSeconds]) => ({ type, value, periodSeconds })),
});
const STANDARD_UP = rules('Max', ['Pods', 4, 15], ['Percent', 100, 15]);
const STANDARD_DOWN = rules('Max', ['Percent', 100, 15]);

describe('a recommendation is steadied', () => {
  const ago = (seconds: number, replicas: number): [number, number] => [NOW - seconds * 1000, replicas];
  test.each([
    ['nothing before', 2, 5, undefined, [], 2],
    ['the highest of five minutes', 2, 5, undefined, [ago(299, 4), ago(301, 9)], 4],
    ['a shorter window', 2, 5, { scaleDown: { ...STANDARD_DOWN, stabilizationWindowSeconds: 60 } }, [ago(90, 5)], 2],
    ['a window for growing', 8, 3, { scaleUp: { ...STANDARD_UP, stabilizationWindowSeconds: 60 } }, [ago(30, 4)], 4],
  ])('%s', (_, recommended, current, behavior, recommendations, expected) => {
    expect(stabilized(recommended, current, behavior, { recommendations, changes: [] }, NOW)).toBe(expected);
  });
});

describe('a size is kept within bounds and rates', () => {
  const behavior = (scaleUp: object = STANDARD_UP, scaleDown: object = STANDARD_DOWN) => ({ scaleUp, scaleDown });
  test.each([
    ['without rules: twice as many', 20, 5, undefined, NOTHING, 10, 'ScaleUpLimit'],
    ['without rules: four at least', 20, 1, undefined, NOTHING, 4, 'ScaleUpLimit'],
    ['the maximum', 200, 90, undefined, NOTHING, 100, 'TooManyReplicas'],
    ['the minimum', 0, 5, undefined, NOTHING, 1, 'TooFewReplicas'],
    ['within', 7, 5, undefined, NOTHING, 7, 'DesiredWithinRange'],
    ['standard rules', 20, 3, behavior(), NOTHING, 7, 'ScaleUpLimit'],
    [
      'after what was added already',
      20,
      7,
      behavior(),
      { recommendations: [], changes: [[NOW - 5000, 4]] },
      7,
      'ScaleUpLimit',
    ],
    [
      'once that is long ago',
      20,
      7,
      behavior(),
      { recommendations: [], changes: [[NOW - 16_000, 4]] },
      14,
      'ScaleUpLimit',
    ],
    ['the strictest policy', 20, 3, behavior({ ...STANDARD_UP, selectPolicy: 'Min' }), NOTHING, 6, 'ScaleUpLimit'],
    ['no growing', 20, 3, behavior(rules('Disabled')), NOTHING, 3, 'ScaleUpLimit'],
    [
      'one pod a minute fewer',
      2,
      8,
      behavior(STANDARD_UP, rules('Max', ['Pods', 1, 60])),
      NOTHING,
      7,
      'ScaleDownLimit',
    ],
    ['a tenth fewer', 2, 50, behavior(STANDARD_UP, rules('Max', ['Percent', 10, 60])), NOTHING, 45, 'ScaleDownLimit'],
    ['standard rules downwards', 2, 50, behavior(), NOTHING, 2, 'DesiredWithinRange'],
  ] as const)('%s', (_, desired, current, rulesOf, past, replicas, reason) => {
    const spec = { scaleTargetRef: { kind: 'Deployment', name: 'd' }, maxReplicas: 100, behavior: rulesOf };
    const found = limited(desired, current, spec as never, past as unknown as Past, NOW);
    expect([found.replicas, found.told.reason]).toEqual([replicas, reason]);
  });
});
