import { recordsOn } from '../node/records.ts';
import { RUNTIME_SECTIONS, type SandboxRecord } from '../types/node-runtime.ts';
import { waitFor, waitingOn, waitNoMore } from './awaited.ts';
import { hostnameOf } from './names.ts';
import type { PodScope } from './pod/scope.ts';
import { runtimeHandler } from './runtime-handler.ts';
import { TIMING } from './timing.ts';
import { REFRESH } from './worker.ts';

/** The last address that a node gave out: host-local IPAM goes round. */
const ADDRESSES = 'kubelet/addresses';

const toNumber = (ip: string) => ip.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
const toAddress = (number: number) => [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.');

/** The next free address of the node's pod CIDR (the first is the bridge's); undefined when there is none. */
function nextAddress(scope: PodScope, cidr: string): string | undefined {
  const [base, bits] = cidr.split('/') as [string, string];
  const size = 2 ** (32 - Number(bits));
  const start = toNumber(base);
  const used = new Set(
    recordsOn<SandboxRecord>(scope.world.state, RUNTIME_SECTIONS.sandboxes, scope.worker.node)
      .filter((record) => record.state === 'ready')
      .map((record) => record.ip),
  );
  const section = scope.world.state.section<number>(ADDRESSES);
  const last = section.get(scope.worker.node) ?? 1;
  for (let i = 1; i < size; i++) {
    const offset = ((last + i - 2) % (size - 3)) + 2;
    const address = toAddress(start + offset);
    if (used.has(address)) continue;
    section.set(scope.worker.node, offset);
    return address;
  }
  return undefined;
}

/** Creates a pod's sandbox and gives it its address. Answers the runtime's words if it cannot. */
export function createSandbox(scope: PodScope, attempt: number): string | undefined {
  const pod = scope.pod!;
  const { node, namespace, name } = scope.worker;
  const hostNetwork = pod.spec!.hostNetwork ?? false;
  const id = scope.world.random.hex(64);
  const runtime = runtimeHandler(scope, id);
  if ('failure' in runtime) return runtime.failure;
  const cidr = scope.world.client.get('nodes', '', node)?.spec?.podCIDR;
  const ip = hostNetwork ? scope.machine.internalIP : cidr && nextAddress(scope, cidr);
  if (ip) waitNoMore(scope);
  else {
    waitFor(scope, 'address');
    return `rpc error: code = Unknown desc = failed to setup network for sandbox "${id}": plugin type="host-local" failed (add): failed to allocate for range 0: no IP addresses available in range set: ${cidr ?? ''}`;
  }
  scope.saveSandbox({
    id,
    node,
    pod: { name, namespace, uid: scope.uid },
    attempt,
    state: 'ready',
    createdAt: scope.now,
    ip,
    hostNetwork,
    hostname: hostnameOf(pod),
    labels: {
      ...pod.metadata.labels,
      'io.kubernetes.pod.name': name,
      'io.kubernetes.pod.namespace': namespace,
      'io.kubernetes.pod.uid': scope.uid,
    },
    annotations: {
      ...pod.metadata.annotations,
      'kubernetes.io/config.seen': new Date(Math.floor(scope.now)).toISOString().replace('Z', '000000Z'),
      'kubernetes.io/config.source': pod.metadata.annotations?.['kubernetes.io/config.source'] ?? 'api',
    },
    runtimeHandler: runtime.handler,
    logDirectory: `/var/log/pods/${namespace}_${name}_${scope.uid}`,
    pid: 1000 + scope.world.random.int(30_000),
  });
  return undefined;
}

/** Stops the newest sandbox: its address is free again, and a pod that found none asks once more. */
export function stopSandbox(scope: PodScope): void {
  const sandbox = scope.sandbox();
  if (sandbox?.state !== 'ready') return;
  scope.saveSandbox({ ...sandbox, state: 'notready' });
  const [next] = waitingOn(scope.world, scope.worker.node, 'address');
  if (next) scope.world.wake(next + REFRESH, scope.now + TIMING.syncBackOff * scope.world.random.next());
}
