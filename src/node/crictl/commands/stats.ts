import { emitYaml } from '../../../base/yaml/emit.ts';
import type { ContainerRecord } from '../../../types/node-runtime.ts';
import type { NodeHost } from '../../host.ts';
import type { CliCommand, CliFlag, CliValues } from '../cli.ts';
import { humanSize, json, nanos, shortId, table } from '../format.ts';
import { containersOf, sandboxesOf } from '../records.ts';

/** What a container's writable layer holds in the simulation: a directory's worth of it. */
const LAYER_BYTES = 28_672;
const LAYER_INODES = 10;
/** Clears the terminal, as crictl does before each table of statistics. */
const CLEAR = '\x1b[2J\x1b[H';

const COMMON: CliFlag[] = [
  { name: 'label', type: 'strings', usage: 'Filter by key=value label' },
  { name: 'output', alias: 'o', type: 'string', usage: 'Output format, One of: json|yaml|table' },
  { name: 'seconds', alias: 's', type: 'int', usage: 'Sample duration for CPU usage in seconds', default: '1' },
  { name: 'watch', alias: 'w', type: 'bool', usage: 'Watch pod resources' },
];

const hasLabels = (labels: Record<string, string>, flags: CliValues): boolean =>
  flags.all('label').every((label) => labels[label.split('=')[0]!] === label.split('=')[1]);

const byId = <T extends { id: string }>(a: T, b: T): number => (a.id < b.id ? -1 : 1);

/** CPU of a sample of one second, in per cent of a core. */
const share = (host: NodeHost, c: ContainerRecord, cpu: number): string => {
  const seconds = (host.now() - (c.startedAt ?? c.createdAt)) / 1000;
  return (seconds > 0 ? (cpu / 1e9 / seconds) * 100 : 0).toFixed(2);
};

/** A container's statistics as ListContainerStats answers them. */
function containerStats(host: NodeHost, c: ContainerRecord): Record<string, unknown> {
  const used = host.runtime.usage(c.id);
  const timestamp = nanos(host.now());
  const value = (n: number) => ({ value: String(Math.round(n)) });
  return {
    attributes: {
      id: c.id,
      metadata: { name: c.name, attempt: c.attempt },
      labels: c.labels,
      annotations: c.annotations,
    },
    ...(used && {
      cpu: {
        timestamp,
        usageCoreNanoSeconds: value(used.cpu),
        usageNanoCores: value(used.cpu / Math.max(1, (host.now() - c.createdAt) / 1000)),
        psi: null,
      },
      memory: {
        timestamp,
        workingSetBytes: value(used.memory),
        availableBytes: value(0),
        usageBytes: value(used.memory),
        rssBytes: value(used.memory),
        pageFaults: value(0),
        majorPageFaults: value(0),
        psi: null,
      },
    }),
    writableLayer: {
      timestamp,
      fsId: { mountpoint: '/var/lib/containerd/io.containerd.snapshotter.v1.overlayfs' },
      usedBytes: value(LAYER_BYTES),
      inodesUsed: value(LAYER_INODES),
    },
    swap: null,
  };
}

const answer = (flags: CliValues, value: () => unknown, text: () => string) => {
  const output = flags.text('output');
  const stdout = output === 'json' ? json(value()) : output === 'yaml' ? `${emitYaml(value())}\n` : text();
  return { stdout, stderr: '', code: 0 };
};

const stats: CliCommand = {
  name: 'stats',
  summary: 'List container(s) resource usage statistics',
  arguments: '[ID]',
  flags: [
    { name: 'all', alias: 'a', type: 'bool', usage: 'Show all containers (default shows just running)' },
    { name: 'id', type: 'string', usage: 'Filter by container id' },
    { name: 'pod', alias: 'p', type: 'string', usage: 'Filter by pod id' },
    ...COMMON,
  ],
  run({ host, flags, args }) {
    const id = flags.text('id') ?? args[0] ?? '';
    const found = containersOf(host)
      .filter((c) => c.id.startsWith(id) && c.sandbox.startsWith(flags.text('pod') ?? '') && hasLabels(c.labels, flags))
      .sort(byId);
    const rows = found.flatMap((c) => {
      const used = host.runtime.usage(c.id);
      if (!used && !flags.has('all')) return [];
      return [
        [
          shortId(c.id),
          c.name,
          used ? share(host, c, used.cpu) : '0.00',
          humanSize(used?.memory ?? 0, 4),
          humanSize(LAYER_BYTES, 4),
          String(LAYER_INODES),
          '0B',
        ],
      ];
    });
    const head = ['CONTAINER', 'NAME', 'CPU %', 'MEM', 'DISK', 'INODES', 'SWAP'];
    return answer(
      flags,
      () => ({ stats: found.map((c) => containerStats(host, c)) }),
      () => CLEAR + table([head, ...rows]),
    );
  },
};

const statsp: CliCommand = {
  name: 'statsp',
  summary:
    "List pod statistics. Stats represent a structured API that will fulfill the Kubelet's /stats/summary endpoint.",
  arguments: '[ID]',
  flags: [{ name: 'id', type: 'string', usage: 'Filter by pod id' }, ...COMMON],
  run({ host, flags, args }) {
    const id = flags.text('id') ?? args[0] ?? '';
    const found = sandboxesOf(host)
      .filter((s) => s.state === 'ready' && s.id.startsWith(id) && hasLabels(s.labels, flags))
      .sort(byId);
    const running = (sandbox: string) =>
      containersOf(host).filter((c) => c.sandbox === sandbox && c.state === 'running');
    const rows = found.map((s) => {
      const used = running(s.id).map((c) => ({ c, usage: host.runtime.usage(c.id)! }));
      const cpu = used.reduce((sum, { c, usage }) => sum + Number(share(host, c, usage.cpu)), 0);
      const memory = used.reduce((sum, { usage }) => sum + usage.memory, 0);
      return [s.pod.name, shortId(s.id), cpu.toFixed(2), humanSize(memory, 4)];
    });
    return answer(
      flags,
      () => ({
        stats: found.map((s) => ({
          attributes: {
            id: s.id,
            metadata: { ...s.pod, attempt: s.attempt },
            labels: s.labels,
            annotations: s.annotations,
          },
          linux: { containers: running(s.id).map((c) => containerStats(host, c)) },
          windows: null,
        })),
      }),
      () => CLEAR + table([['POD', 'POD ID', 'CPU %', 'MEM'], ...rows]),
    );
  },
};

export const statistics: CliCommand[] = [stats, statsp];
