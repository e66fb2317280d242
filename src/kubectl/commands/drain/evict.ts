import { formatDuration } from '../../../base/duration.ts';
import type { Pod } from '../../../types/objects.ts';
import type { Invocation } from '../../command.ts';
import { AggregateFailure, asError, CommandError, isNotFound, StatusError } from '../../errors.ts';
import { type DryRun, dryRunQuery } from '../../flags/common.ts';
import { type Printable, printerFor } from '../../printers/print-flags.ts';

const POLL_MS = 1000;
const RETRY_MS = 5000;
/** What an unlimited timeout is in Go: the longest duration. */
const FOREVER_MS = 9_223_372_036_854;

/** A pod on its way out: asked for at `due`, then waited for. */
interface Leaving {
  pod: Pod;
  due: number;
  asked: boolean;
}

const podPath = (pod: Pod): string => `/api/v1/namespaces/${pod.metadata.namespace}/pods/${pod.metadata.name}`;

/** Removes pods by eviction, or by deletion with --disable-eviction, and waits until they are gone. */
export async function removePods(invocation: Invocation, pods: Pod[], dryRun: DryRun): Promise<void> {
  const { flags, factory, environment } = invocation;
  const client = await factory.client();
  const { transport } = client;
  const evicts = !flags.bool('disable-eviction');
  const timeout = flags.duration('timeout') || FOREVER_MS;
  const end = transport.now() + timeout;
  const grace = flags.int('grace-period');
  const deleteOptions = {
    ...(grace >= 0 && { gracePeriodSeconds: grace }),
    // A query beside a body does not count.
    ...(dryRun === 'server' && { dryRun: ['All'] }),
  };
  const printGone = await printerFor(invocation, evicts ? 'evicted' : 'deleted', { dryRun });
  const errors: Error[] = [];
  let leaving: Leaving[] = pods.map((pod) => ({ pod, due: transport.now(), asked: false }));

  /** Whether the pod still has to be waited for. */
  async function ask(entry: Leaving): Promise<boolean> {
    const { pod } = entry;
    const { name, namespace } = pod.metadata;
    const where = `pods/${JSON.stringify(name)} -n ${JSON.stringify(namespace)}`;
    if (evicts)
      environment.io.out(`evicting pod ${namespace}/${name}${dryRun === 'server' ? ' (server dry run)' : ''}\n`);
    if (transport.now() >= end) {
      errors.push(new CommandError(`error when evicting ${where}: global timeout reached: ${formatDuration(timeout)}`));
      return false;
    }
    try {
      const query = dryRunQuery(dryRun);
      if (evicts) {
        const body = {
          kind: 'Eviction',
          apiVersion: 'policy/v1',
          metadata: { name, namespace, creationTimestamp: null },
          deleteOptions,
        };
        await client.request('POST', `${podPath(pod)}/eviction`, { query, body });
      } else
        await client.request('DELETE', podPath(pod), {
          query,
          body: { kind: 'DeleteOptions', apiVersion: 'v1', ...deleteOptions },
        });
    } catch (error) {
      if (isNotFound(error)) return false;
      if (error instanceof StatusError && error.reason === 'TooManyRequests') {
        environment.io.err(`error when evicting ${where} (will retry after 5s): ${error.message}\n`);
        entry.due = transport.now() + RETRY_MS;
        return true;
      }
      errors.push(new CommandError(`error when evicting ${where}: ${asError(error).message}`));
      return false;
    }
    entry.asked = true;
    return dryRun !== 'server';
  }

  /** Whether the pod is still there. */
  async function stillThere({ pod }: Leaving): Promise<boolean> {
    try {
      const now = await client.get<Pod>(podPath(pod));
      if (now.metadata.uid === pod.metadata.uid) return true;
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
    environment.io.out(printGone({ ...pod, kind: 'Pod', apiVersion: 'v1' } as unknown as Printable));
    return false;
  }

  while (leaving.length) {
    const next: Leaving[] = [];
    for (const entry of leaving) {
      const waits = entry.asked ? await stillThere(entry) : entry.due <= transport.now() ? await ask(entry) : true;
      if (waits) next.push(entry);
    }
    leaving = next;
    if (!leaving.length) break;
    if (transport.now() >= end && leaving.every((entry) => entry.asked)) {
      for (const { pod } of leaving) {
        const { name, namespace } = pod.metadata;
        errors.push(
          new CommandError(
            `error when waiting for pod ${JSON.stringify(name)} in namespace ${JSON.stringify(namespace)} to terminate: global timeout reached: ${formatDuration(timeout)}`,
          ),
        );
      }
      break;
    }
    await transport.sleep(Math.max(1, Math.min(POLL_MS, end - transport.now())), 'drives');
  }
  if (errors.length > 0) throw new AggregateFailure(errors);
}
