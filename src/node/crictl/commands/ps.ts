import { emitYaml } from '../../../base/yaml/emit.ts';
import type { ContainerRecord } from '../../../types/node-runtime.ts';
import type { NodeHost } from '../../host.ts';
import { type CliCommand, type CliFlag, type CliValues, UsageError } from '../cli.ts';
import { humanDuration, json, mapLines, matchesPattern, nanos, shortId, table } from '../format.ts';
import { containersOf, findImage } from '../records.ts';

const STATES: Record<string, ContainerRecord['state'] | 'unknown'> = {
  created: 'created',
  running: 'running',
  exited: 'exited',
  unknown: 'unknown',
};
const title = (state: string): string => state[0]!.toUpperCase() + state.slice(1);

/** Flags by which ps, inspect, stop and exec choose containers. */
export const CONTAINER_FILTERS: CliFlag[] = [
  { name: 'image', type: 'string', usage: 'Filter by container image' },
  { name: 'label', type: 'strings', usage: 'Filter by key=value label' },
  {
    name: 'last',
    alias: 'n',
    type: 'int',
    usage: 'Show last n recently created containers (includes all states). Set 0 for unlimited.',
    default: '0',
  },
  { name: 'latest', alias: 'l', type: 'bool', usage: 'Show the most recently created container (includes all states)' },
  { name: 'name', type: 'string', usage: 'Filter by container name regular expression pattern' },
  { name: 'namespace', type: 'string', usage: 'Filter by pod namespace regular expression pattern' },
  { name: 'pod', alias: 'p', type: 'string', usage: 'Filter by pod id' },
  { name: 'state', alias: 's', type: 'string', usage: 'Filter by container state' },
];

/** The containers that the flags let through, newest first. */
export function filterContainers(host: NodeHost, flags: CliValues, onlyRunning: boolean): ContainerRecord[] {
  const state = flags.text('state');
  if (state !== undefined && !STATES[state.toLowerCase()])
    throw new UsageError('list containers: --state should be one of created, running, exited or unknown');
  const imageFlag = flags.text('image');
  const image = imageFlag === undefined ? undefined : findImage(host, imageFlag);
  if (imageFlag !== undefined && !image) return [];
  const labels = flags.all('label').map((label) => label.split('='));
  const last = flags.has('latest') ? 1 : flags.int('last') || undefined;
  const running = onlyRunning && state === undefined && last === undefined;
  return containersOf(host)
    .filter((c) => (state === undefined ? !running || c.state === 'running' : c.state === STATES[state.toLowerCase()]))
    .filter((c) => c.id.startsWith(flags.text('id') ?? '') && c.sandbox.startsWith(flags.text('pod') ?? ''))
    .filter((c) => matchesPattern(flags.text('name'), c.name))
    .filter((c) => matchesPattern(flags.text('namespace'), c.pod.namespace))
    .filter((c) => (!image || c.imageID === image.id) && labels.every(([key, value]) => c.labels[key!] === value))
    .slice(0, last);
}

/** A container as ListContainers answers it. */
const toCri = (c: ContainerRecord) => ({
  id: c.id,
  podSandboxId: c.sandbox,
  metadata: { name: c.name, attempt: c.attempt },
  image: { image: c.imageID, annotations: {}, userSpecifiedImage: '', runtimeHandler: '', imageRef: '' },
  imageRef: c.imageID,
  state: `CONTAINER_${c.state.toUpperCase()}`,
  createdAt: nanos(c.createdAt),
  labels: c.labels,
  annotations: c.annotations,
  imageId: '',
});

function verbose(c: ContainerRecord, now: number): string {
  const lines = [
    `ID: ${c.id}`,
    `PodID: ${c.sandbox}`,
    `Namespace: ${c.pod.namespace}`,
    `Name: ${c.name}`,
    `Attempt: ${c.attempt}`,
    `State: ${title(c.state)}`,
    `Image: ${c.imageID}`,
    `Created: ${humanDuration(now - c.createdAt)} ago`,
    ...mapLines('Labels', c.labels),
    ...mapLines('Annotations', c.annotations),
  ];
  return `${lines.join('\n')}\n\n`;
}

export const ps: CliCommand = {
  name: 'ps',
  summary: 'List containers',
  flags: [
    ...CONTAINER_FILTERS,
    { name: 'all', alias: 'a', type: 'bool', usage: 'Show all containers' },
    { name: 'id', type: 'string', usage: 'Filter by container id' },
    { name: 'no-trunc', type: 'bool', usage: 'Show output without truncating the ID' },
    { name: 'output', alias: 'o', type: 'string', usage: 'Output format, One of: json|yaml|table', default: '"table"' },
    { name: 'quiet', alias: 'q', type: 'bool', usage: 'Only display container IDs' },
    { name: 'resolve-image-path', alias: 'r', type: 'bool', usage: 'Show image path instead of image id' },
    { name: 'verbose', alias: 'v', type: 'bool', usage: 'Show verbose information for containers' },
  ],
  run({ host, flags }) {
    const output = flags.text('output') ?? 'table';
    if (!['json', 'yaml', 'table'].includes(output))
      throw new UsageError(`listing containers: unsupported output format ${JSON.stringify(output)}`);
    let found: ContainerRecord[];
    try {
      found = filterContainers(host, flags, !flags.has('all'));
    } catch (error) {
      throw new UsageError(`listing containers: ${(error as Error).message}`);
    }
    const whole = flags.has('no-trunc');
    const text = () => {
      if (output === 'json') return json({ containers: found.map(toCri) });
      if (output === 'yaml') return `${emitYaml({ containers: found.map(toCri) })}\n`;
      if (flags.has('quiet')) return found.map((c) => `${c.id}\n`).join('');
      if (flags.has('verbose')) return found.map((c) => verbose(c, host.now())).join('');
      const head = ['CONTAINER', 'IMAGE', 'CREATED', 'STATE', 'NAME', 'ATTEMPT', 'POD ID', 'POD', 'NAMESPACE'];
      const rows = found.map((c) => [
        shortId(c.id, whole),
        flags.has('resolve-image-path') ? c.imageName : shortId(c.imageID, whole),
        `${humanDuration(host.now() - c.createdAt)} ago`,
        title(c.state),
        c.name,
        String(c.attempt),
        shortId(c.sandbox, whole),
        c.pod.name,
        c.pod.namespace,
      ]);
      return table([head, ...rows]);
    };
    return { stdout: text(), stderr: '', code: 0 };
  },
};
