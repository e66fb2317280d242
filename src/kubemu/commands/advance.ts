import { advance as advanced } from '../../workstation/verbs.ts';
import { changeCluster, findCluster } from '../current.ts';
import type { ProcessStreams } from '../streams.ts';

/** `kubemu advance` */
export async function advance(
  streams: ProcessStreams,
  duration: string | undefined,
  options: { untilSettled?: boolean },
): Promise<void> {
  const action = advanced(duration, options);
  const { path } = await findCluster(process.env);
  streams.out(await changeCluster(path, `kubemu advance ${duration ?? '--until-settled'}`, action));
}
