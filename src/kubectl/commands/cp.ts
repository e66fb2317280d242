import { posix } from 'node:path';
import type { Pod } from '../../types/objects.ts';
import type { Command, Invocation } from '../command.ts';
import { CommandError, ExitError } from '../errors.ts';
import { containerFor } from '../polymorphic/pods.ts';
import { runSession } from '../streams.ts';
import { packTar, type TarEntry, unpackTar } from '../tar.ts';
import { execPath } from './exec.ts';

const command: Command = {
  name: 'cp',
  use: 'cp <file-spec-src> <file-spec-dest>',
  short: 'Copy files and directories to and from containers',
  long: 'Copy files and directories to and from containers.',
  examples: `
# !!!Important Note!!!
# The container needs a 'tar' program, without which 'kubectl cp' fails.
#
# For symlinks, wildcards or file modes use 'kubectl exec' and tar.

# Copy the local file /tmp/foo to /tmp/bar in a pod of the namespace <some-namespace>
tar cf - /tmp/foo | kubectl exec -i -n <some-namespace> <some-pod> -- tar xf - -C /tmp/bar

# Copy the local folder /tmp/foo_dir to /tmp/bar_dir in a pod of the default namespace
kubectl cp /tmp/foo_dir <some-pod>:/tmp/bar_dir

# Copy the local file /tmp/foo to /tmp/bar in a container of a pod
kubectl cp /tmp/foo <some-pod>:/tmp/bar -c <specific-container>

# Copy the local file /tmp/foo to /tmp/bar in a pod of the namespace <some-namespace>
kubectl cp /tmp/foo <some-namespace>/<some-pod>:/tmp/bar

# Copy /tmp/foo of a pod to the local file /tmp/bar
kubectl cp <some-namespace>/<some-pod>:/tmp/foo /tmp/bar`,
  flags: [
    {
      name: 'container',
      shorthand: 'c',
      type: 'string',
      usage:
        'Container name. Without it, the one that the annotation kubectl.kubernetes.io/default-container names, or the first of the pod',
    },
    { name: 'no-preserve', type: 'bool', usage: 'Do not keep owner and permissions in the container' },
    {
      name: 'retries',
      type: 'int',
      usage: 'How often a copy from a container is tried again; negative for ever, 0 never.',
    },
  ],
  run: cp,
};

export default command;

/** One end of the copy: a local path, or a path in a pod. */
interface FileSpec {
  pod: string;
  namespace: string;
  path: string;
}

const withoutSlash = (path: string): string => (path !== '/' && path.endsWith('/') ? path.slice(0, -1) : path);

function parseSpec(text: string): FileSpec {
  const at = text.indexOf(':');
  const wrong = () => new CommandError('filespec must match the canonical format: [[namespace/]pod:]file/path');
  if (at === 0) throw wrong();
  if (at < 0) return { pod: '', namespace: '', path: withoutSlash(text) };
  const path = withoutSlash(text.slice(at + 1)).replaceAll('\\', '/');
  const [first = '', second, ...more] = text.slice(0, at).split('/');
  if (more.length > 0) throw wrong();
  return second === undefined ? { pod: first, namespace: '', path } : { pod: second, namespace: first, path };
}

async function cp(invocation: Invocation): Promise<void> {
  const { args, factory } = invocation;
  const { namespace } = await factory.namespace();
  if (args.length !== 2) throw new CommandError('source and destination are required');
  const [source, target] = args.map(parseSpec) as [FileSpec, FileSpec];
  if (source.pod && target.pod) throw new CommandError('one of src or dest must be a local file specification');
  if (!source.path || !target.path) throw new CommandError('filepath can not be empty');
  if (source.pod) await copyFromPod(new Remote(invocation, source, namespace), source, target.path, invocation);
  else if (target.pod) await copyToPod(new Remote(invocation, target, namespace), source.path, target.path, invocation);
  else throw new CommandError('one of src or dest must be a remote file specification');
}

/** Runs commands in the container at the other end. */
class Remote {
  private found: Promise<Pod> | undefined;

  constructor(
    private readonly invocation: Invocation,
    private readonly spec: FileSpec,
    private readonly namespace: string,
  ) {}

  async run(
    words: string[],
    stdin: Uint8Array | undefined,
    out: (data: Uint8Array) => void,
    err: (data: Uint8Array) => void,
  ): Promise<void> {
    const { flags, factory, environment } = this.invocation;
    const say = (text: string) => err(Buffer.from(text));
    const pod = await this.pod();
    const phase = pod.status?.phase;
    if (phase === 'Succeeded' || phase === 'Failed') {
      throw new CommandError(`cannot exec into a container in a completed pod; current phase is ${phase}`);
    }
    const container = flags.string('container') || containerFor(pod, '', say, factory.log).name;
    const { transport } = await factory.client();
    const session = { stdin: stdin !== undefined, tty: false };
    const io = { ...environment.io, stdin: () => once(stdin) };
    const path = execPath(pod.metadata, container, words, session);
    await runSession(transport, path, { ...environment, io }, session, { stdout: out, stderr: err });
  }

  private pod(): Promise<Pod> {
    this.found ??= this.invocation.factory
      .client()
      .then((client) =>
        client.get<Pod>(`/api/v1/namespaces/${this.spec.namespace || this.namespace}/pods/${this.spec.pod}`),
      );
    return this.found;
  }
}

async function* once(data: Uint8Array | undefined): AsyncGenerator<Uint8Array> {
  if (data) yield data;
}

const NOTHING = () => {};

async function copyToPod(
  remote: Remote,
  source: string,
  target: string,
  { environment, flags }: Invocation,
): Promise<void> {
  const { host, io } = environment;
  if (!host.stat(source)) throw new CommandError(`${source} doesn't exist in local filesystem`);
  const intoFolder = await remote.run(['test', '-d', target], undefined, NOTHING, NOTHING).then(
    () => true,
    (error: unknown) => {
      if (error instanceof ExitError) return false;
      throw error;
    },
  );
  const destination = intoFolder ? posix.join(target, posix.basename(source)) : target;
  const archive = packTar(localEntries(environment, source, posix.basename(destination)));
  const folder = withoutSlash(posix.dirname(destination));
  const untar = flags.bool('no-preserve')
    ? ['tar', '--no-same-permissions', '--no-same-owner', '-xmf', '-']
    : ['tar', '-xmf', '-'];
  const text = (write: (text: string) => void) => (data: Uint8Array) => write(Buffer.from(data).toString());
  await remote.run([...untar, '-C', folder], archive, text(io.out), text(io.err));
}

/** A local file, or all below a folder, under the name that they get in the pod. */
function localEntries({ host }: Invocation['environment'], path: string, name: string): TarEntry[] {
  const link = host.readLink?.(path);
  if (link !== undefined) return [{ name, mode: 0o777, type: 'symlink', target: link, content: new Uint8Array() }];
  const { directory, mode } = host.stat(path)!;
  if (!directory) {
    return [{ name, mode: mode & 0o7777, type: 'file', target: '', content: host.readBytes(path) }];
  }
  const children = host.readDir(path).sort((a, b) => (a.name < b.name ? -1 : 1));
  if (children.length === 0) {
    return [{ name, mode: mode & 0o7777, type: 'directory', target: '', content: new Uint8Array() }];
  }
  return children.flatMap((child) =>
    localEntries({ host } as Invocation['environment'], `${path}/${child.name}`, `${name}/${child.name}`),
  );
}

async function copyFromPod(remote: Remote, source: FileSpec, target: string, invocation: Invocation): Promise<void> {
  const { host, io } = invocation.environment;
  const chunks: Uint8Array[] = [];
  try {
    await remote.run(
      ['tar', 'cf', '-', source.path],
      undefined,
      (data) => void chunks.push(data),
      (data) => io.out(Buffer.from(data).toString()),
    );
  } catch (error) {
    // A tar that failed has said why; what it could pack is copied all the same.
    if (!(error instanceof ExitError)) throw error;
  }
  const prefix = stripShortcuts(posix.normalize(source.path.replace(/^[/\\]+/, '')));
  for (const entry of unpackTar(Buffer.concat(chunks))) {
    if (!entry.name.startsWith(prefix)) throw new CommandError('tar contents corrupted');
    const relative = posix.normalize(`/${entry.name.slice(prefix.length)}`).replace(/\/$/, '');
    const file = posix.join(target, entry.name.slice(prefix.length));
    const inside = file === posix.normalize(target) || posix.join(target, relative) === withoutSlash(file);
    if (!inside) io.err(`warning: file ${JSON.stringify(file)} is outside target destination, skipping\n`);
    else if (entry.type === 'directory') host.makeDir(file);
    else if (entry.type === 'symlink') {
      const [namespace, pod, path] = [source.namespace, source.pod, source.path].map((each) => JSON.stringify(each));
      const instead = `"kubectl exec -n ${namespace} ${pod} -- tar cf - ${path} | tar xf -"`;
      io.err(
        `warning: skipping symlink: ${JSON.stringify(file)} -> ${JSON.stringify(entry.target)} (consider using ${instead})\n`,
      );
    } else {
      const folder = posix.dirname(file);
      if (folder !== '.' && !host.stat(folder)) host.makeDir(folder);
      host.writeFile(file, entry.content);
    }
  }
}

/** A path without the `../` that lead out of it. */
function stripShortcuts(path: string): string {
  const stripped = path.replace(/^(\.\.\/)+/, '');
  return stripped === '.' || stripped === '..' ? '' : stripped.replace(/^\//, '');
}
