import { copyFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { Home } from '../tools/built.ts';

const folder = dirname(fileURLToPath(import.meta.url));
const states = readdirSync(folder).filter((name) => name.endsWith('.json'));

// One file for each format that a version of kubemu has written; none is ever taken away.
it.each(states)('a state file as an earlier version wrote it goes on living: %s', (name) => {
  const home = new Home();
  try {
    copyFileSync(join(folder, name), home.state);
    expect(home.run('kubectl', 'get', 'configmap', 'kept', '-o', 'jsonpath={.data.colour}').stdout).toBe('blue');
    expect(home.run('kubectl', 'get', 'pods', '-o', 'jsonpath={.items[*].status.phase}').stdout).toBe('Running');
    expect(home.run('kubectl', 'scale', 'deployment', 'web', '--replicas=1').code).toBe(1);
    expect(home.run('kubectl', 'create', 'deployment', 'new', '--image=nginx').stdout).toBe(
      'deployment.apps/new created\n',
    );
    const waited = home.run('kubectl', 'wait', '--for=condition=Available', 'deployment/new', '--timeout=60s');
    expect(waited.stdout).toBe('deployment.apps/new condition met\n');
  } finally {
    home.remove();
  }
});
