import { parseLabelSelector } from '../../api/machinery/selectors.ts';
import { goSort } from '../../base/go-sort.ts';
import { Quantity } from '../../base/quantity.ts';
import { alignTabs, TABLE_TABS } from '../../base/tabwriter.ts';
import type { Node } from '../../types/objects.ts';
import type { Command, Flag, Invocation } from '../command.ts';
import { CommandError } from '../errors.ts';
import { ALL_NAMESPACES_FLAG, FIELD_SELECTOR_FLAG, SELECTOR_FLAG, usageError } from '../flags/common.ts';

interface Usage {
  cpu: string;
  memory: string;
}

interface Metrics {
  metadata: { name: string; namespace?: string };
  usage?: Usage;
  containers?: { name: string; usage: Usage }[];
}

const METRICS = '/apis/metrics.k8s.io/v1beta1';
const MEBIBYTE = 1024 * 1024;

const COMMON: Flag[] = [
  SELECTOR_FLAG,
  { name: 'no-headers', type: 'bool', usage: 'Print without headers' },
  { name: 'sort-by', type: 'string', usage: "Sort by this field: 'cpu' or 'memory'." },
  {
    name: 'use-protocol-buffers',
    type: 'bool',
    default: 'true',
    usage: 'Use protocol buffers to reach the Metrics API.',
  },
];

const node: Command = {
  name: 'node',
  aliases: ['nodes', 'no'],
  use: 'node [NAME | -l label]',
  short: 'Display resource (CPU/memory) usage of nodes',
  long: `Display resource (CPU/memory) usage of nodes.

The top-node command shows what nodes consume.`,
  examples: `
# Show metrics for all nodes
kubectl top node

# Show metrics for a given node
kubectl top node NODE_NAME`,
  flags: [
    ...COMMON,
    {
      name: 'show-capacity',
      type: 'bool',
      usage: "Percentages of the nodes' capacity instead of what can be allocated.",
    },
  ],
  run: topNode,
};

const pod: Command = {
  name: 'pod',
  aliases: ['pods', 'po'],
  use: 'pod [NAME | -l label]',
  short: 'Display resource (CPU/memory) usage of pods',
  long: `Display resource (CPU/memory) usage of pods.

The 'top pod' command shows what pods consume. Metrics of a pod are there a few minutes after it was created.`,
  examples: `
# Show metrics for all pods in the default namespace
kubectl top pod

# Show metrics for all pods in the given namespace
kubectl top pod --namespace=NAMESPACE

# Show metrics for a given pod and its containers
kubectl top pod POD_NAME --containers

# Show metrics for the pods with the label name=myLabel
kubectl top pod -l name=myLabel`,
  flags: [
    ...COMMON,
    ALL_NAMESPACES_FLAG,
    FIELD_SELECTOR_FLAG,
    { name: 'containers', type: 'bool', usage: 'Usage of each container of a pod.' },
    { name: 'sum', type: 'bool', usage: 'The sum of the resource usage' },
  ],
  run: topPod,
};

const command: Command = {
  name: 'top',
  use: 'top',
  flagsInUseLine: true,
  short: 'Display resource (CPU/memory) usage',
  long: `Display resource (CPU/memory) usage.

The top command allows you to see the resource consumption for nodes or pods.

This command requires Metrics Server to be correctly configured and working on the server.`,
  subcommands: [node, pod],
};

export default command;

const cores = ({ cpu }: Usage): number => Quantity.parse(cpu).toNumber() * 1000;
const bytes = ({ memory }: Usage): number => Quantity.parse(memory).toNumber();
const cells = (usage: Usage): string[] => [`${Math.ceil(cores(usage))}m`, `${Math.floor(bytes(usage) / MEBIBYTE)}Mi`];

async function requireMetrics({ flags, factory }: Invocation): Promise<void> {
  const sortBy = flags.string('sort-by');
  if (sortBy && sortBy !== 'cpu' && sortBy !== 'memory') {
    throw new CommandError('--sort-by accepts only cpu or memory');
  }
  parseLabelSelector(flags.string('selector'));
  const versions = await factory.mapper.groupVersions();
  if (!versions.some(({ group }) => group === 'metrics.k8s.io')) throw new CommandError('Metrics API not available');
}

/** The metrics of one object or of those selected, in the order that the flags ask for. */
async function fetchMetrics({ flags, args, factory }: Invocation, path: string): Promise<Metrics[]> {
  const client = await factory.client();
  if (args[0]) return [await client.request<Metrics>('GET', `${path}/${args[0]}`)];
  return client.list<Metrics>(path, {
    labelSelector: flags.string('selector'),
    fieldSelector: flags.has('field-selector') ? flags.string('field-selector') : '',
  });
}

const totalOf = ({ usage, containers = [] }: Metrics): Usage =>
  usage ?? {
    cpu: `${Math.ceil(containers.reduce((sum, each) => sum + cores(each.usage), 0))}m`,
    memory: String(containers.reduce((sum, each) => sum + bytes(each.usage), 0)),
  };

function sorted(metrics: Metrics[], sortBy: string): Metrics[] {
  const amount = (each: Metrics) => (sortBy === 'cpu' ? cores : bytes)(totalOf(each));
  const nameOf = ({ metadata }: Metrics) => `${metadata.namespace ?? ''}/${metadata.name}`;
  return goSort([...metrics], (a, b) => (sortBy ? amount(a) > amount(b) : nameOf(a) < nameOf(b)));
}

function print({ flags, environment }: Invocation, header: string[], rows: string[][]): void {
  const lines = flags.bool('no-headers') ? rows : [header, ...rows];
  environment.io.out(alignTabs(lines.map((line) => `${line.join('\t')}\n`).join(''), TABLE_TABS));
}

async function topNode(invocation: Invocation): Promise<void> {
  const { flags, args, factory } = invocation;
  if (args.length > 1) throw usageError(invocation, node.use);
  if (args.length > 0 && flags.string('selector'))
    throw new CommandError('only one of NAME or --selector can be provided');
  await requireMetrics(invocation);
  const metrics = await fetchMetrics(invocation, `${METRICS}/nodes`);
  if (metrics.length === 0) throw new CommandError('metrics not available yet');
  const nodes = await (await factory.client()).list<Node>('/api/v1/nodes', { labelSelector: flags.string('selector') });
  const rows = sorted(metrics, flags.string('sort-by')).map((each) => {
    const { status } = nodes.find(({ metadata }) => metadata.name === each.metadata.name) ?? {};
    const available = (flags.bool('show-capacity') ? status?.capacity : status?.allocatable) as Usage | undefined;
    const [cpu = '', memory = ''] = cells(each.usage!);
    const percent = (of: (usage: Usage) => number) =>
      available ? `${Math.floor((of(each.usage!) / of(available)) * 100)}%` : '<unknown>';
    return [each.metadata.name, cpu, percent(cores), memory, percent(bytes)];
  });
  print(invocation, ['NAME', 'CPU(cores)', 'CPU(%)', 'MEMORY(bytes)', 'MEMORY(%)'], rows);
}

async function topPod(invocation: Invocation): Promise<void> {
  const { flags, args, factory, environment } = invocation;
  const { namespace } = await factory.namespace();
  if (args.length > 1) throw usageError(invocation, pod.use);
  if (args.length > 0 && (flags.string('selector') || flags.string('field-selector'))) {
    throw new CommandError('only one of NAME or selector can be provided');
  }
  await requireMetrics(invocation);
  const all = flags.bool('all-namespaces');
  const metrics = await fetchMetrics(invocation, all ? `${METRICS}/pods` : `${METRICS}/namespaces/${namespace}/pods`);
  if (metrics.length === 0) {
    environment.io.err(all ? 'No resources found\n' : `No resources found in ${namespace} namespace.\n`);
    return;
  }
  const byContainer = flags.bool('containers');
  const rows = sorted(metrics, flags.string('sort-by')).flatMap((each) => {
    const place = all ? [each.metadata.namespace ?? ''] : [];
    if (!byContainer) return [[...place, each.metadata.name, ...cells(totalOf(each))]];
    return (each.containers ?? []).map(({ name, usage }) => [...place, each.metadata.name, name, ...cells(usage)]);
  });
  const header = [
    ...(all ? ['NAMESPACE'] : []),
    ...(byContainer ? ['POD', 'NAME'] : ['NAME']),
    'CPU(cores)',
    'MEMORY(bytes)',
  ];
  print(invocation, header, rows);
}
