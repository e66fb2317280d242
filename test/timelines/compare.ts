import type { Moment, Summary } from './summary.ts';

/** What Kubernetes itself sets must be met within this, ms, or within a fifth. */
const EXACT = 1_000;
const SHARE = 0.2;
/** Shorter waits are the machine's business: how long a container takes to start, or how late a busy controller looks. */
const BUSINESS = 5_000;
/** A sync that failed comes again after 10 s and up to half of that, when the kubelet's loop looks next (backOffPeriod), ms. */
const RETRY = 16_000;
/** Events that repeat are counted with a tolerance: their back-offs have a jitter. */
const FEW = 3;

/** Of a recording: how long it lasted, and when somebody did something, ms. */
export interface Recording {
  lasts: number;
  actions: number[];
}

const states = (moments: Moment[]): string[] => moments.map(([, state]) => state);

const isBackOff = (state: string): boolean => /BackOff/.test(state);

/** Whether a state is what a workload's pods or somebody's wish make of it: the time it takes is theirs. */
const follows = (state: string): boolean => /deleting|^(?!Pending|Running|Succeeded|Failed|gone)/.test(state);

/** When the wait for a state began: with the state before, but showing a back-off is no step of its own. */
function origin(moments: Moment[], index: number): number {
  let at = index - 1;
  while (at > 0 && isBackOff(moments[at]![1])) at--;
  return moments[at]![0];
}

/** Whether a state came as it should: as long after the one before or what somebody did, or at the same time. */
function isTimely(ours: Moment[], theirs: Moment[], index: number, actions: number[]): boolean {
  const [is, should] = [ours[index]![0], theirs[index]![0]];
  if (Math.abs(is - should) <= EXACT) return true;
  const act = Math.max(0, ...actions.filter((t) => t <= should));
  const waited = is - Math.max(origin(ours, index), act);
  const wait = should - Math.max(origin(theirs, index), act);
  if (waited < BUSINESS && wait < BUSINESS) return true;
  const retried = isBackOff(theirs[index - 1]![1]) || isBackOff(theirs[index]![1]);
  const slack = retried ? RETRY : follows(theirs[index]![1]) ? BUSINESS : 0;
  return Math.abs(waited - wait) <= Math.max(EXACT, SHARE * wait, slack);
}

/** How two sequences of states differ; what comes after the end of the recording does not count. */
function sequence(what: string, ours: Moment[], theirs: Moment[], recording: Recording, timed = true): string[] {
  const [a, b] = [states(ours), states(theirs)];
  const at = b.findIndex((state, index) => a[index] !== state);
  // A retry that the recording saw just before its end may come just after ours.
  const late = at >= 0 && a[at] === undefined && isBackOff(b[at - 1] ?? '') && theirs[at]![0] > recording.lasts - RETRY;
  if (at >= 0 && !late) {
    const before = at > 0 ? `after "${b[at - 1]}" ` : '';
    return [`${what}: ${before}comes "${a[at] ?? 'nothing'}" instead of "${b[at]}"`];
  }
  const more = ours[theirs.length];
  if (more && more[0] < recording.lasts - BUSINESS) return [`${what}: "${more[1]}" comes, and should not`];
  return theirs.flatMap(([t, state], index) => {
    if (index === 0 || !timed || !ours[index]) return [];
    return isTimely(ours, theirs, index, recording.actions)
      ? []
      : [`${what}: "${state}" comes at ${ours[index]![0]} ms instead of ${t}`];
  });
}

const byWay = (a: Moment[], b: Moment[]): number => {
  const [x, y] = [states(a).join(), states(b).join()];
  return x === y ? a.at(-1)![0] - b.at(-1)![0] : x < y ? -1 : 1;
};

/** Puts the pods of a generated name side by side that went the same way. */
function sideBySide(what: string, ours: Moment[][], theirs: Moment[][], recording: Recording): string[] {
  if (ours.length !== theirs.length) return [`${what}: ${ours.length} pods instead of ${theirs.length}`];
  const left = ours.toSorted(byWay);
  return theirs.toSorted(byWay).flatMap((their, index) => {
    const same = left.findIndex((our) => sequence('', our, their, recording, false).length === 0);
    const [our] = left.splice(Math.max(same, 0), 1);
    return sequence(`${what} ${index}`, our!, their, recording);
  });
}

function eventCounts(ours: Summary['events'], theirs: Summary['events'], lasts: number): string[] {
  return [...new Set([...Object.keys(ours), ...Object.keys(theirs)])].sort().flatMap((key) => {
    const should = theirs[key]?.length ?? 0;
    const all = ours[key] ?? [];
    // The recording may have ended just before.
    const sure = all.filter((t) => t < lasts - BUSINESS).length;
    const slack = should > FEW ? Math.max(1, Math.ceil(SHARE * should)) : 0;
    return sure > should + slack || all.length < should - slack
      ? [`${key}: ${all.length} times instead of ${should}`]
      : [];
  });
}

/** Whether values come in the order of others: controllers that watch each other's work miss what lasts but a moment. */
function isPartOf(some: number[], all: number[]): boolean {
  let at = 0;
  for (const value of all) if (value === some[at]) at++;
  return at === some.length;
}

/** What differs between a timeline as we play it and as it was recorded. */
export function differences(ours: Summary, theirs: Summary, recording: Recording): string[] {
  const names = (key: 'pods' | 'workloads') =>
    [...new Set([...Object.keys(ours[key]), ...Object.keys(theirs[key])])].sort();
  const pods = names('pods').flatMap((name) =>
    sideBySide(`pods/${name}`, ours.pods[name] ?? [], theirs.pods[name] ?? [], recording),
  );
  const workloads = names('workloads').flatMap((name) => {
    const [a, b] = [ours.workloads[name], theirs.workloads[name]];
    // Not every recording looked at every kind.
    if (!b) return [];
    if (!a) return [`${name}: is not there`];
    const counts = [...new Set([...Object.keys(a.counts), ...Object.keys(b.counts)])].flatMap((count) => {
      const [is, should] = [a.counts[count] ?? [], b.counts[count] ?? []];
      return isPartOf(is, should) || isPartOf(should, is) ? [] : [`${name}: ${count} is ${is} instead of ${should}`];
    });
    const conditions = Object.entries(b.conditions).flatMap(([type, moments]) =>
      sequence(`${name}: ${type}`, a.conditions[type] ?? [], moments, recording),
    );
    return [...conditions, ...counts];
  });
  return [...pods, ...workloads, ...eventCounts(ours.events, theirs.events, recording.lasts)];
}
