import { type ContainerRecord, RUNTIME_SECTIONS, type SandboxRecord } from '../../types/node-runtime.ts';
import { cgroupFiles, cgroupLimits } from '../cgroup.ts';
import type { NodeHost } from '../host.ts';
import { linksOf } from '../network/links.ts';
import { recordsOn } from '../records.ts';
import type { FileTable } from './index.ts';

const CGROUPS = '/sys/fs/cgroup';
const CONTROLLERS = 'cpuset cpu io memory hugetlb pids rdma misc\n';

/** The slice of a pod by its class, as systemd's driver names it (pkg/kubelet/cm). */
function sliceOf(host: NodeHost, { pod }: SandboxRecord): string {
  const quality = host.get('pods', pod.namespace, pod.name)?.status?.qosClass?.toLowerCase() ?? 'besteffort';
  const parent = quality === 'guaranteed' ? 'kubepods' : `kubepods-${quality}`;
  const folder = quality === 'guaranteed' ? 'kubepods.slice' : `kubepods.slice/${parent}.slice`;
  return `${CGROUPS}/${folder}/${parent}-pod${pod.uid.replaceAll('-', '_')}.slice`;
}

/** The cgroups of a machine's pods and containers. */
function cgroupTable(host: NodeHost): FileTable {
  const files: FileTable = {};
  const slices = new Map<string, string>();
  for (const sandbox of recordsOn<SandboxRecord>(host.state, RUNTIME_SECTIONS.sandboxes, host.name)) {
    if (sandbox.state !== 'ready') continue;
    slices.set(sandbox.id, sliceOf(host, sandbox));
    files[`${sliceOf(host, sandbox)}/cgroup.controllers`] = () => CONTROLLERS;
    files[`${sliceOf(host, sandbox)}/cri-containerd-${sandbox.id}.scope/cgroup.procs`] = () => `${sandbox.pid}\n`;
  }
  for (const container of recordsOn<ContainerRecord>(host.state, RUNTIME_SECTIONS.containers, host.name)) {
    const slice = slices.get(container.sandbox);
    if (container.state !== 'running' || slice === undefined) continue;
    const scope = `${slice}/cri-containerd-${container.id}.scope`;
    files[`${scope}/cgroup.procs`] = () => `${container.pid}\n`;
    files[`${scope}/memory.current`] = () => `${host.runtime.usage(container.id)?.memory ?? 0}\n`;
    for (const [path, text] of Object.entries(cgroupFiles(() => cgroupLimits(container))))
      files[path.replace(CGROUPS, scope)] = text;
  }
  return files;
}

/** What people read of /sys: cgroups and network interfaces. */
export function sysFiles(host: NodeHost): FileTable {
  const files: FileTable = {
    [`${CGROUPS}/cgroup.controllers`]: () => CONTROLLERS,
    [`${CGROUPS}/cgroup.subtree_control`]: () => CONTROLLERS,
    [`${CGROUPS}/cgroup.procs`]: () => '2\n',
    [`${CGROUPS}/init.scope/cgroup.procs`]: () => '1\n',
    [`${CGROUPS}/system.slice/cgroup.controllers`]: () => CONTROLLERS,
    [`${CGROUPS}/user.slice/cgroup.controllers`]: () => CONTROLLERS,
    [`${CGROUPS}/kubepods.slice/cgroup.controllers`]: () => CONTROLLERS,
    '/sys/class/dmi/id/product_uuid': () => `${host.record().systemUUID}\n`,
    '/sys/class/dmi/id/product_name': () => 'Standard PC (i440FX + PIIX, 1996)\n',
    '/sys/module/br_netfilter/parameters/brnf_call_iptables': () => '1\n',
    ...cgroupTable(host),
  };
  for (const { name, mac, mtu, state } of linksOf(host)) {
    const at = `/sys/class/net/${name}`;
    files[`${at}/address`] = () => `${mac}\n`;
    files[`${at}/mtu`] = () => `${mtu}\n`;
    files[`${at}/operstate`] = () => `${state.toLowerCase()}\n`;
  }
  return files;
}
