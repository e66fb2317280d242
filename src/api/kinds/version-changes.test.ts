import { expect, it } from 'vitest';
import { viewOf } from './index.ts';

const pod = {
  kind: 'Pod',
  metadata: { name: 'web' },
  status: {
    containerStatuses: [
      { name: 'web', restartCount: 2, lastState: { terminated: { finishedAt: '2021-06-16T02:00:00Z' } } },
    ],
  },
};

it.each([
  ['v1.21.1', '2'],
  ['v1.33.13', '2 (5m ago)'],
])('shows restarts as %s does', async (version, shown) => {
  const { columns } = await viewOf('pods', version);
  const { cell } = columns.find(({ name }) => name === 'Restarts')!;
  expect(cell(pod as never, Date.parse('2021-06-16T02:05:00Z'))).toBe(shown);
});
