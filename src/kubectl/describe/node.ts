import type { Lease, Node, Pod } from '../../types/objects.ts';
import { writeEvents } from './events.ts';
import { rfc1123z, since, writeAnnotations, writeLabels } from './format.ts';
import { taintText } from './pod-parts.ts';
import { percentOf, podResources, type ResourceList, totalResources } from './quantities.ts';
import { type Describer, type DescribeSource, findEvents } from './source.ts';
import { DescribeWriter } from './writer.ts';

const ROLE_PREFIX = 'node-role.kubernetes.io/';

/** `control-plane,worker`, or `<none>`. */
function roles(labels: Record<string, string> = {}): string {
  const found = Object.entries(labels).flatMap(([key, value]) =>
    key.startsWith(ROLE_PREFIX) && key !== ROLE_PREFIX
      ? [key.slice(ROLE_PREFIX.length)]
      : key === 'kubernetes.io/role' && value
        ? [value]
        : [],
  );
  return [...new Set(found)].sort().join(',') || '<none>';
}

async function writeLease(w: DescribeWriter, node: Node, source: DescribeSource): Promise<void> {
  const lease = await source
    .get<Lease>(`/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/${node.metadata.name}`)
    .catch((e: Error) => e);
  if (lease instanceof Error) return w.row(0, 'Lease', `Failed to get lease: ${lease.message}`);
  const time = (t: string | undefined) => (t ? rfc1123z(t) : '<unset>');
  w.write(0, 'Lease:\n');
  w.row(1, 'HolderIdentity', lease.spec?.holderIdentity ?? '<unset>');
  w.row(1, 'AcquireTime', time(lease.spec?.acquireTime));
  w.row(1, 'RenewTime', time(lease.spec?.renewTime));
}

function writeConditions(w: DescribeWriter, node: Node): void {
  if (!node.status?.conditions?.length) return;
  w.write(0, 'Conditions:\n');
  w.head(
    1,
    ['Type', 'Status', 'LastHeartbeatTime', 'LastTransitionTime', 'Reason', 'Message'],
    ['----', '------', '-----------------', '------------------', '------', '-------'],
  );
  for (const c of node.status.conditions)
    w.write(
      1,
      `${c.type} \t${c.status} \t${rfc1123z(c.lastHeartbeatTime)} \t${rfc1123z(c.lastTransitionTime)} \t${c.reason ?? ''} \t${c.message ?? ''}\n`,
    );
}

function writeResourceList(w: DescribeWriter, title: string, list: ResourceList | undefined): void {
  const names = Object.keys(list ?? {}).sort();
  if (names.length) w.write(0, `${title}:\n`);
  for (const name of names) w.row(1, name, list?.[name]);
}

const SYSTEM_INFO: [string, keyof NonNullable<NonNullable<Node['status']>['nodeInfo']>][] = [
  ['Machine ID', 'machineID'],
  ['System UUID', 'systemUUID'],
  ['Boot ID', 'bootID'],
  ['Kernel Version', 'kernelVersion'],
  ['OS Image', 'osImage'],
  ['Operating System', 'operatingSystem'],
  ['Architecture', 'architecture'],
  ['Container Runtime Version', 'containerRuntimeVersion'],
  ['Kubelet Version', 'kubeletVersion'],
  ['Kube-Proxy Version', 'kubeProxyVersion'],
];

const STANDARD = /^(cpu|memory|ephemeral-storage|pods)$/;

/** Pods of the node and the share of it that they ask for. */
function writeAllocated(w: DescribeWriter, node: Node, pods: Pod[], now: number): void {
  const whole: ResourceList = Object.keys(node.status?.allocatable ?? {}).length
    ? node.status!.allocatable!
    : (node.status?.capacity ?? {});
  const share = (list: ResourceList, name: string) => `${list[name] ?? '0'} (${percentOf(list[name], whole[name])}%)`;
  w.write(0, `Non-terminated Pods:\t(${pods.length} in total)\n`);
  w.write(1, 'Namespace\tName\t\tCPU Requests\tCPU Limits\tMemory Requests\tMemory Limits\tAge\n');
  w.write(1, '---------\t----\t\t------------\t----------\t---------------\t-------------\t---\n');
  for (const pod of pods) {
    const [requests, limits] = [podResources(pod, 'requests'), podResources(pod, 'limits')];
    const shares = ['cpu', 'memory'].flatMap((name) => [share(requests, name), share(limits, name)]);
    w.cells(1, pod.metadata.namespace, pod.metadata.name, '', ...shares, since(pod.metadata.creationTimestamp, now));
  }
  w.write(0, 'Allocated resources:\n');
  w.write(1, '(Total limits may be over 100 percent, i.e., overcommitted.)\n');
  w.head(1, ['Resource', 'Requests', 'Limits']);
  const [requests, limits] = [totalResources(pods, 'requests'), totalResources(pods, 'limits')];
  const names = Object.keys(whole).sort();
  const huge = names.filter((n) => n.startsWith('hugepages-'));
  for (const name of ['cpu', 'memory', 'ephemeral-storage', ...huge])
    w.cells(1, name, share(requests, name), share(limits, name));
  for (const name of names.filter((n) => !huge.includes(n) && !STANDARD.test(n)))
    w.cells(1, name, requests[name] ?? '0', limits[name] ?? '0');
}

/** Source: describeNode. */
export const describeNode: Describer<Node> = async (node, source) => {
  const w = new DescribeWriter();
  const { metadata, spec, status } = node;
  const pods = await source
    .list<Pod>('/api/v1/pods', {
      fieldSelector: `spec.nodeName=${metadata.name},status.phase!=Succeeded,status.phase!=Failed`,
    })
    .catch((e: { code?: number }) => {
      if (e.code !== 403) throw e;
    });
  // The controllers' events carry the node's uid, the kubelet's its name.
  const events = await findEvents(node, source);
  const byName = await findEvents(node, source, { uid: metadata.name });
  w.row(0, 'Name', metadata.name);
  w.row(0, 'Roles', roles(metadata.labels));
  writeLabels(w, 'Labels', metadata.labels);
  writeAnnotations(w, 'Annotations', metadata.annotations);
  w.row(0, 'CreationTimestamp', rfc1123z(metadata.creationTimestamp));
  const taints = [...(spec?.taints ?? [])].sort((a, b) => (`${a.effect},${a.key}` < `${b.effect},${b.key}` ? -1 : 1));
  w.multiline('Taints', taints.map(taintText));
  w.row(0, 'Unschedulable', spec?.unschedulable ?? false);
  await writeLease(w, node, source);
  writeConditions(w, node);
  w.write(0, 'Addresses:\n');
  for (const a of status?.addresses ?? []) w.row(1, a.type, a.address);
  writeResourceList(w, 'Capacity', status?.capacity);
  writeResourceList(w, 'Allocatable', status?.allocatable);
  w.write(0, 'System Info:\n');
  for (const [label, field] of SYSTEM_INFO) w.row(1, label, status?.nodeInfo?.[field] ?? '');
  if (spec?.podCIDR) w.row(0, 'PodCIDR', spec.podCIDR);
  if (spec?.podCIDRs?.length) w.row(0, 'PodCIDRs', spec.podCIDRs.join(','));
  if (spec?.providerID) w.row(0, 'ProviderID', spec.providerID);
  if (pods) writeAllocated(w, node, pods, source.now());
  else w.row(0, 'Pods', 'not authorized');
  writeEvents(w, events && [...events, ...(byName ?? [])], source.now());
  return w.toString();
};
