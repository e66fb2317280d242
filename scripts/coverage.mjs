// Renews docs/coverage.md: the test that compares it with the code writes it instead.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(fileURLToPath(import.meta.url), '..', '..');
const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
const { status } = spawnSync(process.execPath, [vitest, 'run', 'test/coverage', '--update'], {
  cwd: root,
  stdio: 'inherit',
});
process.exitCode = status ?? 1;
