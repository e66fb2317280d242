import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Cluster } from './machines.ts';

let cluster: Cluster;

beforeAll(async () => {
  cluster = await Cluster.create(join(import.meta.dirname, '../../fixtures/clusters/kubeadm.yaml'), 'kubeadm');
  const lines = [
    'kubectl create namespace shop',
    'kubectl create serviceaccount robot -n shop',
    'kubectl create role reader --verb=get,list,create,delete --resource=pods -n shop',
    'kubectl create rolebinding robot --role=reader --serviceaccount=shop:robot -n shop',
    `kubectl run inside -n shop --image=bitnami/kubectl --overrides='{"spec":{"serviceAccountName":"robot"}}' --command -- sleep 3600`,
    'kubectl run nobody -n shop --image=bitnami/kubectl --command -- sleep 3600',
  ];
  for (const line of lines) {
    const { code, stderr } = await cluster.kubectl(line);
    expect(code, stderr).toBe(0);
    // The namespace's own account takes a moment.
    await cluster.advance(1000);
  }
  await cluster.advance(60_000);
});

afterAll(() => cluster.remove());

const inside = (command: string, pod = 'inside') => cluster.kubectl(`kubectl exec -n shop ${pod} -- ${command}`);

test('kubectl in a pod goes by its service account and its namespace', async () => {
  expect((await inside('kubectl get pods -o name')).stdout).toBe('pod/inside\npod/nobody\n');
  expect((await inside('kubectl config view -o jsonpath={.clusters}')).stdout).toBe('null');
  expect((await inside('kubectl get pods', 'nobody')).stderr).toContain(
    'Error from server (Forbidden): pods is forbidden: User "system:serviceaccount:shop:default" cannot list resource "pods" in API group "" in the namespace "shop"\n',
  );
});

test('it changes the cluster, and a deletion does not wait', async () => {
  expect((await inside('kubectl run web --image=nginx')).stdout).toBe('pod/web created\n');
  expect(await inside('kubectl delete pod web')).toMatchObject({ stdout: 'pod "web" deleted\n', code: 0 });
});

test('what lasts it refuses', async () => {
  expect((await inside('kubectl get pods -w')).stderr).toContain('kubectl inside a container cannot watch or wait');
});

test('an image without kubectl has none', async () => {
  await cluster.kubectl('kubectl run plain -n shop --image=busybox -- sleep 3600');
  await cluster.advance(30_000);
  expect((await inside("sh -c 'kubectl get pods'", 'plain')).stderr).toContain('sh: kubectl: not found\n');
});
