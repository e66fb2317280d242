import { parseDuration } from '../../base/duration.ts';
import { formatTime } from '../../base/time.ts';
import type { Cluster } from '../../cluster/cluster.ts';
import { UserError } from '../clusters.ts';
import { changeCluster, findCluster } from '../current.ts';
import type { ProcessStreams } from '../streams.ts';

/** `kubemu advance` */
export async function advance(
  streams: ProcessStreams,
  duration: string | undefined,
  { untilSettled = false }: { untilSettled?: boolean },
): Promise<void> {
  if ((duration === undefined) !== untilSettled) {
    throw new UserError('say how long, or until when: kubemu advance 10m, or kubemu advance --until-settled');
  }
  const ms = duration === undefined ? undefined : read(duration);
  const { path } = await findCluster(process.env);
  const time = await changeCluster(path, `kubemu advance ${duration ?? '--until-settled'}`, (cluster) =>
    pass(cluster, ms),
  );
  streams.out(`It is ${formatTime(time)} in the cluster.\n`);
}

function read(duration: string): number {
  let ms: number;
  try {
    ms = parseDuration(duration);
  } catch {
    throw new UserError(`${duration} is no duration: 90s, 10m, 1h30m and 24h are`);
  }
  if (ms < 0) throw new UserError('time does not go backwards');
  return ms;
}

/** Lets `ms` pass, or as long as anything moves; returns the time then. */
async function pass(cluster: Cluster, ms: number | undefined): Promise<number> {
  const { clock, simulation } = cluster;
  const start = clock.now();
  if (ms === undefined) await simulation.runUntilSettled();
  else await simulation.runUntil(start + ms);
  clock.skip(clock.now() - start);
  return clock.now();
}
