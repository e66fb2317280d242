import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { nodesOf, validateConfig } from './config.ts';

test.each<[preset: string, instances: number[], names: string[]]>([
  ['kubeadm', [1, 2], ['k8s-master', 'node-1', 'node-2']],
  ['kind', [1, 2, 3], ['kind-control-plane', 'kind-worker', 'kind-worker2', 'kind-worker3']],
  ['minikube', [2, 10], ['minikube', 'minikube-m02', 'minikube-m10']],
  ['aks', [0, 36], ['aks-nodepool1-87052983-vmss000000', 'aks-nodepool1-87052983-vmss000010']],
])('machines of %s are named as its tool names them', (preset, instances, names) => {
  const file = join(import.meta.dirname, '../../fixtures/clusters', `${preset}.yaml`);
  const { spec } = validateConfig(parse(readFileSync(file, 'utf8')), file);
  expect(nodesOf(spec, instances).map(({ name }) => name)).toEqual(names);
});
