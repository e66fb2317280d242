import { expect, test } from 'vitest';
import { recordedCluster } from '../api/cluster.ts';

const FOLDER = '/etc/kubernetes/manifests';

test('a static pod stands for the file that it was made of, whatever that is called', async () => {
  const { cluster, live } = await recordedCluster();
  const { files } = cluster.wiring.node('node-1')!;
  const names = () =>
    cluster.store
      .list('pods', 'default')
      .map(({ metadata }) => metadata.name)
      .filter((name) => name === 'web-node-1');
  const containers = [{ name: 'c', image: 'nginx:1.27' }];
  const look = async () => {
    cluster.simulation.timers.wake('kubelet', 'node-1', cluster.clock.now());
    await live(5000);
  };
  const manifest = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web' }, spec: { containers } };
  files.write(`${FOLDER}/mine.yaml`, JSON.stringify(manifest));
  await look();
  expect([files.list(FOLDER), names()]).toEqual([['mine.yaml'], ['web-node-1']]);
  files.remove(`${FOLDER}/mine.yaml`);
  await look();
  expect([files.list(FOLDER), names()]).toEqual([[], []]);
});
