import { expect, test } from 'vitest';
import { cgroupFiles, cgroupLimits } from './cgroup.ts';

test.each([
  [undefined, { 'cpu.max': 'max 100000\n', 'cpu.weight': '1\n', 'memory.max': 'max\n' }],
  [
    { requests: { cpu: '250m' }, limits: { cpu: '500m', memory: '64Mi' } },
    { 'cpu.max': '50000 100000\n', 'cpu.weight': '10\n', 'memory.max': '67108864\n' },
  ],
  [{ limits: { cpu: '2' } }, { 'cpu.max': '200000 100000\n', 'cpu.weight': '79\n', 'memory.max': 'max\n' }],
  // The kernel takes no quota below a millisecond.
  [{ limits: { cpu: '1m' } }, { 'cpu.max': '1000 100000\n', 'cpu.weight': '1\n' }],
])('%j', (resources, expected) => {
  const files = cgroupFiles(() => cgroupLimits(resources ? { resources } : {}));
  for (const [name, text] of Object.entries(expected)) expect(files[`/sys/fs/cgroup/${name}`]!(), name).toBe(text);
});
