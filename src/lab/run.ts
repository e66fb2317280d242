import { wallClock } from '../base/clock.ts';
import { sha256 } from '../base/hash.ts';
import { type Deed, LAB_SECTION, noteDeed } from '../cluster/deeds.ts';
import { ClusterSession } from '../cluster/session.ts';
import { restoreState, snapshotState } from '../store/memory-keeper.ts';
import type { State } from '../store/section.ts';
import { StateFile } from '../store/state-file.ts';
import { parseState } from '../store/state-format.ts';
import { grade, type Result } from './checks/grade.ts';
import { goOn, standStill } from './clock.ts';
import type { Lab } from './format/lab.ts';
import { makeCluster } from './recipe.ts';
import { setUp, setUpAll } from './scene.ts';
import { Stage } from './stage.ts';

/** What a lab's cluster knows of its lab: section `lab` of its state. */
export interface Origin {
  id: string;
  /** sha256 of the lab's file. */
  digest: string;
  name: string;
  /** Cluster time at which it was made, ms. */
  epoch: number;
  server: string;
}

export const digestOf = (lab: Lab): string => sha256(lab.source);

/** What the cluster of a state says of its lab; undefined if it is none of a lab. */
export function originOf(state: State): Origin | undefined {
  const section = state.section<unknown>(LAB_SECTION);
  return section.has('id') ? (section.get('origin') as Origin) : undefined;
}

/** Makes a lab's cluster with its first scene set (an exam's: all of them); resolves with its state as text. */
export async function begin(lab: Lab, where: Omit<Origin, 'id' | 'digest'>): Promise<string> {
  const stage = Stage.restore(await makeCluster(lab, where), lab.namespace);
  if (lab.exam) await setUpAll(stage, lab);
  else await setUp(stage, lab, lab.tasks[0]!);
  const section = stage.state.section<unknown>(LAB_SECTION);
  section.set('id', lab.id);
  section.set('origin', { ...where, id: lab.id, digest: digestOf(lab) } satisfies Origin);
  section.set('task', 0);
  return await stage.snapshot();
}

/** The scene of the next task, set in a cluster as it is; resolves with its state as text. */
export async function moveOn(stage: Stage, lab: Lab, task: number): Promise<void> {
  stage.state.section<number>(LAB_SECTION).set('task', task);
  await setUp(stage, lab, lab.tasks[task]!);
}

/** A copy of a learner's cluster as it is now, on a clock of its own: nothing that is done there is done to the cluster. */
export async function copyOf(path: string, lab: Lab): Promise<Stage> {
  const session = new ClusterSession({ path, command: 'kubemu lab' });
  const cluster = await session.reading();
  await session.letGo();
  await cluster.flush();
  const state = restoreState(snapshotState(cluster.state));
  standStill(state);
  return new Stage(state, lab.namespace);
}

/** Grades a cluster as it will be when it has come to rest. */
export async function gradeCopy(stage: Stage, lab: Lab, tasks: number[]): Promise<Map<number, Result[]>> {
  await stage.settle();
  const results = new Map<number, Result[]>();
  for (const index of tasks) results.set(index, await grade(stage, lab.tasks[index]!));
  return results;
}

/** Notes in the log of a learner's cluster what the lab itself did. */
export async function note(path: string, deed: Deed): Promise<void> {
  const session = new ClusterSession({ path, command: `kubemu lab ${deed.kind}` });
  const cluster = await session.writing();
  await cluster.catchUp();
  noteDeed(session, deed);
  await session.letGo();
}

/** Puts a state into a new file, its clock going on from there unless the lab wants it to stand still. */
export function install(path: string, snapshot: string, lab: Lab): void {
  const file = StateFile.create(path);
  file.lock.acquire();
  try {
    parseState(snapshot, path, file.state);
    setClock(file.state, lab);
    file.save({ command: 'kubemu lab start', at: wallClock.now() });
  } finally {
    file.lock.release();
  }
}

/** Replaces all of a cluster's state in one step. */
export function replace(path: string, snapshot: string, lab: Lab): void {
  const file = StateFile.open(path);
  file.lock.acquire();
  try {
    const current = file.isCurrent() ? file : file.reopen();
    const wanted = restoreState(snapshot);
    setClock(wanted, lab);
    for (const name of new Set([...current.state.sections(), ...wanted.sections()])) {
      const [old, fresh] = [current.state.memorySection(name), wanted.memorySection(name)];
      for (const key of old.keys()) if (!fresh.has(key)) old.delete(key);
      for (const key of fresh.keys())
        if (!old.has(key) || old.text(key) !== fresh.text(key)) old.set(key, fresh.get(key));
    }
    current.save({ command: 'kubemu lab', at: wallClock.now() });
  } finally {
    file.lock.release();
  }
}

function setClock(state: State, lab: Lab): void {
  if (lab.cluster.clock !== 'manual') goOn(state, wallClock);
}
