import type { Container, Pod } from '../../types/objects.ts';
import type { Command, Invocation } from '../command.ts';
import { asError, CommandError } from '../errors.ts';
import { streamFlags, usageError } from '../flags/common.ts';
import { attachablePod, containerFor, containersOf, podArgument } from '../polymorphic/pods.ts';
import { runSession, sessionFor } from '../streams.ts';

const command: Command = {
  name: 'attach',
  use: 'attach (POD | TYPE/NAME) -c CONTAINER',
  short: 'Attach to a running container',
  long: 'Attach to a process that is already running inside an existing container.',
  examples: `
# Output of the running pod mypod, of its default or first container
kubectl attach mypod

# Output of the container ruby-container of pod mypod
kubectl attach mypod -c ruby-container

# A terminal on the container ruby-container of pod mypod
kubectl attach mypod -c ruby-container -i -t

# Output of the first pod of the replica set nginx
kubectl attach rs/nginx`,
  flags: [...streamFlags('container')],
  run: attach,
};

export default command;

async function attach(invocation: Invocation): Promise<void> {
  const { flags, args, factory, environment, commandPath } = invocation;
  await factory.namespace();
  if (args.length === 0) throw new CommandError('at least 1 argument is required for attach');
  if (args.length > 2) {
    throw new CommandError(
      `expected POD, TYPE/NAME, or TYPE NAME, (at most 2 arguments) saw ${args.length}: [${args.join(' ')}]`,
    );
  }
  const timeout = flags.duration('pod-running-timeout');
  if (timeout <= 0) throw usageError(invocation, '--pod-running-timeout must be higher than zero');
  const { infos } = await factory
    .builder({ args: [args.length === 2 ? args.join('/') : podArgument(args[0]!)] })
    .infos();
  const pod = await attachablePod(factory, infos[0]!.object!, timeout);
  const phase = pod.status?.phase;
  if (phase === 'Succeeded' || phase === 'Failed') {
    throw new CommandError(`cannot attach a container in a completed pod; current phase is ${phase}`);
  }
  await attachTo(
    pod,
    { factory, environment },
    {
      container: flags.string('container'),
      stdin: flags.bool('stdin'),
      tty: flags.bool('tty'),
      quiet: flags.bool('quiet'),
      commandPath,
    },
  );
}

export interface AttachOptions {
  /** '' for the default one. */
  container: string;
  stdin: boolean;
  tty: boolean;
  quiet: boolean;
  /** The command that the notice about a next session names. */
  commandPath: string;
}

function attached(pod: Pod, name: string, say: (text: string) => void): Container {
  try {
    return containerFor(pod, name, say);
  } catch (error) {
    throw new CommandError(`cannot attach to the container: ${asError(error).message}`);
  }
}

/** Connects to a container's process until it ends; `run` and `debug` do so too. */
export async function attachTo(
  pod: Pod,
  { factory, environment }: Pick<Invocation, 'factory' | 'environment'>,
  { container: name, stdin, tty, quiet, commandPath }: AttachOptions,
): Promise<void> {
  const { io } = environment;
  const say = quiet ? () => {} : io.err;
  const container = attached(pod, name, say);
  if (tty && !container.tty) {
    say(`error: Unable to use a TTY - container ${container.name} did not allocate one\n`);
  }
  const session = sessionFor(environment, stdin, container.tty === true, quiet);
  say("If you don't see a command prompt, try pressing enter.\n");
  const { transport } = await factory.client();
  await runSession(transport, attachPath(pod, container.name, session), environment, session);
  if (quiet || !stdin || !session.tty || pod.spec?.restartPolicy !== 'Always') return;
  const resume = `${commandPath} ${pod.metadata.name} -c ${container.name} -i -t`;
  const ephemeral = containersOf(pod).some(
    (each) => each.container.name === container.name && each.suffix === ' (ephem)',
  );
  io.out(
    ephemeral
      ? `Session ended, the ephemeral container will not be restarted but may be reattached using '${resume}' if it is still running\n`
      : `Session ended, resume using '${resume}' command when the pod is running\n`,
  );
}

function attachPath({ metadata }: Pod, container: string, { stdin, tty }: { stdin: boolean; tty: boolean }): string {
  const query = new URLSearchParams({
    container,
    ...(stdin && { stdin: 'true' }),
    ...(!tty && { stderr: 'true' }),
    stdout: 'true',
    ...(tty && { tty: 'true' }),
  });
  return `/api/v1/namespaces/${metadata.namespace}/pods/${metadata.name}/attach?${query}`;
}
