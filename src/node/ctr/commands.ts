import { createHash } from 'node:crypto';
import { readJsonAsset } from '../../base/assets.ts';
import { alignTabs } from '../../base/tabwriter.ts';
import { ok } from '../../sh/tools/tool.ts';
import {
  type ContainerRecord,
  type ImageRecord,
  RUNTIME_SECTIONS,
  type SandboxRecord,
} from '../../types/node-runtime.ts';
import { containersOf, findImage, imagesOf, sandboxesOf } from '../crictl/records.ts';
import { containerSpec, sandboxSpec } from '../crictl/runtime-spec.ts';
import { CriError, type NodeHost } from '../host.ts';
import { type CtrCall, type CtrCommand, CtrError, type CtrFlag } from './cli.ts';
import { content, leases } from './content.ts';

/** The namespace in which the kubelet's containers are. */
const KUBERNETES = 'k8s.io';
const NAMESPACES = 'ctr/namespaces';

const QUIET: CtrFlag = { names: 'quiet, q', usage: 'print the names alone' };
const NARROW = { minWidth: 1, tabWidth: 8, padding: 1 };
const WIDE = { minWidth: 4, tabWidth: 8, padding: 4 };
const table = (rows: string[][], tabs: typeof NARROW): string =>
  alignTabs(rows.map((row) => `${row.join('\t')}\t\n`).join(''), tabs);

/** `1.0 MiB`: with one decimal. */
function binarySize(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB'];
  let size = bytes;
  let unit = 0;
  while (size >= 1024 && unit < units.length - 1) {
    size /= 1024;
    unit++;
  }
  return `${size.toFixed(1)} ${units[unit]}`;
}

/** Names under which containerd keeps an image: its tags, its digests, its id. */
const referencesOf = (image: ImageRecord): string[] => [...image.repoTags, ...image.repoDigests, image.id];

interface Listed {
  reference: string;
  image: ImageRecord;
}

const listed = ({ host, namespace, args }: CtrCall): Listed[] => {
  if (namespace !== KUBERNETES) return [];
  const all = imagesOf(host).flatMap((image) => referencesOf(image).map((reference) => ({ reference, image })));
  const filters = args.map((filter) => /^name(==|~=)"?(.*?)"?$/.exec(filter)).filter((match) => match !== null);
  return all
    .filter(
      ({ reference }) =>
        filters.length === 0 ||
        filters.some(([, operator, text = '']) =>
          operator === '==' ? reference === text : new RegExp(text).test(reference),
        ),
    )
    .sort((a, b) => (a.reference < b.reference ? -1 : 1));
};

const digestOf = (image: ImageRecord): string => image.repoDigests[0]?.split('@')[1] ?? image.id;

function imageOf({ host, namespace }: CtrCall, reference: string): ImageRecord {
  const found =
    namespace === KUBERNETES ? imagesOf(host).find((image) => referencesOf(image).includes(reference)) : undefined;
  if (!found) throw new CtrError(`image ${JSON.stringify(reference)}: not found`);
  return found;
}

function saveImage(host: NodeHost, image: ImageRecord): void {
  host.state.section<ImageRecord>(RUNTIME_SECTIONS.images).set(`${host.name}/${image.id}`, image);
}

const images: CtrCommand = {
  names: 'images, image, i',
  summary: 'manage images',
  commands: [
    {
      names: 'check',
      summary: 'check that all content of images is there',
      flags: [QUIET],
      run(call) {
        const rows = listed(call).map(({ reference, image }) => {
          const size = binarySize(image.size);
          return [
            reference,
            'application/vnd.docker.distribution.manifest.v2+json',
            digestOf(image),
            'complete (2/2)',
            `${size}/${size}`,
            'true',
          ];
        });
        return ok(table([['REF', 'TYPE', 'DIGEST', 'STATUS', 'SIZE', 'UNPACKED'], ...rows], NARROW));
      },
    },
    {
      names: 'export',
      summary: 'export images',
      arguments: '[flags] <out> <image> ...',
      run(call) {
        const [out, ...references] = call.args;
        if (!out || references.length === 0)
          throw new CtrError('please provide both an output filename and an image reference');
        const found = references.map((reference) => imageOf(call, reference));
        // What the kubelet pulled was unpacked and its layers dropped.
        throw new CtrError(`failed to get reader: content digest ${found[0]!.id}: not found`);
      },
    },
    { names: 'import', summary: 'import images', arguments: '[flags] <in>' },
    {
      names: 'list, ls',
      summary: 'list images known to containerd',
      arguments: '[flags] [<filter>, ...]',
      flags: [QUIET],
      run(call) {
        const found = listed(call);
        if (call.flag('quiet')) return ok(found.map(({ reference }) => `${reference}\n`).join(''));
        const rows = found.map(({ reference, image }) => [
          reference,
          'application/vnd.docker.distribution.manifest.v2+json',
          digestOf(image),
          binarySize(image.size),
          'linux/amd64',
          'io.cri-containerd.image=managed',
        ]);
        return ok(table([['REF', 'TYPE', 'DIGEST', 'SIZE', 'PLATFORMS', 'LABELS'], ...rows], NARROW));
      },
    },
    { names: 'mount', summary: 'mount an image at a path', arguments: '[flags] <ref> <target>' },
    { names: 'unmount', summary: 'unmount an image', arguments: '[flags] <target>' },
    {
      names: 'pull',
      summary: 'pull an image from a remote',
      arguments: '[flags] <ref>',
      flags: [
        { names: 'platform', usage: 'whose content to pull', valued: true },
        { names: 'all-platforms', usage: 'pull content of all platforms' },
      ],
      run({ host, args: [reference] }) {
        if (!reference) throw new CtrError('please provide an image reference to pull');
        try {
          const id = host.runtime.pullImage(reference);
          const digest = digestOf(imagesOf(host).find((image) => image.id === id)!);
          return ok(`${reference}: resolved\nunpacking linux/amd64 ${digest}...\ndone: 1.2s\n`);
        } catch (error) {
          if (!(error instanceof CriError)) throw error;
          throw new CtrError(error.message.replace(/^failed to pull and unpack image "[^"]*": /, ''));
        }
      },
    },
    { names: 'push', summary: 'push an image to a remote', arguments: '[flags] <remote> [<local>]' },
    {
      names: 'delete, del, remove, rm',
      summary: 'remove one or more images by reference',
      arguments: '[flags] <ref> [<ref>, ...]',
      flags: [{ names: 'sync', usage: 'wait until the resources are removed' }],
      run(call) {
        for (const reference of call.args) {
          const image = imageOf(call, reference);
          const rest = {
            ...image,
            repoTags: image.repoTags.filter((tag) => tag !== reference),
            repoDigests: image.repoDigests.filter((digest) => digest !== reference),
          };
          if (reference === image.id || rest.repoTags.length + rest.repoDigests.length === 0)
            call.host.runtime.removeImage(image.id);
          else saveImage(call.host, rest);
        }
        return ok(call.args.map((reference) => `${reference}\n`).join(''));
      },
    },
    {
      names: 'tag',
      summary: 'tag an image',
      arguments: '[flags] <source_ref> <target_ref> [<target_ref>, ...]',
      flags: [{ names: 'force', usage: 'replace a reference that is there' }],
      run(call) {
        const [source, ...targets] = call.args;
        if (!source) throw new CtrError('please provide a source image name');
        if (targets.length === 0) throw new CtrError('please provide a target image name');
        for (const target of targets) {
          const image = imageOf(call, source);
          const taken = imagesOf(call.host).find((other) => other.repoTags.includes(target));
          if (taken && !call.flag('force')) throw new CtrError(`image ${JSON.stringify(target)}: already exists`);
          if (taken) saveImage(call.host, { ...taken, repoTags: taken.repoTags.filter((tag) => tag !== target) });
          saveImage(call.host, { ...image, repoTags: [...image.repoTags, target].sort() });
        }
        return ok(targets.map((target) => `${target}\n`).join(''));
      },
    },
    { names: 'label', summary: 'set and clear labels for an image', arguments: '[flags] <name> [<label>=<value> ...]' },
    { names: 'convert', summary: 'convert an image', arguments: '[flags] <source_ref> <target_ref>' },
  ],
};

interface Entry {
  id: string;
  image: string;
  pid: number;
  running: boolean;
  container?: ContainerRecord;
  sandbox: SandboxRecord | undefined;
}

/** Containers and sandboxes are all the same to containerd. */
function entries({ host, namespace }: Pick<CtrCall, 'host' | 'namespace'>): Entry[] {
  if (namespace !== KUBERNETES) return [];
  const sandboxes = sandboxesOf(host);
  const pods = sandboxes.map(
    (sandbox): Entry => ({
      id: sandbox.id,
      image: 'registry.k8s.io/pause:3.10',
      pid: sandbox.pid,
      running: sandbox.state === 'ready',
      sandbox,
    }),
  );
  const own = containersOf(host).map(
    (container): Entry => ({
      id: container.id,
      image: container.imageName,
      pid: container.pid,
      running: container.state === 'running',
      container,
      sandbox: sandboxes.find(({ id }) => id === container.sandbox),
    }),
  );
  return [...pods, ...own].sort((a, b) => (a.id < b.id ? -1 : 1));
}

function entryOf(call: CtrCall, id: string | undefined): Entry {
  if (!id) throw new CtrError('container id must be provided');
  const found = entries(call).find((entry) => entry.id === id);
  if (!found)
    throw new CtrError(`container ${JSON.stringify(id)} in namespace ${JSON.stringify(call.namespace)}: not found`);
  return found;
}

const time = (ms: number): string => new Date(Math.floor(ms)).toISOString().replace('Z', '000000Z');

const containers: CtrCommand = {
  names: 'containers, c, container',
  summary: 'manage containers',
  commands: [
    { names: 'create', summary: 'create container', arguments: '[flags] Image|RootFS CONTAINER' },
    {
      names: 'delete, del, remove, rm',
      summary: 'delete one or more existing containers',
      arguments: '[flags] CONTAINER [CONTAINER, ...]',
      run(call) {
        for (const id of call.args) {
          const { container, running } = entryOf(call, id);
          if (running)
            throw new CtrError(
              `failed to delete container ${JSON.stringify(id)}: cannot delete a non stopped container: {running 0 0001-01-01 00:00:00 +0000 UTC}`,
            );
          if (container) call.host.runtime.removeContainer(id);
          else call.host.runtime.removeSandbox(id);
        }
        return ok();
      },
    },
    {
      names: 'info',
      summary: 'get info about a container',
      arguments: 'CONTAINER',
      flags: [{ names: 'spec', usage: 'show the spec alone' }],
      run(call) {
        const { container, sandbox, id, image } = entryOf(call, call.args[0]);
        const record = container ?? sandbox!;
        const spec =
          container && sandbox ? containerSpec(call.host, container, sandbox) : sandboxSpec(call.host, sandbox!);
        if (call.flag('spec')) return ok(`${JSON.stringify(spec, null, 4)}\n`);
        const value = {
          ID: id,
          Labels: { ...record.labels, 'io.cri-containerd.kind': container ? 'container' : 'sandbox' },
          Image: image,
          Runtime: { Name: 'io.containerd.runc.v2', Options: { type_url: 'containerd.runc.v1.Options' } },
          SnapshotKey: id,
          Snapshotter: 'overlayfs',
          CreatedAt: time(record.createdAt),
          UpdatedAt: time(record.createdAt),
          Extensions: {},
          Spec: spec,
        };
        return ok(`${JSON.stringify(value, null, 4)}\n`);
      },
    },
    {
      names: 'list, ls',
      summary: 'list containers',
      arguments: '[flags] [<filter>, ...]',
      flags: [QUIET],
      run(call) {
        const found = entries(call);
        if (call.flag('quiet')) return ok(found.map(({ id }) => `${id}\n`).join(''));
        return ok(
          table(
            [['CONTAINER', 'IMAGE', 'RUNTIME'], ...found.map(({ id, image }) => [id, image, 'io.containerd.runc.v2'])],
            WIDE,
          ),
        );
      },
    },
    {
      names: 'label',
      summary: 'set and clear labels for a container',
      arguments: '[flags] CONTAINER [<label>=<value>, ...]',
    },
    { names: 'checkpoint', summary: 'checkpoint a container', arguments: 'CONTAINER REF' },
    { names: 'restore', summary: 'restore a container from checkpoint', arguments: '[flags] CONTAINER REF' },
  ],
};

const tasks: CtrCommand = {
  names: 'tasks, t, task',
  summary: 'manage tasks',
  commands: [
    { names: 'attach', summary: 'attach to the IO of a running container', arguments: 'CONTAINER' },
    { names: 'checkpoint', summary: 'checkpoint a container', arguments: 'CONTAINER' },
    { names: 'delete, del, remove, rm', summary: 'delete one or more tasks', arguments: 'CONTAINER [CONTAINER, ...]' },
    {
      names: 'exec',
      summary: 'execute additional processes in an existing container',
      arguments: '[flags] CONTAINER CMD [ARG...]',
      flags: [
        { names: 'exec-id', usage: 'exec specific id for the process', valued: true },
        { names: 'tty, t', usage: 'allocate a TTY for the container' },
        { names: 'cwd', usage: 'working directory of the new process', valued: true },
        { names: 'user', usage: 'user id or name', valued: true },
        { names: 'detach, d', usage: 'detach from the task after it has started' },
      ],
      async run(call) {
        const [id, ...command] = call.args;
        const entry = entryOf(call, id);
        if (!call.value('exec-id')) throw new CtrError('exec id must not be empty');
        if (!entry.running || !entry.container) throw new CtrError('no running task found: not found');
        return await call.host.runtime.exec(entry.id, command);
      },
    },
    {
      names: 'list, ls',
      summary: 'list tasks',
      flags: [QUIET],
      run(call) {
        const found = entries(call).filter(({ running, container }) => running || container?.state === 'exited');
        const alive = found.filter(({ running }) => running);
        if (call.flag('quiet')) return ok(alive.map(({ id }) => `${id}\n`).join(''));
        return ok(
          table([['TASK', 'PID', 'STATUS'], ...alive.map(({ id, pid }) => [id, String(pid), 'RUNNING'])], WIDE),
        );
      },
    },
    {
      names: 'kill',
      summary: 'signal a container (default: SIGTERM)',
      arguments: '[flags] CONTAINER',
      flags: [
        { names: 'signal, s', usage: 'signal to send to the container', valued: true },
        { names: 'exec-id', usage: 'process ID to kill', valued: true },
        { names: 'all, a', usage: 'send signal to all processes inside the container' },
      ],
      run(call) {
        const entry = entryOf(call, call.args[0]);
        if (!entry.running) throw new CtrError('no running task found: not found');
        if (entry.container) call.host.runtime.stopContainer(entry.id, 0);
        else call.host.runtime.stopSandbox(entry.id);
        return ok();
      },
    },
    { names: 'pause', summary: 'pause an existing container', arguments: 'CONTAINER' },
    {
      names: 'ps',
      summary: 'list processes for container',
      arguments: 'CONTAINER',
      run(call) {
        const entry = entryOf(call, call.args[0]);
        if (!entry.running) throw new CtrError('no running task found: not found');
        return ok(
          table(
            [
              ['PID', 'INFO'],
              [String(entry.pid), '-'],
            ],
            NARROW,
          ),
        );
      },
    },
    { names: 'resume', summary: 'resume a paused container', arguments: 'CONTAINER' },
    { names: 'start', summary: 'start a container that has been created', arguments: 'CONTAINER' },
    { names: 'metrics, metric', summary: 'get a single data point of metrics for a task', arguments: 'CONTAINER' },
  ],
};

/** The layers of an image as a snapshot's name: there is one. */
const chainOf = (id: string): string => `sha256:${createHash('sha256').update(`chain ${id}`).digest('hex')}`;

const snapshots: CtrCommand = {
  names: 'snapshots, snapshot',
  summary: 'manage snapshots',
  flags: [{ names: 'snapshotter', usage: 'snapshotter name', valued: true }],
  commands: [
    {
      names: 'list, ls',
      summary: 'list snapshots',
      run(call) {
        const { host, namespace } = call;
        const pause = findImage(host, 'registry.k8s.io/pause:3.10')?.id ?? 'pause';
        const active = entries(call).map(({ id, container }) => [id, chainOf(container?.imageID ?? pause), 'Active']);
        const layers = new Set(namespace === KUBERNETES ? [pause, ...imagesOf(host).map(({ id }) => id)] : []);
        const committed = [...layers]
          .map((id) => [chainOf(id), '', 'Committed'])
          .sort(([a], [b]) => (a! < b! ? -1 : 1));
        return ok(table([['KEY', 'PARENT', 'KIND'], ...active, ...committed], NARROW));
      },
    },
  ],
};

const namespaces: CtrCommand = {
  names: 'namespaces, namespace, ns',
  summary: 'manage namespaces',
  commands: [
    {
      names: 'create, c',
      summary: 'create a new namespace',
      arguments: '<name> [<key>=<value>]',
      run({ host, args: [name] }) {
        if (!name) throw new CtrError('please provide a namespace name');
        if (namesIn(host).includes(name)) throw new CtrError(`namespace ${JSON.stringify(name)}: already exists`);
        host.state.section<string[]>(NAMESPACES).set(host.name, [...namesIn(host), name].sort());
        return ok();
      },
    },
    {
      names: 'list, ls',
      summary: 'list namespaces',
      arguments: '[flags]',
      flags: [QUIET],
      run({ host, flag }) {
        if (flag('quiet'))
          return ok(
            namesIn(host)
              .map((name) => `${name}\n`)
              .join(''),
          );
        return ok(table([['NAME', 'LABELS'], ...namesIn(host).map((name) => [name, ''])], NARROW));
      },
    },
    {
      names: 'remove, rm',
      summary: 'remove one or more namespaces',
      arguments: '<name> [<name>, ...]',
      run({ host, args }) {
        for (const name of args) {
          if (!namesIn(host).includes(name)) throw new CtrError(`namespace ${JSON.stringify(name)}: not found`);
          if (name === KUBERNETES)
            throw new CtrError(
              `namespace "${name}" must be empty, but it still has images, blobs, containers, snapshots on "overlayfs" snapshotter: failed precondition`,
            );
          host.state.section<string[]>(NAMESPACES).set(
            host.name,
            namesIn(host).filter((other) => other !== name),
          );
        }
        return ok(args.map((name) => `${name}\n`).join(''));
      },
    },
    { names: 'label', summary: 'set and clear labels for a namespace', arguments: '<name> [<key>=<value>]' },
  ],
};

const namesIn = (host: NodeHost): string[] => host.state.section<string[]>(NAMESPACES).get(host.name) ?? [KUBERNETES];

const plugins: CtrCommand = {
  names: 'plugins, plugin',
  summary: 'provides information about containerd plugins',
  commands: [
    {
      names: 'list, ls',
      summary: 'lists containerd plugins',
      flags: [QUIET],
      run({ flag }) {
        const { plugins: all } = readJsonAsset<{ plugins: string[][] }>('fixtures/node/containerd.json');
        if (flag('quiet')) return ok(all.map(([type, id]) => `${type}.${id}\n`).join(''));
        return ok(table([['TYPE', 'ID', 'PLATFORMS', 'STATUS'], ...all], WIDE));
      },
    },
  ],
};

const dashed = (id: string): string => id.replaceAll('-', '').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');

const version: CtrCommand = {
  names: 'version',
  summary: 'print the client and server versions',
  run({ host }) {
    const number = host.record().containerRuntimeVersion.split('://')[1];
    const one = [`  Version:  ${number}`, `  Revision: ${number}-1+deb12u3`];
    const lines = [
      'Client:',
      ...one,
      '  Go version: go1.19.8',
      '',
      'Server:',
      ...one,
      `  UUID: ${dashed(host.record().systemUUID)}`,
    ];
    return ok(`${lines.join('\n')}\n`);
  },
};

/** Groups that kubemu lists and does not have. */
const absent = (names: string, summary: string): CtrCommand => ({ names, summary });

/** In the order of ctr's help. */
export const COMMANDS: CtrCommand[] = [
  plugins,
  version,
  containers,
  content,
  absent('events, event', 'display containerd events'),
  images,
  leases,
  namespaces,
  absent('pprof', 'provide golang pprof outputs for containerd'),
  absent('run', 'run a container'),
  snapshots,
  tasks,
  absent('install', 'install a new package'),
  absent('oci', 'OCI tools'),
  absent('shim', 'interact with a shim directly'),
];
