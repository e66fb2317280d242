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

const POD = `kubectl apply -f - <<EOF
apiVersion: v1
kind: Pod
metadata: {name: a}
spec: {nodeName: node-2, containers: [{name: a, image: busybox, command: [sleep, "100000"]}]}
EOF
kubemu advance 10s`;
const READY = `kubectl get node node-2 -o jsonpath='{.status.conditions[?(@.type=="Ready")].status}'`;
const RESTARTS = "kubectl get pod a -o jsonpath='{.status.containerStatuses[0].restartCount}'";
const events = (reason: string) =>
  `kubectl get events -o jsonpath='{range .items[?(@.reason=="${reason}")]}{.involvedObject.name}: {.message}{"\\n"}{end}'`;
const conditions = (type: string) =>
  `kubectl get node node-2 -o jsonpath='{.status.conditions[?(@.type=="${type}")].reason} {.spec.taints[*].key}'`;

async function after(...lines: string[]): Promise<string> {
  const machine = await Workstation.open(openSnapshot(snapshot), {});
  await machine.run(POD);
  for (const line of lines.slice(0, -1)) await machine.run(line);
  const { stdout, stderr } = await machine.run(lines.at(-1)!);
  return stdout + stderr;
}

test('a machine that is switched off is lost after its grace, and starts its containers anew when it is back', async () => {
  const off = ['kubemu node stop node-2', 'kubemu advance 60s'];
  expect(await after(...off, READY)).toBe('Unknown');
  expect(await after(...off, 'kubectl logs a')).toMatch(/dial tcp 192.168.50.12:10250: connect: no route to host\n$/);
  expect(await after(...off, 'ssh node-2 id')).toBe('ssh: connect to host 192.168.50.12 port 22: No route to host\n');
  const on = [...off, 'kubemu node start node-2', 'kubemu advance 15s'];
  expect(await after(...on, READY)).toBe('True');
  expect(await after(...on, RESTARTS)).toBe('1');
});

test('a reboot is told of, and short enough not to be missed', async () => {
  const reboot = ['kubemu node reboot node-2', 'kubemu advance 45s'];
  expect(await after(...reboot, READY)).toBe('True');
  expect(await after(...reboot, RESTARTS)).toBe('1');
  expect(await after(...reboot, events('Rebooted'))).toMatch(
    /^node-2: Node node-2 has been rebooted, boot id: [0-9a-f-]{36}\n$/,
  );
  const last = "kubectl get pod a -o jsonpath='{.status.containerStatuses[0].lastState.terminated.exitCode}'";
  expect(await after(...reboot, last)).toBe('255');
});

test('a node that was cut off goes on as if nothing had been', async () => {
  const cut = ['kubemu node cut node-2', 'kubemu advance 60s'];
  expect(await after(...cut, READY)).toBe('Unknown');
  expect(await after(...cut, 'kubectl logs a')).toMatch(/dial tcp 192.168.50.12:10250: i\/o timeout\n$/);
  const back = [...cut, 'kubemu node restore node-2', 'kubemu advance 10s'];
  expect(await after(...back, READY)).toBe('True');
  expect(await after(...back, RESTARTS)).toBe('0');
  const late = [...cut, 'kubemu advance 6m', 'kubemu node restore node-2', 'kubemu advance 40s'];
  expect(await after(...late, 'kubectl get pod a')).toMatch(/not found/);
});

test('a machine without memory says so, and evicts who exceeds his requests', async () => {
  const full = ['kubemu node fill node-2 memory', 'kubemu advance 15s'];
  expect(await after(...full, conditions('MemoryPressure'))).toBe(
    'KubeletHasInsufficientMemory node.kubernetes.io/memory-pressure',
  );
  expect(await after(...full, events('Evicted'))).toMatch(
    /^a: The node was low on resource: memory. Threshold quantity: 100Mi, available: 61340Ki. Container a was using \d+Ki, request is 0, has larger consumption of memory. \n/,
  );
  expect(await after(...full, "kubectl get pod a -o jsonpath='{.status.phase} {.status.reason}'")).toBe(
    'Failed Evicted',
  );
  const given = [...full, 'kubemu node restore node-2', 'kubemu advance 4m'];
  expect(await after(...given, conditions('MemoryPressure'))).toMatch(/^KubeletHasInsufficientMemory/);
  expect(await after(...given, 'kubemu advance 2m', conditions('MemoryPressure'))).toBe('KubeletHasSufficientMemory ');
});

test('a disk that is full takes no pod more', async () => {
  const full = ['kubemu node fill node-2 disk', 'kubemu advance 15s'];
  expect(await after(...full, conditions('DiskPressure'))).toBe(
    'KubeletHasDiskPressure node.kubernetes.io/disk-pressure',
  );
  const forced = `kubectl run b --image=nginx --overrides='{"spec":{"nodeName":"node-2"}}'; kubemu advance 5s`;
  expect(await after(...full, forced, "kubectl get pod b -o jsonpath='{.status.reason}: {.status.message}'")).toBe(
    'Evicted: Pod was rejected: The node had condition: [DiskPressure]. ',
  );
});

test('who changes the root out of a debugging container is on the node, and back afterwards', async () => {
  const debug = 'kubectl debug node/node-2 --profile=sysadmin --image=busybox -- sleep 10000; kubemu advance 5s';
  const script =
    'hostname; chroot /host sh -c "crictl ps -q --name kube-proxy | wc -l; echo x > /etc/kubernetes/note"; cat /host/etc/kubernetes/note; ls /etc/kubernetes';
  expect(await after(debug, `kubectl exec $(kubectl get pod -o name | grep debugger) -- sh -c '${script}'`)).toBe(
    'node-2\n1\nx\nls: /etc/kubernetes: No such file or directory\ncommand terminated with exit code 1\n',
  );
});
