import { parseDuration } from '../base/duration.ts';
import { formatTime } from '../base/time.ts';
import { UserError } from '../base/user-error.ts';
import type { Cluster } from '../cluster/cluster.ts';

function milliseconds(duration: string): number {
  let ms: number;
  try {
    ms = parseDuration(duration);
  } catch {
    throw new UserError(`${duration} is no duration: 90s, 10m, 1h30m and 24h are`);
  }
  if (ms < 0) throw new UserError('time does not go backwards');
  return ms;
}

/** `kubemu advance`: answers how late it is then. Throws UserError. */
export function advance(
  duration: string | undefined,
  { untilSettled = false }: { untilSettled?: boolean },
): (cluster: Cluster) => Promise<string> {
  if ((duration === undefined) !== untilSettled)
    throw new UserError('say how long, or until when: kubemu advance 10m, or kubemu advance --until-settled');
  const ms = duration === undefined ? undefined : milliseconds(duration);
  return async ({ clock, simulation }) => {
    const start = clock.now();
    if (ms === undefined) await simulation.runUntilSettled();
    else await simulation.runUntil(start + ms);
    clock.skip(clock.now() - start);
    return `It is ${formatTime(clock.now())} in the cluster.\n`;
  };
}

/** `kubemu status`: what there is to say of a cluster. `shown`: how its name is set off. */
export function status(
  { spec, clock, store }: Cluster,
  { name, state, kubeconfig }: { name: string; state: string; kubeconfig: string },
): string {
  const count = (resource: string) => String(store.list(resource).length);
  const facts: [string, string][] = [
    ['Cluster', name],
    ['Kubernetes', spec.kubernetesVersion],
    ['API server', spec.apiServer],
    ['State', state],
    ['Kubeconfig', kubeconfig],
    ['Clock', `${clock.mode}, ${formatTime(clock.now())}`],
    ['Nodes', count('nodes')],
    ['Pods', count('pods')],
  ];
  return facts.map(([key, value]) => `${`${key}:`.padEnd(12)}${value}\n`).join('');
}
