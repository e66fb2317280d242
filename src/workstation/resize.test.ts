import { readFileSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { validateConfig } from '../cluster/config.ts';
import { makeSnapshot, openSnapshot } from '../cluster/in-memory.ts';
import { Workstation } from './workstation.ts';

let snapshot: string;

beforeAll(async () => {
  const config = validateConfig(parse(readFileSync('fixtures/clusters/kubeadm.yaml', 'utf8')), 'kubeadm');
  config.spec.clock = { ...config.spec.clock, mode: 'manual' };
  config.spec.seed = 1;
  snapshot = await makeSnapshot({ config });
}, 60_000);

const PODS = `kubectl apply -f - <<EOF
apiVersion: v1
kind: Pod
metadata: {name: r}
spec:
  nodeName: node-1
  terminationGracePeriodSeconds: 1
  containers:
  - name: a
    image: busybox
    command: [sleep, "100000"]
    resizePolicy: [{resourceName: memory, restartPolicy: RestartContainer}]
    resources: {requests: {cpu: 100m, memory: 64Mi}}
---
apiVersion: v1
kind: Pod
metadata: {name: o}
spec:
  nodeName: node-1
  containers: [{name: a, image: busybox, command: [sleep, "100000"], resources: {requests: {cpu: 1}}}]
EOF
kubemu advance 10s`;
const resize = (requests: string) =>
  `kubectl patch pod r --subresource resize -p '{"spec":{"containers":[{"name":"a","resources":{"requests":{${requests}}}}]}}'; kubemu advance 10s`;
const SHOW =
  'kubectl get pod r -o jsonpath=\'{.status.containerStatuses[0].resources.requests.cpu} {.status.containerStatuses[0].restartCount} {.status.conditions[?(@.type=="PodResizePending")].reason}{.status.conditions[?(@.type=="PodResizePending")].message}\'';

test.each([
  ['in place', [resize('"cpu":"150m"')], '150m 0 '],
  ['with a restart', [resize('"memory":"80Mi"')], '100m 1 '],
  [
    'never',
    [resize('"cpu":"50"')],
    "100m 0 InfeasibleNode didn't have enough capacity: cpu, requested: 50000, capacity: 2000",
  ],
  [
    'not yet',
    [resize('"cpu":"1500m"')],
    "100m 0 DeferredNode didn't have enough resource: cpu, requested: 1500, used: 1200, capacity: 2000",
  ],
  ['later', [resize('"cpu":"1500m"'), 'kubectl delete pod o --now; kubemu advance 90s'], '1500m 0 '],
])('a resize is carried out %s', async (_, lines, shown) => {
  const machine = await Workstation.open(openSnapshot(snapshot), {});
  for (const line of [PODS, ...lines]) await machine.run(line);
  expect((await machine.run(SHOW)).stdout).toBe(shown);
});
