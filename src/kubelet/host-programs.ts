import { nsenterOf } from '../node/processes/nsenter.ts';
import type { ContainerRecord } from '../types/node-runtime.ts';
import type { PodScope } from './pod/scope.ts';

/** What nsenter runs, if it goes to process 1 with its files; undefined if it stays in the container. */
function entered(argv: string[]): string[] | undefined {
  const target = nsenterOf(argv);
  return target?.pid === 1 && target.files ? target.command : undefined;
}

/** What chroot runs, if its new root is the node's own root, mounted into the container. */
function rooted(record: ContainerRecord, argv: string[]): string[] | undefined {
  const [, root = '', ...rest] = argv;
  const folder = root.replace(/(.)\/+$/, '$1');
  const mount = record.mounts.find(({ containerPath }) => containerPath === folder);
  if (!mount || !('node' in mount.source) || mount.source.path !== '/') return undefined;
  return rest.length > 0 ? rest : ['bash', '-i'];
}

const ETCD_CLIENTS = ['etcdctl', 'etcdutl'];
const ETCD_CERTIFICATES = '/etc/kubernetes/pki/etcd';

/** Whether a container is a control plane's etcd: it shares the node's network, and has its certificates under their own path. */
const isNodesEtcd = (scope: PodScope, record: ContainerRecord): boolean =>
  scope.pod?.spec?.hostNetwork === true &&
  record.mounts.some(
    ({ containerPath, hostPath }) => containerPath === ETCD_CERTIFICATES && hostPath === containerPath,
  );

/** The command that a container's program runs on its node itself, once it has left its namespaces; undefined if it stays. */
export function hostProgram(scope: PodScope, record: ContainerRecord, argv: string[]): string[] | undefined {
  if (!scope.platform.hostMachine) return undefined;
  const name = argv[0]?.split('/').at(-1);
  if (name === 'chroot') return rooted(record, argv);
  if (name && ETCD_CLIENTS.includes(name) && isNodesEtcd(scope, record)) return [name, ...argv.slice(1)];
  const privileged = record.securityContext?.privileged && scope.pod?.spec?.hostPID;
  return name === 'nsenter' && privileged ? entered(argv) : undefined;
}
