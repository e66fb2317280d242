import { emitYaml } from '../../base/yaml/emit.ts';
import { podsOnNode } from '../../runtime/component-helpers/pods-on-node.ts';
import { RUNTIME_SECTIONS, type SeenManifest } from '../../types/node-runtime.ts';
import type { Pod } from '../../types/objects.ts';
import { isControlPlane } from '../api-server.ts';
import type { NodeHost } from '../host.ts';
import { kubeletFlags } from '../systemd/units.ts';
import type { FileTable } from './index.ts';

/** Written by kubeadm: the flags that depend on the machine. */
const FLAGS_IN_ENV = /^--(container-runtime|network-plugin|pod-infra-container-image|node-ip)/;

/** What kubeadm 1.33 writes to /var/lib/kubelet/config.yaml; the fields left at zero are in it as `0s`. */
export function kubeletConfiguration(
  host: NodeHost,
  clusterDNS: string[],
  clusterDomain: string,
): Record<string, unknown> {
  const durations = [
    'cpuManagerReconcilePeriod',
    'evictionPressureTransitionPeriod',
    'fileCheckFrequency',
    'httpCheckFrequency',
    'imageMaximumGCAge',
    'imageMinimumGCAge',
    'nodeStatusReportFrequency',
    'nodeStatusUpdateFrequency',
    'runtimeRequestTimeout',
    'shutdownGracePeriod',
    'shutdownGracePeriodCriticalPods',
    'streamingConnectionIdleTimeout',
    'syncFrequency',
    'volumeStatsAggPeriod',
  ];
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    authentication: {
      anonymous: { enabled: false },
      webhook: { cacheTTL: '0s', enabled: true },
      x509: { clientCAFile: '/etc/kubernetes/pki/ca.crt' },
    },
    authorization: { mode: 'Webhook', webhook: { cacheAuthorizedTTL: '0s', cacheUnauthorizedTTL: '0s' } },
    cgroupDriver: 'systemd',
    clusterDNS,
    clusterDomain,
    containerRuntimeEndpoint: '',
    crashLoopBackOff: {},
    healthzBindAddress: '127.0.0.1',
    healthzPort: 10248,
    kind: 'KubeletConfiguration',
    logging: {
      flushFrequency: 0,
      options: { json: { infoBufferSize: '0' }, text: { infoBufferSize: '0' } },
      verbosity: 0,
    },
    memorySwap: {},
    ...(host.machine.systemd >= 247 && { resolvConf: '/run/systemd/resolve/resolv.conf' }),
    rotateCertificates: true,
    staticPodPath: host.record().staticPodPath ?? '/etc/kubernetes/manifests',
    ...Object.fromEntries(durations.map((name) => [name, '0s'])),
  };
}

/** The drop-in that kubeadm's package puts beside kubelet.service. */
const DROP_IN = [
  '# Note: This dropin only works with kubeadm and kubelet v1.11+',
  '[Service]',
  'Environment="KUBELET_KUBECONFIG_ARGS=--bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf --kubeconfig=/etc/kubernetes/kubelet.conf"',
  'Environment="KUBELET_CONFIG_ARGS=--config=/var/lib/kubelet/config.yaml"',
  '# This is a file that "kubeadm init" and "kubeadm join" generates at runtime, populating the KUBELET_KUBEADM_ARGS variable dynamically',
  'EnvironmentFile=-/var/lib/kubelet/kubeadm-flags.env',
  '# This is a file that the user can use for overrides of the kubelet args as a last resort. Preferably, the user should use',
  '# the .NodeRegistration.KubeletExtraArgs object in the configuration files instead. KUBELET_EXTRA_ARGS should be sourced from this file.',
  'EnvironmentFile=-/etc/default/kubelet',
  'ExecStart=',
  'ExecStart=/usr/bin/kubelet $KUBELET_KUBECONFIG_ARGS $KUBELET_CONFIG_ARGS $KUBELET_KUBEADM_ARGS $KUBELET_EXTRA_ARGS',
  '',
].join('\n');

/** Files of the kubelet and of kubeadm. */
export function kubernetesFiles(host: NodeHost): FileTable {
  const { systemd, unitFolder } = host.machine;
  const dropIns = systemd >= 252 ? unitFolder : '/etc/systemd/system';
  const dns = host.get('services', 'kube-system', 'kube-dns')?.spec?.clusterIP ?? '10.96.0.10';
  const files: FileTable = {
    // Where a kubelet that was installed by hand has its unit, and where readers look for it.
    '/etc/systemd/system/kubelet.service': () => `->${unitFolder}/kubelet.service`,
    [`${dropIns}/kubelet.service.d/10-kubeadm.conf`]: () => DROP_IN,
    '/var/lib/kubelet/config.yaml': () => emitYaml(kubeletConfiguration(host, [dns], 'cluster.local')),
    '/var/lib/kubelet/kubeadm-flags.env': () =>
      `KUBELET_KUBEADM_ARGS="${kubeletFlags(host)
        .filter((f) => FLAGS_IN_ENV.test(f))
        .join(' ')}"\n`,
  };
  if (isControlPlane(host)) {
    files['/var/lib/etcd/member/snap/db'] = () => '';
    files['/var/lib/etcd/member/wal/0000000000000000-0000000000000000.wal'] = () => '';
  }
  for (const pod of staticPods(host)) {
    files[`/etc/kubernetes/manifests/${baseName(host, pod.metadata.name!)}.yaml`] = () => emitYaml(manifestOf(pod));
  }
  return files;
}

/** Mirror pods of this machine that stand for a manifest here: those that were made of a file of another name do not. */
function staticPods(host: NodeHost) {
  const seen = host.state.section<SeenManifest>(RUNTIME_SECTIONS.manifests);
  const files = seen.keys(`${host.name}/`);
  return podsOnNode(host.client, host.name).filter(({ metadata: { name, annotations } }) => {
    if (annotations?.['kubernetes.io/config.source'] !== 'file') return false;
    const own = files.filter((key) => seen.get(key)!.hash === annotations['kubernetes.io/config.mirror']);
    return own.length === 0 || own.some((key) => key === `${host.name}/${baseName(host, name!)}.yaml`);
  });
}

const baseName = (host: NodeHost, name: string) => name.slice(0, -host.name.length - 1);

/** What the API server puts into every pod, its containers and their probes: no author writes it. */
const DEFAULTS: Record<string, unknown> = {
  dnsPolicy: 'ClusterFirst',
  enableServiceLinks: true,
  preemptionPolicy: 'PreemptLowerPriority',
  restartPolicy: 'Always',
  schedulerName: 'default-scheduler',
  successThreshold: 1,
  terminationGracePeriodSeconds: 30,
  terminationMessagePath: '/dev/termination-log',
  terminationMessagePolicy: 'File',
};

function withoutDefaults(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDefaults);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]) =>
      DEFAULTS[key] === inner ? [] : [[key, withoutDefaults(inner)] as const],
    ),
  );
}

/** A static pod as its author wrote it: without what the API server and the kubelet added. */
function manifestOf(pod: Pod): Record<string, unknown> {
  const { name = '', namespace, labels, annotations } = pod.metadata;
  const own = Object.entries(annotations ?? {}).filter(([key]) => !key.startsWith('kubernetes.io/config.'));
  const { nodeName, tolerations: _added, ...spec } = (pod as unknown as { spec: Record<string, unknown> }).spec;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...(own.length && { annotations: Object.fromEntries(own) }),
      labels,
      name: name.slice(0, -String(nodeName).length - 1),
      namespace,
    },
    spec: withoutDefaults(spec),
    status: {},
  };
}
