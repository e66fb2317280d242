import { patchSchema, strategicMergePatch } from '../../../api/machinery/patch/strategic-merge.ts';

import { goJson } from '../../../base/go-json.ts';
import type { Container, Node, Pod } from '../../../types/objects.ts';
import type { Command, Invocation } from '../../command.ts';
import { asError, CommandError } from '../../errors.ts';
import { filenameFlag } from '../../flags/common.ts';
import { podArgument } from '../../polymorphic/pods.ts';
import { parseManifest } from '../../resource/decode.ts';
import { deadlineFrom, watchUntil } from '../../wait/until.ts';
import { attachTo } from '../attach.ts';
import { type DebugStyle, profileContainer, profilePod, requireProfile } from './profiles.ts';

const command: Command = {
  name: 'debug',
  use: 'debug (POD | TYPE[[.VERSION].GROUP]/NAME) [ -- COMMAND [args...] ]',
  short: 'Create debugging sessions for troubleshooting workloads and nodes',
  long: `Debug cluster resources using interactive debugging containers.

'debug' does what helps with the resource that is named:

  *  Workload: a copy of an existing pod with some attributes changed, for instance the image tag.
  *  Workload: an ephemeral container in a running pod, for instance with debugging tools, without restarting the pod.
  *  Node: a new pod in the node's host namespaces, with access to the node's file system.`,
  examples: `
# Create an interactive debugging session in pod mypod and attach to it at once
kubectl debug mypod -it --image=busybox

# Create an interactive debugging session for the pod in pod.yaml and attach to it at once
kubectl debug -f pod.yaml -it --image=busybox

# Create a debug container named debugger with another image
kubectl debug --image=myproj/debug-tools -c debugger mypod

# Create a copy of mypod with a debug container, and attach to it
kubectl debug mypod -it --image=busybox --copy-to=my-debugger

# Create a copy of mypod with another command of its container mycontainer
kubectl debug mypod -it --copy-to=my-debugger --container=mycontainer -- sh

# Create a copy of mypod with the images of all containers changed to busybox
kubectl debug mypod --copy-to=my-debugger --set-image=*=busybox

# Create an interactive debugging session on a node: it runs in the host namespaces, the host's files are at /host
kubectl debug node/mynode -it --image=busybox`,
  flags: [
    filenameFlag('Files that name the resource to debug'),
    {
      name: 'arguments-only',
      type: 'bool',
      usage: 'Everything after -- is passed as arguments instead of as the command.',
    },
    {
      name: 'attach',
      type: 'bool',
      usage: "Wait for the container, then attach as 'kubectl attach ...' does. True by default with '-i/--stdin'.",
    },
    { name: 'container', shorthand: 'c', type: 'string', usage: 'Name of the debug container.' },
    { name: 'copy-to', type: 'string', usage: 'Create a copy of the pod with this name.' },
    {
      name: 'custom',
      type: 'string',
      usage: 'JSON or YAML file with a partial container spec that changes the profile.',
    },
    { name: 'env', type: 'stringToString', usage: 'Environment variables of the container.' },
    { name: 'image', type: 'string', usage: 'Image of the debug container.' },
    { name: 'image-pull-policy', type: 'string', usage: 'When the image is pulled; left to the server when empty.' },
    { name: 'keep-annotations', type: 'bool', usage: "Keep the pod's annotations. (Only with '--copy-to')" },
    {
      name: 'keep-init-containers',
      type: 'bool',
      default: 'true',
      usage: "Run the pod's init containers. (Only with '--copy-to')",
    },
    { name: 'keep-labels', type: 'bool', usage: "Keep the pod's labels. (Only with '--copy-to')" },
    { name: 'keep-liveness', type: 'bool', usage: "Keep the pod's liveness probes. (Only with '--copy-to')" },
    { name: 'keep-readiness', type: 'bool', usage: "Keep the pod's readiness probes. (Only with '--copy-to')" },
    { name: 'keep-startup', type: 'bool', usage: "Keep the pod's startup probes. (Only with '--copy-to')" },
    {
      name: 'profile',
      type: 'string',
      default: 'legacy',
      usage: 'Options are "legacy", "general", "baseline", "netadmin", "restricted" or "sysadmin".',
    },
    { name: 'quiet', shorthand: 'q', type: 'bool', usage: 'No informational messages.' },
    { name: 'replace', type: 'bool', usage: "With '--copy-to', delete the original pod." },
    { name: 'same-node', type: 'bool', usage: "With '--copy-to', schedule the copy on the same node." },
    {
      name: 'set-image',
      type: 'stringToString',
      usage: "With '--copy-to', name=image pairs that change images, as 'kubectl set image' does.",
    },
    {
      name: 'share-processes',
      type: 'bool',
      default: 'true',
      usage: "With '--copy-to', the containers of the copy share a process namespace.",
    },
    {
      name: 'stdin',
      shorthand: 'i',
      type: 'bool',
      usage: 'Keep stdin open on the container(s), even if nothing is attached.',
    },
    { name: 'target', type: 'string', usage: 'With an ephemeral container, look at the processes of this container.' },
    { name: 'tty', shorthand: 't', type: 'bool', usage: 'A TTY for the debugging container.' },
  ],
  run: debug,
};

export default command;

const IMAGE =
  /^([a-zA-Z0-9]([a-zA-Z0-9.-]*[a-zA-Z0-9])?(:[0-9]+)?\/)?[a-z0-9]+([._-]+[a-z0-9]+)*(\/[a-z0-9]+([._-]+[a-z0-9]+)*)*(:[\w][\w.-]{0,127})?(@[A-Za-z][\w+.-]*:[0-9a-fA-F]{32,})?$/;

const LEGACY_NOTICE =
  '--profile=legacy is deprecated and will be removed in the future. It is recommended to explicitly specify a profile, for example "--profile=general".\n';

/** Words before `--` name what to debug, those after it are the command. */
function split({ args, argsLenAtDash }: Invocation): { targets: string[]; words: string[] } {
  if (argsLenAtDash < 0 || args.length <= argsLenAtDash) return { targets: args, words: [] };
  return { targets: args.slice(0, argsLenAtDash), words: args.slice(argsLenAtDash) };
}

function validate(invocation: Invocation): void {
  const { flags, environment } = invocation;
  const { targets, words } = split(invocation);
  const image = flags.string('image');
  const images = flags.map('set-image');
  const copying = flags.string('copy-to') !== '';
  const refuse = (wrong: boolean, message: string) => {
    if (wrong) throw new CommandError(message);
  };
  refuse(
    flags.changed('attach') && flags.bool('attach') && !image && !flags.string('container'),
    'you must specify --container or create a new container using --image in order to attach.',
  );
  if (copying) {
    const changes = image !== '' || Object.keys(images).length > 0;
    refuse(!changes && words.length === 0, 'you must specify --image, --set-image or command arguments.');
    refuse(
      words.length > 0 && !flags.string('container') && !image,
      'you must specify an existing container or a new image when specifying args.',
    );
  } else {
    refuse(flags.bool('replace'), '--replace may only be used with --copy-to.');
    refuse(flags.bool('same-node'), '--same-node may only be used with --copy-to.');
    refuse(Object.keys(images).length > 0, '--set-image may only be used with --copy-to.');
    refuse(!image, 'you must specify --image when not using --copy-to.');
  }
  refuse(image !== '' && !IMAGE.test(image), `invalid image name ${JSON.stringify(image)}: invalid reference format`);
  refuse(targets.length === 0 && flags.strings('filename').length === 0, 'NAME or filename is required for debug');
  const policy = flags.string('image-pull-policy');
  refuse(!['', 'Always', 'IfNotPresent', 'Never'].includes(policy), `invalid image pull policy: ${policy}`);
  for (const [name, each] of Object.entries(images)) {
    refuse(
      !IMAGE.test(each),
      `invalid image name ${JSON.stringify(each)} for container ${JSON.stringify(name)}: invalid reference format`,
    );
  }
  const target = flags.string('target');
  if (target) {
    refuse(copying, '--target is incompatible with --copy-to. Use --share-processes instead.');
    if (!flags.bool('quiet')) {
      environment.io.out(
        `Targeting container ${JSON.stringify(target)}. If you don't see processes from this container it may be because the container runtime doesn't support this feature.\n`,
      );
    }
  }
  refuse(flags.bool('tty') && !flags.bool('stdin'), '-i/--stdin is required for containers with -t/--tty=true');
  if (flags.string('profile') === 'legacy') environment.io.err(LEGACY_NOTICE);
}

async function debug(invocation: Invocation): Promise<void> {
  const { flags, factory } = invocation;
  await factory.namespace();
  requireProfile(flags.string('profile'));
  const custom = await customProfile(invocation);
  validate(invocation);
  const { targets } = split(invocation);
  const attach = flags.changed('attach') ? flags.bool('attach') : flags.bool('stdin');
  await factory
    .builder({ ...(targets.length > 0 && { args: targets.map(podArgument) }), filenames: flags.strings('filename') })
    .visit(async (info) => {
      const object = info.object!;
      if (object.kind !== 'Pod' && object.kind !== 'Node') {
        const { group, version, kind } = info.type;
        throw new CommandError(`${JSON.stringify(`${group}/${version}, Kind=${kind}`)} not supported by debug`);
      }
      const session = new DebugSession(invocation, custom);
      const { pod, container } =
        object.kind === 'Node' ? await session.onNode(object as Node) : await session.inPod(object as Pod);
      if (attach && container) await session.attach(pod, container);
    });
}

async function customProfile({ flags, environment }: Invocation): Promise<Partial<Container> | undefined> {
  const file = flags.string('custom');
  if (!file) return undefined;
  let text: string;
  try {
    text = environment.host.readFile(file);
  } catch (error) {
    throw new CommandError(`must pass a container spec json file for custom profile: ${asError(error).message}`);
  }
  const custom = (await parseManifest(text).catch((error: Error) => {
    throw new CommandError(`${file} does not contain a valid container spec: ${error.message}`);
  })) as Partial<Container> & Record<string, unknown>;
  const fixed = ['name', 'command', 'image', 'lifecycle', 'volumeDevices'];
  if (fixed.some((field) => custom[field] !== undefined)) {
    throw new CommandError('name, command, image, lifecycle and volume devices are not modifiable via custom profile');
  }
  return custom;
}

/** Makes and finds the container that debugs. */
class DebugSession {
  constructor(
    private readonly invocation: Invocation,
    private readonly custom: Partial<Container> | undefined,
  ) {}

  async onNode(node: Node): Promise<{ pod: Pod; container: string }> {
    const { flags, environment, factory } = this.invocation;
    const container = flags.string('container') || 'debugger';
    const name = `node-debugger-${node.metadata.name}-${environment.randomSuffix(5)}`;
    this.tell(`Creating debugging pod ${name} with container ${container} on node ${node.metadata.name}.\n`);
    const pod: Pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name },
      spec: {
        containers: [this.container(container, 'node')],
        nodeName: node.metadata.name,
        restartPolicy: 'Never',
        tolerations: [{ operator: 'Exists' }],
      },
    };
    const { namespace } = await factory.namespace();
    return { pod: await this.create(profilePod(flags, pod, container, 'node'), namespace), container };
  }

  async inPod(pod: Pod): Promise<{ pod: Pod; container: string }> {
    return this.invocation.flags.string('copy-to') ? this.byCopy(pod) : this.byEphemeralContainer(pod);
  }

  /** Attaches as soon as the container runs; one that has ended shows its log. */
  async attach(pod: Pod, container: string): Promise<void> {
    const { flags, factory, environment } = this.invocation;
    const client = await factory.client();
    const info = {
      type: await factory.mapper.typeFor('pods'),
      namespace: pod.metadata.namespace ?? '',
      name: pod.metadata.name ?? '',
    };
    let latest = pod;
    let ended = false;
    await watchUntil(factory, info, deadlineFrom(client.transport.now(), -1), (change) => {
      if (!change || change.deleted) return false;
      latest = change.object as Pod;
      const { containerStatuses = [], ephemeralContainerStatuses = [] } = latest.status ?? {};
      const state = [...containerStatuses, ...ephemeralContainerStatuses].find(({ name }) => name === container)?.state;
      ended = state?.terminated !== undefined;
      if (state?.waiting?.message && !flags.bool('quiet'))
        factory.warn(`container ${container}: ${state.waiting.message}`);
      return ended || state?.running !== undefined;
    });
    if (!ended) {
      await attachTo(
        latest,
        { factory, environment },
        {
          container,
          stdin: flags.bool('stdin'),
          tty: flags.bool('tty'),
          quiet: flags.bool('quiet'),
          commandPath: 'kubectl attach',
        },
      );
      return;
    }
    const path = `/api/v1/namespaces/${info.namespace}/pods/${info.name}/log`;
    environment.io.out((await client.send('GET', path, { query: { container } })).text());
  }

  private tell(text: string): void {
    if (!this.invocation.flags.bool('quiet')) this.invocation.environment.io.out(text);
  }

  private async create(pod: Pod, namespace: string): Promise<Pod> {
    const client = await this.invocation.factory.client();
    return client.request<Pod>('POST', `/api/v1/namespaces/${namespace}/pods`, { body: pod });
  }

  /** A container as the flags describe it. */
  private container(name: string, style: DebugStyle): Container {
    const { flags } = this.invocation;
    const env = Object.entries(flags.map('env')).map(([key, value]) => ({ name: key, value }));
    const policy = flags.string('image-pull-policy');
    const container: Container = {
      name,
      image: flags.string('image'),
      ...this.words(),
      ...(env.length > 0 && { env }),
      ...(policy && { imagePullPolicy: policy }),
      ...(flags.bool('stdin') && { stdin: true }),
      ...(flags.bool('tty') && { tty: true }),
      terminationMessagePolicy: 'File',
    };
    return this.profiled(container, style);
  }

  private words(): Pick<Container, 'args' | 'command'> {
    const { words } = split(this.invocation);
    if (words.length === 0) return {};
    return this.invocation.flags.bool('arguments-only') ? { args: words } : { command: words };
  }

  private profiled(container: Container, style: DebugStyle): Container {
    const changed = profileContainer(this.invocation.flags.string('profile'), container, style);
    if (!this.custom) return changed;
    const plain = (value: unknown) => value as Record<string, unknown>;
    return strategicMergePatch(
      plain(changed),
      plain(this.custom),
      patchSchema('core/v1.Container'),
    ) as unknown as Container;
  }

  private debuggerName(pod: Pod): string {
    const { flags, environment } = this.invocation;
    if (flags.string('container')) return flags.string('container');
    const taken = [...(pod.spec?.containers ?? []), ...(pod.spec?.ephemeralContainers ?? [])].map(({ name }) => name);
    let name = `debugger-${environment.randomSuffix(5)}`;
    while (taken.includes(name)) name = `debugger-${environment.randomSuffix(5)}`;
    this.tell(`Defaulting debug container name to ${name}.\n`);
    return name;
  }

  private async byEphemeralContainer(pod: Pod): Promise<{ pod: Pod; container: string }> {
    const { flags, factory } = this.invocation;
    const name = this.debuggerName(pod);
    const target = flags.string('target');
    const container = { ...this.container(name, 'ephemeral'), ...(target && { targetContainerName: target }) };
    const existing = pod.spec?.ephemeralContainers ?? [];
    // One of that name stays as it is: the real one's patch changes it and changes it back.
    const same = existing.filter((each) => each.name === name);
    const patch = {
      spec: {
        '$setElementOrder/ephemeralContainers': [...existing.map((each) => ({ name: each.name })), { name }],
        ephemeralContainers: [container, ...same],
      },
    };
    const client = await factory.client();
    const path = `/api/v1/namespaces/${pod.metadata.namespace}/pods/${pod.metadata.name}/ephemeralcontainers`;
    const patched = await client.request<Pod>('PATCH', path, {
      body: goJson(patch),
      contentType: 'application/strategic-merge-patch+json',
    });
    return { pod: patched, container: name };
  }

  private async byCopy(pod: Pod): Promise<{ pod: Pod; container: string }> {
    const { flags, factory } = this.invocation;
    const { pod: copy, container } = this.copyOf(pod);
    const created = await this.create(copy, pod.metadata.namespace ?? '');
    if (flags.bool('replace')) {
      const client = await factory.client();
      await client.request('DELETE', `/api/v1/namespaces/${pod.metadata.namespace}/pods/${pod.metadata.name}`, {
        body: { kind: 'DeleteOptions', apiVersion: 'v1', gracePeriodSeconds: 0 },
      });
    }
    return { pod: created, container };
  }

  /** The copy of a pod with its debug container; '' when only images change. */
  private copyOf(pod: Pod): { pod: Pod; container: string } {
    const { flags } = this.invocation;
    const images = flags.map('set-image');
    const { ephemeralContainers: _ephemeral, nodeName, ...spec } = pod.spec!;
    const { labels, annotations, namespace } = pod.metadata;
    const copy: Pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name: flags.string('copy-to'),
        namespace,
        ...(annotations && { annotations }),
        ...(labels && { labels }),
      },
      spec: {
        ...spec,
        ...(flags.bool('same-node') && nodeName && { nodeName }),
        ...(flags.changed('share-processes') && { shareProcessNamespace: flags.bool('share-processes') }),
        containers: spec.containers.map((each) => ({ ...each, image: images[each.name] ?? images['*'] ?? each.image })),
      },
    };
    const existing = copy.spec!.containers.find(({ name }) => name === flags.string('container'));
    if (!existing && !flags.string('image')) {
      if (Object.keys(images).length > 0) return { pod: copy, container: '' };
      throw new CommandError('you must specify image when creating new container');
    }
    const name = existing?.name ?? this.debuggerName(copy);
    const container = existing ? this.changed(existing) : this.container(name, 'copy');
    const containers = existing
      ? copy.spec!.containers.map((each) => (each === existing ? container : each))
      : [...copy.spec!.containers, container];
    return { pod: profilePod(flags, { ...copy, spec: { ...copy.spec!, containers } }, name, 'copy'), container: name };
  }

  /** An existing container with what the flags change. */
  private changed(existing: Container): Container {
    const { flags } = this.invocation;
    const { stdin: _stdin, tty: _tty, ...kept } = existing;
    const words = this.words();
    const base = this.container(existing.name, 'copy');
    const { args: _args, ...withoutArgs } = kept;
    return this.profiled(
      {
        ...(words.command ? withoutArgs : kept),
        ...words,
        ...(base.env && { env: base.env }),
        ...(flags.string('image') && { image: base.image }),
        ...(base.imagePullPolicy && { imagePullPolicy: base.imagePullPolicy }),
        ...(base.stdin && { stdin: true }),
        ...(base.tty && { tty: true }),
      },
      'copy',
    );
  }
}
