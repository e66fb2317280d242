import type { Command, Invocation } from '../command.ts';
import { CommandError } from '../errors.ts';
import { filenameFlag, streamFlags, usageError } from '../flags/common.ts';
import { attachablePod, containerFor, podArgument } from '../polymorphic/pods.ts';
import { runSession, sessionFor } from '../streams.ts';

const command: Command = {
  name: 'exec',
  use: 'exec (POD | TYPE/NAME) [-c CONTAINER] [flags] -- COMMAND [args...]',
  short: 'Execute a command in a container',
  examples: `
# Output of 'date' in pod mypod, in its first container
kubectl exec mypod -- date

# Output of 'date' in the container ruby-container of pod mypod
kubectl exec mypod -c ruby-container -- date

# A terminal in the container ruby-container of pod mypod
kubectl exec mypod -c ruby-container -i -t -- bash -il

# List /usr in the first container of pod mypod, with flags of the command's own
kubectl exec mypod -i -t -- ls -t /usr

# Output of 'date' in the first pod of the deployment mydeployment
kubectl exec deploy/mydeployment -- date

# Output of 'date' in the first pod of the service myservice
kubectl exec svc/myservice -- date`,
  flags: [filenameFlag('File that names the resource to run in.'), ...streamFlags('command')],
  run: exec,
};

export default command;

async function exec(invocation: Invocation): Promise<void> {
  const { flags, args, argsLenAtDash, factory, environment } = invocation;
  const filenames = flags.strings('filename');
  const target = argsLenAtDash === 0 ? undefined : args[0];
  if (argsLenAtDash < 0 && (args.length > 1 || (args.length > 0 && filenames.length > 0))) {
    throw usageError(invocation, 'exec [POD] [COMMAND] is not supported anymore. Use exec [POD] -- [COMMAND] instead');
  }
  await factory.namespace();
  if (flags.duration('pod-running-timeout') <= 0) {
    throw usageError(invocation, '--pod-running-timeout must be higher than zero');
  }
  if (!target && filenames.length === 0) throw new CommandError('pod, type/name or --filename must be specified');
  const words = argsLenAtDash < 0 ? [] : args.slice(argsLenAtDash);
  if (words.length === 0) throw new CommandError('you must specify at least one command for the container');

  const { infos } = await factory.builder({ ...(target && { args: [podArgument(target)] }), filenames }).infos();
  if (infos.length > 1) throw new CommandError('cannot exec into multiple objects at a time');
  const pod = await attachablePod(factory, infos[0]!.object!, flags.duration('pod-running-timeout'));
  const phase = pod.status?.phase;
  if (phase === 'Succeeded' || phase === 'Failed') {
    throw new CommandError(`cannot exec into a container in a completed pod; current phase is ${phase}`);
  }
  const quiet = flags.bool('quiet');
  const container =
    flags.string('container') || containerFor(pod, '', quiet ? () => {} : environment.io.err, factory.log).name;
  const session = sessionFor(environment, flags.bool('stdin'), flags.bool('tty'), quiet);
  const { transport } = await factory.client();
  await runSession(transport, execPath(pod.metadata, container, words, session), environment, session);
}

/** Path of a pod's exec subresource, with its options. */
export function execPath(
  { namespace, name }: { namespace?: string; name?: string },
  container: string,
  command: string[],
  { stdin, tty }: { stdin: boolean; tty: boolean },
): string {
  const query = [
    ...command.map((word) => ['command', word]),
    ['container', container],
    ...(stdin ? [['stdin', 'true']] : []),
    ...(tty ? [] : [['stderr', 'true']]),
    ['stdout', 'true'],
    ...(tty ? [['tty', 'true']] : []),
  ] as [string, string][];
  return `/api/v1/namespaces/${namespace}/pods/${name}/exec?${new URLSearchParams(query)}`;
}
