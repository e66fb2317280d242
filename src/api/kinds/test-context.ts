import type { StrategyContext } from './kind.ts';

/** A world with nothing in it, whose allocator counts up: for tests of strategies. */
export function testContext(): StrategyContext {
  let ip = 0;
  let port = 30100;
  return {
    now: () => Date.parse('2026-11-21T04:13:05Z'),
    get: () => undefined,
    list: () => [],
    allocate: {
      families: ['IPv4'],
      clusterIP: (_, wanted) => {
        if (wanted === '10.96.0.1') throw new Error('provided IP is already allocated');
        return wanted ?? `10.96.0.${++ip + 10}`;
      },
      nodePort: (wanted) => {
        if (wanted !== undefined && (wanted < 30000 || wanted > 32767))
          throw new Error('provided port is not in the valid range. The range of valid ports is 30000-32767');
        return wanted ?? port++;
      },
      record: () => {},
    },
  };
}
