import { expect, test } from 'vitest';
import { RUNTIME_SECTIONS } from '../../types/node-runtime.ts';
import { testHost } from '../testing.ts';
import type { CtrCall } from './cli.ts';
import { content, leases } from './content.ts';

const NOW = Date.UTC(2026, 10, 21, 1);

function call(namespace: string, ...flags: string[]): CtrCall {
  const { host, state } = testHost({ now: NOW });
  state.section(RUNTIME_SECTIONS.images).set('node-1/i', {
    id: `sha256:${'b'.repeat(64)}`,
    repoTags: ['docker.io/library/nginx:1.27'],
    repoDigests: [`docker.io/library/nginx@sha256:${'a'.repeat(64)}`],
    size: 72_207_985,
    pulledAt: NOW - 300_000,
  });
  return { host, namespace, args: [], flag: (name: string) => flags.includes(name), value: () => undefined } as never;
}

const list = content.commands![0]!;

test('an image is a manifest, a configuration and a layer', async () => {
  const { stdout } = await list.run!(call('k8s.io'));
  const [head, ...rows] = stdout.trimEnd().split('\n');
  expect(head).toMatch(/^DIGEST +SIZE +AGE +LABELS/);
  expect(rows).toHaveLength(3);
  expect(rows.find((row) => row.startsWith('sha256:aaaa'))).toContain(`gc.ref.content.config=sha256:${'b'.repeat(64)}`);
  expect(rows.some((row) => /72\.21MB 5 minutes .*distribution\.source\.docker\.io=library\/nginx/.test(row))).toBe(
    true,
  );
});

test('other namespaces hold none, and nothing is leased', async () => {
  expect((await list.run!(call('default', 'quiet'))).stdout).toBe('');
  expect((await leases.commands![0]!.run!(call('k8s.io'))).stdout).toBe('ID CREATED AT LABELS \n');
});
