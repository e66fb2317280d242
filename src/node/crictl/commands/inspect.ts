import { emitYaml } from '../../../base/yaml/emit.ts';
import type { CommandResult } from '../../../sh/process.ts';
import type { ContainerRecord, ImageRecord, SandboxRecord } from '../../../types/node-runtime.ts';
import { CriError, type NodeHost } from '../../host.ts';
import { type CliCommand, type CliFlag, logLine, rpcLine } from '../cli.ts';
import { json } from '../format.ts';
import { byId, containersOf, findImage, imagesOf, sandboxesOf } from '../records.ts';
import { CONTAINER_FILTERS, filterContainers } from './ps.ts';

const OUTPUT: CliFlag[] = [
  {
    name: 'output',
    alias: 'o',
    type: 'string',
    usage: 'Output format, One of: json|yaml|go-template|table',
    default: '"json"',
  },
  { name: 'quiet', alias: 'q', type: 'bool', usage: 'Do not show verbose information' },
  {
    name: 'template',
    type: 'string',
    usage: 'The template string is only used when output is go-template; The Template format is golang template',
  },
];

const time = (ms: number | undefined): string =>
  ms ? new Date(Math.floor(ms)).toISOString().replace('Z', '000000Z') : '0001-01-01T00:00:00Z';

/** A container as ContainerStatus answers it. */
function containerStatus(c: ContainerRecord): Record<string, unknown> {
  return {
    info: {
      config: {
        annotations: c.annotations,
        envs: Object.entries(c.env).map(([key, value]) => ({ key, value })),
        image: { image: c.imageID },
        labels: c.labels,
        log_path: c.logPath.split('/').slice(-2).join('/'),
        metadata: { ...(c.attempt && { attempt: c.attempt }), name: c.name },
      },
      pid: c.state === 'running' ? c.pid : 0,
      removing: false,
      sandboxID: c.sandbox,
    },
    status: {
      annotations: c.annotations,
      createdAt: time(c.createdAt),
      exitCode: c.exitCode ?? 0,
      finishedAt: time(c.finishedAt),
      id: c.id,
      image: { annotations: {}, image: c.imageName, runtimeHandler: '', userSpecifiedImage: '' },
      imageId: '',
      imageRef: c.imageRef,
      labels: c.labels,
      logPath: c.logPath,
      message: c.message ?? '',
      metadata: { attempt: c.attempt, name: c.name },
      mounts: c.mounts.map((m) => ({
        containerPath: m.containerPath,
        gidMappings: [],
        hostPath: m.hostPath,
        image: null,
        imageSubPath: '',
        propagation: 'PROPAGATION_PRIVATE',
        readonly: m.readOnly,
        recursiveReadOnly: false,
        selinuxRelabel: false,
        uidMappings: [],
      })),
      reason: c.reason ?? '',
      resources: null,
      startedAt: time(c.startedAt),
      state: `CONTAINER_${c.state.toUpperCase()}`,
      stopSignal: 'RUNTIME_DEFAULT',
      user: null,
    },
  };
}

/** A sandbox as PodSandboxStatus answers it. */
function sandboxStatus(s: SandboxRecord): Record<string, unknown> {
  return {
    info: {
      config: {
        annotations: s.annotations,
        hostname: s.hostname,
        labels: s.labels,
        log_directory: s.logDirectory,
        metadata: { ...s.pod },
      },
      pid: s.pid,
    },
    status: {
      annotations: s.annotations,
      containersStatuses: [],
      createdAt: time(s.createdAt),
      id: s.id,
      labels: s.labels,
      linux: {
        namespaces: {
          options: {
            ipc: 'POD',
            network: s.hostNetwork ? 'NODE' : 'POD',
            pid: 'CONTAINER',
            targetId: '',
            usernsOptions: null,
          },
        },
      },
      metadata: { attempt: s.attempt, name: s.pod.name, namespace: s.pod.namespace, uid: s.pod.uid },
      network: { additionalIps: [], ip: s.hostNetwork ? '' : s.ip },
      runtimeHandler: s.runtimeHandler,
      state: `SANDBOX_${s.state.toUpperCase()}`,
    },
  };
}

/** An image as ImageStatus answers it. */
function imageStatus(i: ImageRecord): Record<string, unknown> {
  return {
    status: {
      id: i.id,
      pinned: i.pinned ?? false,
      repoDigests: i.repoDigests,
      repoTags: i.repoTags,
      size: String(i.size),
      spec: null,
      uid: null,
      username: i.user,
    },
  };
}

interface Subject<T> {
  name: string;
  summary: string;
  argument: string;
  flags?: CliFlag[];
  all(host: NodeHost, flags: Parameters<CliCommand['run']>[0]['flags']): T[];
  find(host: NodeHost, id: string): T;
  status(record: T): Record<string, unknown>;
  /** Standard error for an id that is not there. */
  missing(host: NodeHost, id: string, error: Error): string;
}

function toCommand<T>(subject: Subject<T>): CliCommand {
  return {
    name: subject.name,
    summary: subject.summary,
    arguments: `[${subject.argument}...]`,
    flags: [...OUTPUT, ...(subject.flags ?? [])],
    async run({ host, flags, args }): Promise<CommandResult> {
      const found: T[] = [];
      for (const id of args) {
        try {
          found.push(subject.find(host, id));
        } catch (error) {
          return { stdout: '', stderr: subject.missing(host, id, error as Error), code: 1 };
        }
      }
      const records = args.length ? found : subject.all(host, flags);
      const values = records.map(subject.status);
      if (flags.has('quiet')) for (const value of values) delete value.info;
      const answer = values.length === 1 ? values[0] : values;
      if (flags.text('output') === 'yaml') return { stdout: emitYaml(answer), stderr: '', code: 0 };
      if (flags.text('output') === 'go-template') {
        const { executeTemplate } = await import('../../../base/go-template/index.ts');
        return {
          stdout: `${values.map((value) => executeTemplate(flags.text('template') ?? '', value)).join('\n')}\n`,
          stderr: '',
          code: 0,
        };
      }
      return { stdout: json(answer), stderr: '', code: 0 };
    },
  };
}

export const inspections: CliCommand[] = [
  toCommand<ContainerRecord>({
    name: 'inspect',
    summary: 'Display the status of one or more containers',
    argument: 'CONTAINER-ID',
    flags: CONTAINER_FILTERS,
    all: (host, flags) => filterContainers(host, flags, false),
    find: (host, id) => byId(containersOf(host), id, 'container'),
    status: containerStatus,
    missing(host, id, error) {
      const rpc = (error as CriError).toRpc();
      const klog = rpcLine(
        host.now(),
        'remote_runtime.go:569',
        'ContainerStatus from runtime service failed',
        rpc,
        `containerID=${JSON.stringify(id)}`,
      );
      return (
        klog +
        logLine(
          host.now(),
          `get the status of containers: getting the status of the container ${JSON.stringify(id)}: ${rpc}`,
        )
      );
    },
  }),
  toCommand<SandboxRecord>({
    name: 'inspectp',
    summary: 'Display the status of one or more pods',
    argument: 'POD-ID',
    all: (host) => sandboxesOf(host),
    find: (host, id) => byId(sandboxesOf(host), id, 'sandbox'),
    status: sandboxStatus,
    missing: (host, id, error) =>
      logLine(host.now(), `getting the pod sandbox status for ${JSON.stringify(id)}: ${(error as CriError).toRpc()}`),
  }),
  toCommand<ImageRecord>({
    name: 'inspecti',
    summary: 'Return the status of one or more images',
    argument: 'IMAGE-ID',
    all: (host) => imagesOf(host),
    find(host, id) {
      const image = findImage(host, id);
      if (!image) throw new CriError('NotFound', `no such image ${JSON.stringify(id)} present`);
      return image;
    },
    status: imageStatus,
    missing: (host, id) => logLine(host.now(), `no such image ${JSON.stringify(id)} present`),
  }),
];
