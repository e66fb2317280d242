import { wallClock } from '../base/clock.ts';
import type { Cluster } from './cluster.ts';
import type { ClusterSession } from './session.ts';

/** Section of clusters that belong to a lab: what the lab remembers of them. */
export const LAB_SECTION = 'lab';
/** Section of those: what was done to them, in order. */
const LOG_SECTION = 'lab/log';

/** Something that was done to a lab's cluster, so that it can be done again: a request, or a line at the workstation. */
export interface Deed {
  kind: string;
  /** Everything that its input said. */
  stdin?: string;
  [detail: string]: unknown;
}

/** When it was done, and from where the cluster's dice went on. Times in ms. */
export interface LoggedDeed extends Deed {
  /** Cluster time. */
  at: number;
  wall: number;
  random: number;
}

/** Notes what is about to be done, if the cluster belongs to a lab; answers what notes its input as that comes. */
export function noteDeed(session: ClusterSession, deed: Deed): (input: string) => void {
  const cluster = session.current;
  if (!cluster || !isNoted(cluster)) return () => {};
  const log = cluster.state.section<LoggedDeed>(LOG_SECTION);
  const key = String(log.keys().length).padStart(6, '0');
  let noted: LoggedDeed = {
    at: cluster.clock.now(),
    wall: wallClock.now(),
    random: cluster.random.state,
    ...deed,
  };
  log.set(key, noted);
  return (input) => {
    noted = { ...noted, stdin: `${noted.stdin ?? ''}${input}` };
    session.current?.state.section<LoggedDeed>(LOG_SECTION).set(key, noted);
  };
}

/** Whether the cluster belongs to a lab. */
export const isNoted = ({ state }: Cluster): boolean => state.section(LAB_SECTION).has('id');

/** All that was done to a lab's cluster. */
export function deedsOf({ state }: Pick<Cluster, 'state'>): LoggedDeed[] {
  const log = state.section<LoggedDeed>(LOG_SECTION);
  return log.keys().map((key) => log.get(key)!);
}

/** A command line with its words quoted as a shell needs it. */
export const shellLine = (argv: string[]): string =>
  argv.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)).join(' ');
