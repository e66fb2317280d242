import { remember } from './checks/grade.ts';
import type { Lab, Task } from './format/lab.ts';
import { act, perform, stepsOf, type Trouble } from './perform.ts';
import { readBreakage } from './recipe.ts';
import type { Stage } from './stage.ts';

/** The node on which an administrator works: the control plane, or the first where that is out of reach. */
async function controlNode(stage: Stage): Promise<string> {
  const { nodes } = (await stage.cluster()).spec;
  return (nodes.find(({ roles }) => roles?.includes('control-plane')) ?? nodes[0]!).name;
}

/** Makes the namespace of a lab, if it is not there. */
export async function prepareNamespace(stage: Stage, { namespace }: Lab): Promise<void> {
  if ((await stage.get(`namespaces/${namespace}`)) === undefined)
    await stage.run(`kubectl create namespace ${namespace}`);
}

/** Sets the scene for a task: what its setup says, what is broken, and a cluster that has come to rest. */
export async function setUp(stage: Stage, lab: Lab, task: Task): Promise<Trouble[]> {
  const troubles = await prepare(stage, lab, task);
  await stage.settle();
  await remember(stage, task);
  return troubles;
}

async function prepare(stage: Stage, lab: Lab, task: Task): Promise<Trouble[]> {
  const first = task === lab.tasks[0];
  if (first) await prepareNamespace(stage, lab);
  const troubles = await perform(stage, stepsOf(task.setup.filter(({ after }) => !after)));
  const breakage = first ? readBreakage(lab) : undefined;
  if (breakage) await act(stage, breakage.break, await controlNode(stage));
  troubles.push(...(await perform(stage, stepsOf(task.setup.filter(({ after }) => after)))));
  return troubles;
}

/** Sets the scene for a whole exam, whose tasks may be done in any order. */
export async function setUpAll(stage: Stage, lab: Lab): Promise<Trouble[]> {
  const troubles: Trouble[] = [];
  for (const task of lab.tasks) troubles.push(...(await prepare(stage, lab, task)));
  await stage.settle();
  for (const task of lab.tasks) await remember(stage, task);
  return troubles;
}

/** Repairs what the lab's own breakage broke. */
export async function repair(stage: Stage, lab: Lab): Promise<void> {
  const breakage = readBreakage(lab);
  if (breakage) await act(stage, breakage.repair, await controlNode(stage));
}
