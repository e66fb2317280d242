import { expect, test } from 'vitest';
import { type ContainerRecord, RUNTIME_SECTIONS } from '../../types/node-runtime.ts';
import type { Pod } from '../../types/objects.ts';
import type { LayerEntry } from '../files/layer.ts';
import { FakeWorld } from '../testing/fake-world.ts';
import { exceededLimit, isLimited } from './local-storage.ts';

const MIB = 1024 ** 2;
const RECORDS = ['a', 'b'].map((name) => ({ id: `id-${name}`, name }) as ContainerRecord);

const podOf = (limits: (string | undefined)[], sizeLimit?: string, medium?: string): Pod =>
  ({
    metadata: { name: 'p', uid: 'u' },
    spec: {
      volumes: [{ name: 'v', emptyDir: { ...(sizeLimit && { sizeLimit }), ...(medium && { medium }) } }],
      containers: limits.map((limit, index) => ({
        name: 'ab'[index],
        ...(limit && { resources: { limits: { 'ephemeral-storage': limit } } }),
      })),
    },
  }) as Pod;

test.each<[what: string, pod: Pod, files: Record<string, number>, expected: string | undefined]>([
  [
    'more than its emptyDir may hold',
    podOf([], '50Mi'),
    { 'u/v:/x': 30, 'u/v:/y/z': 21 },
    'Usage of EmptyDir volume "v" exceeds the limit "50Mi". ',
  ],
  ['as much as its emptyDir may hold', podOf([], '50Mi'), { 'u/v:/x': 50 }, undefined],
  [
    'more than a container may',
    podOf(['20Mi', '80Mi']),
    { 'id-a:/x': 30 },
    'Container a exceeded its local ephemeral storage limit "20Mi". ',
  ],
  [
    'more than all containers may',
    podOf(['20Mi', '30Mi']),
    { 'u/v:/x': 51 },
    'Pod ephemeral local storage usage exceeds the total limit of containers 50Mi. ',
  ],
  [
    'more than its only container may',
    podOf(['20Mi']),
    { 'u/v:/x': 51 },
    'Pod ephemeral local storage usage exceeds the total limit of containers 20Mi. ',
  ],
  ['into a volume of memory', podOf(['20Mi'], undefined, 'Memory'), { 'u/v:/x': 51 }, undefined],
])('a pod that writes %s', (_, pod, files, expected) => {
  const { state } = new FakeWorld();
  const section = state.section<LayerEntry>(RUNTIME_SECTIONS.files);
  for (const [key, size] of Object.entries(files))
    section.set(key, { type: 'file', mode: 0o644, mtime: 0, text: '', size: size * MIB });
  expect(isLimited(pod)).toBe(true);
  expect(exceededLimit(state, pod, RECORDS)).toBe(expected);
});
