import { createHash } from 'node:crypto';
import { fnv1a32 } from '../../base/hash.ts';
import { alignTabs } from '../../base/tabwriter.ts';
import { unlines } from '../../sh/tools/tool.ts';
import type { ContainerRecord, ImageRecord, SandboxRecord } from '../../types/node-runtime.ts';
import { humanDuration } from '../crictl/format.ts';
import { containersOf, findImage, imagesOf, sandboxesOf } from '../crictl/records.ts';
import type { NodeHost } from '../host.ts';

/** What the daemon refuses; `message` is what the client prints, whole. */
export class DockerError extends Error {
  constructor(
    message: string,
    readonly code = 1,
  ) {
    super(message);
  }
}

export const daemonError = (message: string): DockerError => new DockerError(`Error response from daemon: ${message}`);

const PAUSE = 'registry.k8s.io/pause:3.10';

/** A container as Docker knows it: one of a pod, or the one that holds a pod's network. */
export interface DockerContainer {
  id: string;
  name: string;
  image: string;
  imageID: string;
  argv: string[];
  createdAt: number;
  startedAt?: number;
  finishedAt?: number;
  state: 'created' | 'running' | 'exited';
  exitCode: number;
  pid: number;
  labels: Record<string, string>;
  env: Record<string, string>;
  ip: string;
  record?: ContainerRecord;
  sandbox?: SandboxRecord;
}

/** `docker.io/library/nginx:1.27` → `nginx:1.27`: as Docker's own hub needs no name. */
export const familiar = (name: string): string => name.replace(/^docker\.io\/(library\/)?/, '');

const pauseOf = (host: NodeHost): string =>
  imagesOf(host)
    .flatMap(({ repoTags }) => repoTags)
    .find((tag) => /(^|\/)pause:/.test(tag)) ?? PAUSE;

const nameOf = (container: string, { name, namespace, uid }: ContainerRecord['pod'], attempt: number): string =>
  `k8s_${container}_${name}_${namespace}_${uid}_${attempt}`;

function ofPod(host: NodeHost, record: ContainerRecord): DockerContainer {
  const { id, imageID, argv, createdAt, startedAt, finishedAt, state, exitCode = 0, pid, labels, env } = record;
  const sandbox = sandboxesOf(host).find((one) => one.id === record.sandbox);
  return {
    id,
    name: nameOf(record.name, record.pod, record.attempt),
    image: familiar(record.imageRef.replace(/@.*$/, '') || record.imageName),
    imageID,
    argv,
    createdAt,
    state,
    exitCode,
    pid,
    labels,
    env,
    ip: '',
    record,
    ...(startedAt !== undefined && { startedAt }),
    ...(finishedAt !== undefined && { finishedAt }),
    ...(sandbox && { sandbox }),
  };
}

function ofSandbox(host: NodeHost, sandbox: SandboxRecord): DockerContainer {
  const { id, pod, attempt, state, createdAt, labels, ip, pid } = sandbox;
  const image = pauseOf(host);
  return {
    id,
    name: nameOf('POD', pod, attempt),
    image: familiar(image),
    imageID: findImage(host, image)?.id ?? `sha256:${createHash('sha256').update(image).digest('hex')}`,
    argv: ['/pause'],
    createdAt,
    startedAt: createdAt,
    state: state === 'ready' ? 'running' : 'exited',
    exitCode: 0,
    pid,
    labels,
    env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' },
    ip,
    sandbox,
  };
}

/** All containers of the machine, the newest first. */
export const dockerContainers = (host: NodeHost): DockerContainer[] =>
  [
    ...containersOf(host).map((record) => ofPod(host, record)),
    ...sandboxesOf(host).map((sandbox) => ofSandbox(host, sandbox)),
  ].sort((a, b) => b.createdAt - a.createdAt);

/** The container that a name or the beginning of an id means; throws DockerError. */
export function containerNamed(host: NodeHost, reference: string): DockerContainer {
  const all = dockerContainers(host);
  const named = all.find(({ name }) => name === reference.replace(/^\//, ''));
  const found = named ? [named] : all.filter(({ id }) => id.startsWith(reference));
  if (found.length === 1) return found[0]!;
  throw daemonError(
    found.length === 0 ? `No such container: ${reference}` : `multiple IDs found with provided prefix: ${reference}`,
  );
}

export const shortId = (id: string): string => id.replace('sha256:', '').slice(0, 12);

/** `Up 5 minutes`, `Exited (1) 3 minutes ago` */
export function statusText({ state, startedAt = 0, finishedAt = 0, exitCode }: DockerContainer, now: number): string {
  if (state === 'created') return 'Created';
  if (state === 'running') return `Up ${humanDuration(now - startedAt)}`;
  return `Exited (${exitCode}) ${humanDuration(now - finishedAt)} ago`;
}

const DAY = 86_400_000;

/** When an image was built: some time before the machine had it. */
export const builtAt = (host: NodeHost, { id }: ImageRecord): number =>
  host.record().bootedAt - (20 + (fnv1a32(id) % 300)) * DAY;

const COMMAND_LENGTH = 20;

/** A container's command line, cut to 20 characters unless `whole`. */
export function commandText({ argv }: DockerContainer, whole: boolean): string {
  const text = argv.join(' ');
  return whole || text.length <= COMMAND_LENGTH ? text : `${text.slice(0, COMMAND_LENGTH - 1)}…`;
}

/** The processes of a container that runs, as `ps -ef` on its node shows them, in a table with titles (`top`). */
export function processTable(host: NodeHost, container: DockerContainer): string {
  const processes = container.record
    ? host.runtime.processes(container.id)
    : [{ pid: 1, ppid: 0, user: '65535', command: '/pause', started: container.createdAt }];
  const clock = (ms: number) => new Date(ms).toISOString().slice(11, 16);
  const rows = processes.map(({ pid, ppid, user, command, started }) => [
    user,
    String(container.pid + pid - 1),
    String(container.pid + ppid - 1),
    '0',
    clock(started),
    '?',
    '00:00:00',
    command,
  ]);
  const all = [['UID', 'PID', 'PPID', 'C', 'STIME', 'TTY', 'TIME', 'CMD'], ...rows];
  return alignTabs(unlines(all.map((row) => row.join('\t'))), { minWidth: 20, tabWidth: 1, padding: 3 });
}
