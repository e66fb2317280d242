import { expect, test } from 'vitest';
import type { ContainerStatus, Pod, PodStatus } from '../../types/objects.ts';
import { terminatePod } from './terminate.ts';

const STATES = {
  waiting: { waiting: { reason: 'ImagePullBackOff' } },
  ok: { terminated: { exitCode: 0, reason: 'Completed' } },
  running: { running: { startedAt: '2026-01-01T00:00:00Z' } },
};
type State = keyof typeof STATES;

const statuses = (states: State[]): ContainerStatus[] =>
  states.map((state, index) => ({ name: `c${index}`, state: STATES[state] }) as unknown as ContainerStatus);

const ended = (status: ContainerStatus): string | undefined => status.state?.terminated?.reason ?? 'waiting';

const U = 'ContainerStatusUnknown';
test.each<[init: State[], regular: State[], phase: string, expected: [string[], string[], string]]>([
  [[], ['waiting'], 'Pending', [[], [U], 'Failed']],
  [[], ['ok'], 'Succeeded', [[], ['Completed'], 'Succeeded']],
  [[], ['ok', 'waiting'], 'Running', [[], ['Completed', U], 'Failed']],
  [['waiting', 'waiting'], ['waiting'], 'Pending', [[U, 'waiting'], ['waiting'], 'Failed']],
  [['ok', 'running', 'waiting'], ['waiting'], 'Pending', [['Completed', U, 'waiting'], ['waiting'], 'Failed']],
  [['ok'], ['waiting'], 'Pending', [['Completed'], [U], 'Failed']],
])('init %j, regular %j, %s', (init, regular, phase, [initEnds, ends, last]) => {
  const pod = {
    metadata: { name: 'p' },
    spec: { initContainers: init.map((_, index) => ({ name: `c${index}` })), containers: [] },
  } as unknown as Pod;
  const before = { phase, initContainerStatuses: statuses(init), containerStatuses: statuses(regular) } as PodStatus;
  const after = terminatePod(pod, before);
  expect([after.initContainerStatuses!.map(ended), after.containerStatuses!.map(ended), after.phase]).toEqual([
    initEnds,
    ends,
    last,
  ]);
});
