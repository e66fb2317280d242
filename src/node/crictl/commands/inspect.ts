import { goJson } from '../../../base/go-json.ts';
import { emitYaml } from '../../../base/yaml/emit.ts';
import type { CommandResult } from '../../../sh/process.ts';
import type { ContainerRecord, ImageRecord, SandboxRecord } from '../../../types/node-runtime.ts';
import { CriError, type NodeHost } from '../../host.ts';
import { type CliCommand, type CliFlag, logLine, statusFailed, UsageError } from '../cli.ts';
import { humanDuration, mapLines } from '../format.ts';
import { byId, containersOf, findImage, imagesOf, sandboxesOf } from '../records.ts';
import { containerStatus, imageStatus, sandboxStatus } from '../status.ts';
import { IMAGE_FILTER, matches } from './images.ts';
import { filterPods, POD_FILTERS } from './pods.ts';
import { CONTAINER_FILTERS, filterContainers } from './ps.ts';

const OUTPUT: CliFlag[] = [
  { name: 'output', alias: 'o', type: 'string', usage: 'Output format, One of: json|yaml|go-template|table' },
  { name: 'quiet', alias: 'q', type: 'bool', usage: 'Do not show verbose information' },
  { name: 'template', type: 'string', usage: 'A Go template; needs --output go-template' },
];

type Status = Record<string, unknown> & { info?: unknown; status: Record<string, unknown> };

interface Subject<T> {
  name: string;
  summary: string;
  argument: string;
  service?: 'image';
  flags: CliFlag[];
  all(host: NodeHost, flags: Parameters<CliCommand['run']>[0]['flags']): T[];
  find(host: NodeHost, id: string): T;
  status(host: NodeHost, record: T): Record<string, unknown>;
  /** Lines of `-o table`. */
  lines(host: NodeHost, record: T): string[];
  /** Standard error for an id that is not there. */
  missing(host: NodeHost, id: string, error: Error): string;
}

function toCommand<T>(subject: Subject<T>): CliCommand {
  return {
    name: subject.name,
    summary: subject.summary,
    arguments: `${subject.argument} [${subject.argument}...]`,
    service: subject.service,
    flags: [...OUTPUT, ...subject.flags],
    async run({ host, flags, args }): Promise<CommandResult> {
      const records: T[] = [];
      for (const id of args) {
        try {
          records.push(subject.find(host, id));
        } catch (error) {
          return { stdout: '', stderr: subject.missing(host, id, error as Error), code: 1 };
        }
      }
      if (args.length === 0) records.push(...subject.all(host, flags));
      const values = records.map((record) => {
        const { info, ...rest } = subject.status(host, record) as Status;
        return flags.has('quiet') ? rest : { info, ...rest };
      });
      const ok = (stdout: string) => ({ stdout, stderr: '', code: 0 });
      const answer = values.length === 1 ? values[0] : values;
      const output = flags.text('output') || 'json';
      if (output === 'json') return ok(`${goJson(answer, { indent: '  ', sortKeys: true })}\n`);
      if (output === 'yaml') return ok(`${emitYaml(answer)}\n`);
      if (output === 'table') {
        const info = (i: number) => ('info' in values[i]! ? [`Info: ${goJson(values[i]!.info)}`] : []);
        return ok(records.map((record, i) => `${[...subject.lines(host, record), ...info(i)].join('\n')}\n`).join(''));
      }
      if (output !== 'go-template') throw new UsageError(`unsupported output format ${JSON.stringify(output)}`);
      const { executeTemplate } = await import('../../../base/go-template/index.ts');
      return ok(`${values.map((value) => executeTemplate(flags.text('template') ?? '', value)).join('\n')}\n`);
    },
  };
}

export const inspections: CliCommand[] = [
  toCommand<ContainerRecord>({
    name: 'inspect',
    summary: 'Display the status of one or more containers',
    argument: 'CONTAINER-ID',
    flags: [...CONTAINER_FILTERS, { name: 'all', alias: 'a', type: 'bool', usage: 'Show all containers' }],
    all: (host, flags) => filterContainers(host, flags, !flags.has('all')),
    find: (host, id) => byId(containersOf(host), id, 'container'),
    status: (host, record) => containerStatus(host, sandboxesOf(host), record),
    lines: (host, c) => [
      `ID: ${c.id}`,
      `Name: ${c.name}`,
      `State: CONTAINER_${c.state.toUpperCase()}`,
      `Created: ${humanDuration(host.now() - c.createdAt)} ago`,
      ...(c.state !== 'created' ? [`Started: ${humanDuration(host.now() - (c.startedAt ?? c.createdAt))} ago`] : []),
      ...(c.state === 'exited'
        ? [
            `Finished: ${humanDuration(host.now() - (c.finishedAt ?? c.createdAt))} ago`,
            `Exit Code: ${c.exitCode ?? 0}`,
          ]
        : []),
      ...mapLines('Labels', c.labels),
      ...mapLines('Annotations', c.annotations),
    ],
    missing(host, id, error) {
      const rpc = (error as CriError).toRpc();
      return (
        statusFailed(host.now(), id, rpc) +
        logLine(host.now(), `get the status of containers: get container status: ${rpc}`)
      );
    },
  }),
  toCommand<SandboxRecord>({
    name: 'inspectp',
    summary: 'Display the status of one or more pods',
    argument: 'POD-ID',
    flags: POD_FILTERS,
    all: filterPods,
    find: (host, id) => byId(sandboxesOf(host), id, 'sandbox'),
    status: sandboxStatus,
    lines: (_host, s) => [
      `ID: ${s.id}`,
      `Name: ${s.pod.name}`,
      `UID: ${s.pod.uid}`,
      `Namespace: ${s.pod.namespace}`,
      `Attempt: ${s.attempt}`,
      `Status: SANDBOX_${s.state.toUpperCase()}`,
      `Created: ${new Date(Math.floor(s.createdAt)).toISOString().replace('T', ' ').replace('Z', '')} +0000 UTC`,
      ...(s.hostNetwork ? [] : [`IP Addresses: ${s.ip}`]),
      ...mapLines('Labels', s.labels),
      ...mapLines('Annotations', s.annotations),
    ],
    missing: (host, id, error) =>
      logLine(host.now(), `getting the pod sandbox status for ${JSON.stringify(id)}: ${(error as CriError).toRpc()}`),
  }),
  toCommand<ImageRecord>({
    name: 'inspecti',
    summary: 'Return the status of one or more images',
    argument: 'IMAGE-ID',
    service: 'image',
    flags: [IMAGE_FILTER, { name: 'name', type: 'string', usage: 'Filter by image name' }],
    all: (host, flags) =>
      flags.all('filter').reduce((list, filter) => list.filter((image) => matches(image, filter)), imagesOf(host)),
    find(host, id) {
      const image = findImage(host, id);
      if (!image) throw new CriError('NotFound', `no such image ${JSON.stringify(id)} present`);
      return image;
    },
    status: imageStatus,
    lines: (_host, i) => [
      `ID: ${i.id}`,
      ...i.repoTags.map((tag) => `Tag: ${tag}`),
      ...i.repoDigests.map((digest) => `Digest: ${digest}`),
      `Size: ${i.size}`,
    ],
    missing: (host, id) => logLine(host.now(), `no such image ${JSON.stringify(id)} present`),
  }),
];
