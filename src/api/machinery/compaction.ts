import type { ApiWorld } from '../world.ts';

/** How often the API server has etcd forget what was before the last time, ms. */
const INTERVAL = 300_000;

/** The revision that was there when an interval began, noted by the first write in it. */
interface Mark {
  interval: number;
  revision: number;
}

const intervalOf = (now: number): number => Math.floor(now / INTERVAL);
const marks = ({ state }: ApiWorld) => state.section<Mark>('compaction');

/** Notes the revision for later compactions; called before each write. */
export function beforeWrite(world: ApiWorld): void {
  const section = marks(world);
  const last = section.get('last');
  const interval = intervalOf(world.now());
  if (last?.interval === interval) return;
  if (last) section.set('before', last);
  section.set('last', { interval, revision: world.store.revision });
}

/** The revision before which etcd knows nothing any more: the one at the beginning of the interval before this one. */
export function compactedRevision(world: ApiWorld): number {
  const section = marks(world);
  const since = intervalOf(world.now()) - 1;
  const known = ['before', 'last'].map((key) => section.get(key)).find((mark) => mark && mark.interval >= since);
  return known?.revision ?? world.store.revision;
}
