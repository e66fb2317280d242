import type { Pod } from '../../../types/objects.ts';
import type { Invocation } from '../../command.ts';
import { asError, CommandError, ExitError } from '../../errors.ts';
import { deadlineFrom, watchUntil } from '../../wait/until.ts';
import { attachTo } from '../attach.ts';

const hasEnded = (pod: Pod | undefined): boolean =>
  pod?.status?.phase === 'Succeeded' || pod?.status?.phase === 'Failed';
const isReady = (pod: Pod | undefined): boolean =>
  pod?.status?.phase === 'Running' &&
  pod.status.conditions?.some((c) => c.type === 'Ready' && c.status === 'True') === true;

/** Follows a pod until `done`, and gives back how it was then. */
async function waitForPod(
  invocation: Invocation,
  pod: Pod,
  timeoutMs: number,
  done: (pod: Pod | undefined) => boolean,
): Promise<Pod> {
  const { factory } = invocation;
  const client = await factory.client();
  const type = await factory.mapper.typeFor('pods');
  const { name = '', namespace = '' } = pod.metadata;
  let last = pod;
  const met = await watchUntil(
    factory,
    { type, namespace, name },
    deadlineFrom(client.transport.now(), timeoutMs),
    (change) => {
      if (change?.deleted || (!change && last !== pod)) throw new CommandError('pods "" not found');
      if (change) last = change.object as Pod;
      return done(change?.object as Pod | undefined);
    },
  );
  if (!met) throw new CommandError('timed out waiting for the condition');
  return last;
}

async function writeLog({ factory, environment }: Invocation, pod: Pod): Promise<void> {
  const client = await factory.client();
  const { name, namespace } = pod.metadata;
  const answer = await client.send('GET', `/api/v1/namespaces/${namespace}/pods/${name}/log`, {
    query: { container: pod.spec!.containers[0]!.name },
  });
  environment.io.out(answer.text());
}

/** Attaches to a running pod; when that fails, its log is told instead (handleAttachPod). */
async function attach(invocation: Invocation, pod: Pod): Promise<void> {
  const { flags, environment } = invocation;
  try {
    await attachTo(pod, invocation, {
      container: pod.spec!.containers[0]!.name,
      stdin: flags.bool('stdin'),
      tty: flags.bool('tty'),
      quiet: flags.bool('quiet'),
      commandPath: 'kubectl attach',
    });
  } catch (error) {
    environment.io.err(
      `warning: couldn't attach to pod/${pod.metadata.name}, falling back to streaming logs: ${asError(error).message}\n`,
    );
    await writeLog(invocation, pod);
  }
}

/** What a finished pod's exit code makes of kubectl's own. */
function exitOf(pod: Pod): void {
  const { namespace, name } = pod.metadata;
  if (pod.status?.phase === 'Succeeded') return;
  if (pod.status?.phase !== 'Failed')
    throw new CommandError(`pod ${namespace}/${name} left in phase ${pod.status?.phase}`);
  const terminated = pod.status.containerStatuses?.[0]?.state?.terminated;
  if (!terminated?.exitCode) throw new CommandError(`pod ${namespace}/${name} failed with unknown exit code`);
  throw new ExitError(
    terminated.exitCode,
    `pod ${namespace}/${name} terminated (${terminated.reason ?? ''})\n${terminated.message ?? ''}`,
  );
}

/** Waits for a new pod, attaches to it, and ends as it ends (RunOptions.Run with --attach). */
export async function runAttached(invocation: Invocation, pod: Pod, restartPolicy: string): Promise<void> {
  const { flags } = invocation;
  const timeout = flags.duration('pod-running-timeout');
  const running = await waitForPod(invocation, pod, timeout, (now) => hasEnded(now) || isReady(now));
  if (hasEnded(running)) await writeLog(invocation, running);
  else await attach(invocation, running);
  if (flags.bool('leave-stdin-open') || restartPolicy === 'Always') return;
  const finished =
    restartPolicy === 'OnFailure' ? (now: Pod | undefined) => now?.status?.phase === 'Succeeded' : hasEnded;
  exitOf(await waitForPod(invocation, running, timeout, finished));
}
