import { readAsset } from '../../base/assets.ts';
import { nthAddress, parseCidr } from '../../base/ip.ts';
import { emitYaml } from '../../base/yaml/emit.ts';
import { parseYaml } from '../../base/yaml/parse.ts';
import type { NodeHost } from '../host.ts';

export const MANIFESTS = '/etc/kubernetes/manifests';
export const CONTROL_PLANE = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'];

/** What kubeadm writes into the spec of each static pod of the control plane. */
export const STATIC_POD_SPEC = {
  hostNetwork: true,
  priority: 2000001000,
  priorityClassName: 'system-node-critical',
  securityContext: { seccompProfile: { type: 'RuntimeDefault' } },
};

/** Fills `{{name}}` in a text. */
const fill = (text: string, values: Record<string, string>): string =>
  text.replace(/\{\{(\w+)\}\}/g, (whole, name: string) => values[name] ?? whole);

/** The static pod that kubeadm writes for a component, as YAML. Source: fixtures/addons/control-plane.yaml. */
export async function manifestOf(host: NodeHost, component: string, version: string): Promise<string> {
  const serviceCIDR = '10.96.0.0/12';
  const text = fill(readAsset('fixtures/addons/control-plane.yaml'), {
    nodeIP: host.record().internalIP,
    nodeName: host.name,
    version,
    podCIDR: '10.244.0.0/16',
    serviceCIDR,
    clusterDomain: 'cluster.local',
    clusterDNS: nthAddress(parseCidr(serviceCIDR)!, 10),
    apiServer: host.apiServer().url,
    apiServerPort: new URL(host.apiServer().url).port || '6443',
  });
  const { staticPods } = (await parseYaml(text)) as unknown as {
    staticPods: { metadata: { name: string }; spec: object }[];
  };
  const { metadata, spec } = staticPods.find((pod) => pod.metadata.name === component)!;
  return emitYaml({ apiVersion: 'v1', kind: 'Pod', metadata, spec: { ...spec, ...STATIC_POD_SPEC }, status: {} });
}

/** Writes a component's manifest, over what is there. */
export async function writeManifest(host: NodeHost, component: string, version: string): Promise<void> {
  const path = `${MANIFESTS}/${component}.yaml`;
  if (!host.files.stat(MANIFESTS)) host.files.makeDir(MANIFESTS);
  host.files.write(path, await manifestOf(host, component, version), { mode: 0o600 });
}
