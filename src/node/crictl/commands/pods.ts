import { emitYaml } from '../../../base/yaml/emit.ts';
import type { SandboxRecord } from '../../../types/node-runtime.ts';
import type { NodeHost } from '../../host.ts';
import { type CliCommand, type CliFlag, type CliValues, UsageError } from '../cli.ts';
import { humanDuration, json, mapLines, matchesPattern, nanos, shortId, table } from '../format.ts';
import { sandboxesOf } from '../records.ts';

const title = (state: SandboxRecord['state']): string => (state === 'ready' ? 'Ready' : 'NotReady');

/** A sandbox as ListPodSandbox answers it. */
const toCri = (s: SandboxRecord) => ({
  id: s.id,
  metadata: { name: s.pod.name, uid: s.pod.uid, namespace: s.pod.namespace, attempt: s.attempt },
  state: `SANDBOX_${s.state.toUpperCase()}`,
  createdAt: nanos(s.createdAt),
  labels: s.labels,
  annotations: s.annotations,
  runtimeHandler: s.runtimeHandler,
});

function verbose(s: SandboxRecord): string {
  const t = new Date(Math.floor(s.createdAt)).toISOString();
  const lines = [
    `ID: ${s.id}`,
    `Name: ${s.pod.name}`,
    `UID: ${s.pod.uid}`,
    `Namespace: ${s.pod.namespace}`,
    ...(s.attempt ? [`Attempt: ${s.attempt}`] : []),
    `Status: ${title(s.state)}`,
    `Created: ${t.slice(0, 10)} ${t.slice(11, 23)} +0000 UTC`,
    ...mapLines('Labels', s.labels),
    ...mapLines('Annotations', s.annotations),
    `Runtime: ${s.runtimeHandler || '(default)'}`,
  ];
  return `${lines.join('\n')}\n\n`;
}

/** Flags by which pods and inspectp choose. */
export const POD_FILTERS: CliFlag[] = [
  { name: 'id', type: 'string', usage: 'filter by pod id' },
  { name: 'label', type: 'strings', usage: 'filter by key=value label' },
  {
    name: 'last',
    alias: 'n',
    type: 'int',
    usage: 'Show last n recently created pods. Set 0 for unlimited',
    default: '0',
  },
  { name: 'latest', alias: 'l', type: 'bool', usage: 'Show the most recently created pod' },
  { name: 'name', type: 'string', usage: 'filter by pod name regular expression pattern' },
  { name: 'namespace', type: 'string', usage: 'filter by pod namespace regular expression pattern' },
  { name: 'state', alias: 's', type: 'string', usage: 'filter by pod state' },
];

/** The sandboxes that the flags let through, newest first. */
export function filterPods(host: NodeHost, flags: CliValues): SandboxRecord[] {
  const state = flags.text('state')?.toLowerCase();
  if (state !== undefined && state !== 'ready' && state !== 'notready')
    throw new UsageError('listing pod sandboxes: --state should be ready or notready');
  const test = (flag: string, value: string) => matchesPattern(flags.text(flag), value);
  return sandboxesOf(host)
    .filter((s) => s.id.startsWith(flags.text('id') ?? '') && (state === undefined || s.state === state))
    .filter((s) => test('name', s.pod.name) && test('namespace', s.pod.namespace))
    .filter((s) => flags.all('label').every((label) => s.labels[label.split('=')[0]!] === label.split('=')[1]))
    .slice(0, flags.has('latest') ? 1 : flags.int('last') || undefined);
}

export const pods: CliCommand = {
  name: 'pods',
  summary: 'List pods',
  flags: [
    ...POD_FILTERS,
    { name: 'no-trunc', type: 'bool', usage: 'Show output without truncating the ID' },
    { name: 'output', alias: 'o', type: 'string', usage: 'Output format, One of: json|yaml|table', default: '"table"' },
    { name: 'quiet', alias: 'q', type: 'bool', usage: 'list only pod IDs' },
    { name: 'verbose', alias: 'v', type: 'bool', usage: 'show verbose info for pods' },
  ],
  run({ host, flags }) {
    const found = filterPods(host, flags);
    const whole = flags.has('no-trunc');
    const text = () => {
      if (flags.text('output') === 'json') return json({ items: found.map(toCri) });
      if (flags.text('output') === 'yaml') return `${emitYaml({ items: found.map(toCri) })}\n`;
      if (flags.has('quiet')) return found.map((s) => `${s.id}\n`).join('');
      if (flags.has('verbose')) return found.map(verbose).join('');
      const head = ['POD ID', 'CREATED', 'STATE', 'NAME', 'NAMESPACE', 'ATTEMPT', 'RUNTIME'];
      const rows = found.map((s) => [
        shortId(s.id, whole),
        `${humanDuration(host.now() - s.createdAt)} ago`,
        title(s.state),
        s.pod.name,
        s.pod.namespace,
        String(s.attempt),
        s.runtimeHandler || '(default)',
      ]);
      return table([head, ...rows]);
    };
    return { stdout: text(), stderr: '', code: 0 };
  },
};
