import type { KubeObject, Pod, Service } from '../../types/objects.ts';
import type { Command, Invocation } from '../command.ts';
import { CommandError, StatusError } from '../errors.ts';
import { ALL_NAMESPACES_FLAG, PRINT_FLAGS, podRunningTimeoutFlag } from '../flags/common.ts';
import { type Printable, structuredPrinter } from '../printers/print-flags.ts';

const dump: Command = {
  name: 'dump',
  use: 'dump',
  flagsInUseLine: true,
  short: 'Dump relevant information for debugging and diagnosis',
  long: `Dump information about the cluster that helps to debug and diagnose problems. By default everything goes to stdout. --output-directory writes files into a folder instead, one for each resource.

Only the current namespace and the 'kube-system' namespace are dumped, unless --namespaces lists others or --all-namespaces is given.`,
  examples: `
# Dump the state of the cluster to stdout
kubectl cluster-info dump

# Dump the state of the cluster to /path/to/cluster-state
kubectl cluster-info dump --output-directory=/path/to/cluster-state

# Dump all namespaces to stdout
kubectl cluster-info dump --all-namespaces`,
  flags: [
    ...PRINT_FLAGS.map((flag) => (flag.name === 'output' ? { ...flag, default: 'json' } : flag)),
    ALL_NAMESPACES_FLAG,
    { name: 'namespaces', type: 'stringSlice', usage: 'Namespaces to dump, with commas between them.' },
    { name: 'output-directory', type: 'string', usage: "Where to write files; '-' or nothing for stdout." },
    podRunningTimeoutFlag('20s'),
  ],
  run: dumpCluster,
};

const command: Command = {
  name: 'cluster-info',
  use: 'cluster-info',
  flagsInUseLine: true,
  short: 'Display cluster information',
  long: `Display addresses of the control plane and services with label kubernetes.io/cluster-service=true. To further debug and diagnose cluster problems, use 'kubectl cluster-info dump'.`,
  examples: `
# Print the address of the control plane and cluster services
kubectl cluster-info`,
  subcommands: [dump],
  run: clusterInfo,
};

export default command;

async function clusterInfo({ flags, factory, environment }: Invocation): Promise<void> {
  const { io } = environment;
  const client = await factory.client();
  const namespace = flags.string('namespace') || 'kube-system';
  const highlight = (text: string, code: number) => (io.stdoutIsTerminal ? `\x1b[0;${code}m${text}\x1b[0m` : text);
  const line = (name: string, link: string) => io.out(`${highlight(name, 32)} is running at ${highlight(link, 33)}\n`);
  const path = `/api/v1/namespaces/${namespace}/services`;
  const end = "\nTo further debug and diagnose cluster problems, use 'kubectl cluster-info dump'.\n";
  const services = await client
    .list<Service>(path, { labelSelector: 'kubernetes.io/cluster-service=true' }, 0)
    .catch((error: unknown) => {
      io.out(end);
      throw error;
    });
  const { host } = client.transport;
  line('Kubernetes control plane', host);
  for (const service of services) {
    line(service.metadata.labels?.['kubernetes.io/name'] ?? service.metadata.name ?? '', serviceLink(host, service));
  }
  io.out(end);
}

/** The load balancer's addresses, or the API server's proxy to the service. */
function serviceLink(host: string, { metadata, spec, status }: Service): string {
  const [ingress] = status?.loadBalancer?.ingress ?? [];
  const ports = spec?.ports ?? [];
  if (ingress) return ports.map(({ port }) => `http://${ingress.ip ?? ingress.hostname}:${port} `).join('');
  const [port] = ports;
  const scheme = port && (port.name === 'https' || port.port === 443) ? 'https' : '';
  const name =
    scheme || port?.name ? `${scheme ? `${scheme}:` : ''}${metadata.name}:${port?.name ?? ''}` : metadata.name;
  return `${host}/api/v1/namespaces/${metadata.namespace}/services/${name}/proxy`;
}

const DUMPED = [
  ['/api/v1', 'events'],
  ['/api/v1', 'replicationcontrollers'],
  ['/api/v1', 'services'],
  ['/apis/apps/v1', 'daemonsets'],
  ['/apis/apps/v1', 'deployments'],
  ['/apis/apps/v1', 'replicasets'],
  ['/api/v1', 'pods'],
] as const;

async function dumpCluster(invocation: Invocation): Promise<void> {
  const { flags, factory, environment } = invocation;
  const client = await factory.client();
  if (flags.duration('pod-running-timeout') <= 0) {
    throw new CommandError('--pod-running-timeout must be higher than zero');
  }
  const print = await structuredPrinter(invocation, flags.string('output'), { typed: true });
  const folder = flags.string('output-directory');
  const extension = flags.string('output') === 'yaml' ? 'yaml' : 'json';
  const write = (path: string, text: string) => {
    if (folder === '' || folder === '-') {
      environment.io.out(text);
      return;
    }
    const file = `${folder}/${path}`;
    environment.host.makeDir(file.slice(0, file.lastIndexOf('/')));
    environment.host.writeFile(file, text);
  };
  const named = (list: Printable): Printable => {
    if (flags.string('output').toLowerCase() !== 'name') return list;
    throw new CommandError(`list types are not supported by name printing: *v1.${list.kind}`);
  };
  const dumpList = async (path: string, file: string) =>
    write(`${file}.${extension}`, print(named((await client.get(path)) as Printable)));
  await dumpList('/api/v1/nodes', 'nodes');
  for (const namespace of await dumpedNamespaces(invocation)) {
    for (const [prefix, resource] of DUMPED) {
      const short = resource === 'replicationcontrollers' ? 'replication-controllers' : resource;
      await dumpList(`${prefix}/namespaces/${namespace}/${resource}`, `${namespace}/${short}`);
    }
    for (const pod of await client.list<Pod>(`/api/v1/namespaces/${namespace}/pods`)) {
      const name = pod.metadata.name ?? '';
      for (const container of [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])]) {
        const label = `==== START logs for container ${container.name} of pod ${namespace}/${name} ====\n`;
        const path = `/api/v1/namespaces/${namespace}/pods/${name}/log`;
        const text = await client
          .send('GET', path, { query: { container: container.name } })
          .then((response) => response.text())
          .catch((error: Error) => `Request log error: ${rawMessage(error, name)}\n`);
        write(`${namespace}/${name}/logs.txt`, `${label}${text}${label.replace('START', 'END')}`);
      }
    }
  }
  if (folder !== '' && folder !== '-') environment.io.out(`Cluster info dumped to ${folder}\n`);
}

/** The log is asked for as raw bytes, and so is the refusal: what the server said of it is not read. */
const rawMessage = (error: Error, pod: string): string =>
  error instanceof StatusError && error.status.code === 400
    ? `the server rejected our request for an unknown reason (get pods ${pod})`
    : error.message;

async function dumpedNamespaces({ flags, factory }: Invocation): Promise<string[]> {
  if (flags.bool('all-namespaces')) {
    const all = await (await factory.client()).list<KubeObject>('/api/v1/namespaces');
    return all.map(({ metadata }) => metadata.name ?? '');
  }
  const given = flags.strings('namespaces');
  return given.length > 0 ? given : ['kube-system', (await factory.namespace()).namespace];
}
