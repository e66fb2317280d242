import { expect, test } from 'vitest';
import { EPOCH, TestWorld } from '../../runtime/testing/test-world.ts';
import { bootstrapSigner, tokenCleaner } from './index.ts';

const namespace = (name: string) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
const token = (id: string, more: Record<string, string> = {}) => ({
  apiVersion: 'v1',
  kind: 'Secret',
  type: 'bootstrap.kubernetes.io/token',
  metadata: { name: `bootstrap-token-${id}`, namespace: 'kube-system' },
  stringData: { 'token-id': id, 'token-secret': '0123456789abcdef', 'usage-bootstrap-signing': 'true', ...more },
});
const INFO = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'cluster-info', namespace: 'kube-public' },
  data: { kubeconfig: 'abc' },
};
const info = (world: TestWorld) => world.client.get('configmaps', 'kube-public', 'cluster-info')!.data!;

test('tokens sign the description of the cluster until they end', async () => {
  const world = await TestWorld.with(
    [bootstrapSigner, tokenCleaner],
    [namespace('kube-system'), namespace('kube-public'), INFO],
  );
  const expiration = new Date(EPOCH + 60_000).toISOString();
  world.create(token('abcdef'));
  world.create(token('second', { expiration }));
  world.create(token('silent', { 'usage-bootstrap-signing': 'false' }));
  await world.run(1000);
  expect(Object.keys(info(world)).sort()).toEqual(['jws-kubeconfig-abcdef', 'jws-kubeconfig-second', 'kubeconfig']);
  // As the real controller signed it.
  expect(info(world)['jws-kubeconfig-abcdef']).toBe(
    'eyJhbGciOiJIUzI1NiIsImtpZCI6ImFiY2RlZiJ9..vwVSZtyNCgdKEp-DD5cFKgjGBpr91Q2VhGUckncRmxY',
  );
  await world.run(60_000);
  expect(Object.keys(info(world)).sort()).toEqual(['jws-kubeconfig-abcdef', 'kubeconfig']);
  expect(world.client.list('secrets').map(({ metadata }) => metadata.name)).toEqual([
    'bootstrap-token-abcdef',
    'bootstrap-token-silent',
  ]);
});
