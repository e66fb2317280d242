import type { NodeHost } from '../host.ts';
import type { FileTable } from './index.ts';

const portmap = { type: 'portmap', capabilities: { portMappings: true } };
const pretty = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** By the daemon set that installs it: the file's name and text. Source: the projects' own manifests. */
const NETWORKS: [daemonSet: RegExp, file: string, text: (podCIDR: string) => string][] = [
  [
    /flannel/,
    '10-flannel.conflist',
    () =>
      pretty({
        name: 'cbr0',
        cniVersion: '0.3.1',
        plugins: [{ type: 'flannel', delegate: { hairpinMode: true, isDefaultGateway: true } }, portmap],
      }),
  ],
  [
    /^weave/,
    '10-weave.conflist',
    () =>
      pretty({
        cniVersion: '1.0.0',
        name: 'weave',
        plugins: [
          { name: 'weave', type: 'weave-net', hairpinMode: true },
          { ...portmap, snat: true },
        ],
      }),
  ],
  [
    /^calico-node/,
    '10-calico.conflist',
    () =>
      pretty({
        name: 'k8s-pod-network',
        cniVersion: '0.3.1',
        plugins: [
          {
            type: 'calico',
            log_level: 'info',
            log_file_path: '/var/log/calico/cni/cni.log',
            datastore_type: 'kubernetes',
            mtu: 0,
            ipam: { type: 'calico-ipam' },
            policy: { type: 'k8s' },
            kubernetes: { kubeconfig: '/etc/cni/net.d/calico-kubeconfig' },
          },
          { ...portmap, snat: true },
        ],
      }),
  ],
  [
    /^kindnet/,
    '10-kindnet.conflist',
    (podCIDR) =>
      pretty({
        cniVersion: '0.3.1',
        name: 'kindnet',
        plugins: [
          {
            type: 'ptp',
            ipMasq: false,
            ipam: {
              type: 'host-local',
              dataDir: '/run/cni-ipam-state',
              routes: [{ dst: '0.0.0.0/0' }],
              ranges: [[{ subnet: podCIDR }]],
            },
            mtu: 1500,
          },
          portmap,
        ],
      }),
  ],
];

/** A bridge made by hand, where no daemon set installs a network. */
const bridge = (podCIDR: string): string =>
  `${JSON.stringify({
    cniVersion: '0.4.0',
    name: 'net1',
    plugins: [
      {
        type: 'bridge',
        bridge: 'cni1',
        isGateway: true,
        ipMasq: false,
        hairpinMode: true,
        ipam: {
          type: 'host-local',
          ranges: [[{ subnet: podCIDR }]],
          dataDir: '/var/lib/cni/networks',
          routes: [{ dst: '0.0.0.0/0' }],
        },
      },
      portmap,
      { type: 'loopback' },
    ],
  })}\n`;

/** /etc/cni/net.d: what the cluster's network add-on has written there. */
export function cniFiles(host: NodeHost): FileTable {
  const podCIDR = () => host.node()?.spec?.podCIDR ?? '10.244.0.0/24';
  const installed = host
    .list('daemonsets.apps')
    .flatMap(({ metadata }) => NETWORKS.filter(([pattern]) => pattern.test(metadata.name!)))[0];
  if (!installed) return { '/etc/cni/net.d/10-net1.conflist': () => bridge(podCIDR()) };
  const [, file, text] = installed;
  return { [`/etc/cni/net.d/${file}`]: () => text(podCIDR()) };
}
