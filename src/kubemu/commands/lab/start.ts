import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import chalk from 'chalk';
import { wallClock } from '../../../base/clock.ts';
import { UserError } from '../../../base/user-error.ts';
import { administratorOf } from '../../../cluster/administrator.ts';
import { LAB_SECTION } from '../../../cluster/deeds.ts';
import type { User } from '../../../kubectl/kubeconfig/config.ts';
import type { Lab } from '../../../lab/format/lab.ts';
import { writeHome } from '../../../lab/home.ts';
import { findLab, readLab } from '../../../lab/library.ts';
import { serverOf } from '../../../lab/recipe.ts';
import { begin, install } from '../../../lab/run.ts';
import { Stage } from '../../../lab/stage.ts';
import { count } from '../../../lab/text.ts';
import { restoreState, snapshotState } from '../../../store/memory-keeper.ts';
import { addCluster } from '../../../workstation/kubeconfig.ts';
import { freeServer } from '../../clusters.ts';
import { readKubeconfig, writeKubeconfig } from '../../kubeconfig.ts';
import { kubeconfigFile, stateFileOf, stateFiles } from '../../locations.ts';
import type { ProcessStreams } from '../../streams.ts';
import { filesOf, noTaskYet, playing, progressOf, say, showTask } from './playing.ts';

/** `kubemu lab start ID|FILE` */
export async function start(streams: ProcessStreams, wanted: string, { dir }: { dir?: string }): Promise<void> {
  const env = process.env;
  const lab = readLab(findLab(wanted));
  const name = `lab-${lab.id}`;
  const path = stateFileOf(env, name);
  refuseSecond(lab, name, path);
  const kubeconfig = await readKubeconfig(kubeconfigFile(env));
  const server = freeServer(env, serverOf(lab));
  const epoch = Math.floor(wallClock.now() / 1000) * 1000;
  const { snapshot, user } = marked(await begin(lab, { name, epoch, server }), kubeconfig.currentContext);

  const files = filesOf(env, lab.id);
  mkdirSync(files.folder, { recursive: true });
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(files.lab, lab.source);
  writeFileSync(files.start, snapshot, { mode: 0o600 });
  install(path, snapshot, lab);
  const home = dir === undefined ? files.home : resolve(dir);
  if (dir === undefined) rmSync(home, { recursive: true, force: true });
  writeHome(home, await Stage.restore(snapshot, lab.namespace).home());
  addCluster(kubeconfig, name, { server, user, namespace: lab.namespace });
  writeKubeconfig(kubeconfigFile(env), kubeconfig);
  progressOf(env).update(lab.id, (before) => ({
    ...before,
    attempts: before.attempts + 1,
    run: {
      startedAt: wallClock.now(),
      task: 0,
      tasks: lab.tasks.map(noTaskYet),
      ...(dir !== undefined && { home }),
      ...(lab.series === 'own' && { file: wanted }),
    },
  }));
  introduce(streams, lab, name, home);
  showTask(streams, await playing(env), 0);
}

function refuseSecond(lab: Lab, name: string, path: string): void {
  if (!stateFiles(process.env).some((existing) => existing.path === path)) return;
  throw new UserError(
    process.env.KUBEMU_STATE
      ? `there is a cluster already in ${path}, and KUBEMU_STATE allows only that one\nRemove it with: kubemu delete cluster, or unset KUBEMU_STATE`
      : `the lab ${lab.id} has a cluster already\nTo go on with it: kubemu use ${name}. To leave it: kubemu lab stop ${lab.id}`,
  );
}

/** The state that remembers which cluster was the current one before; and its administrator's credentials. */
function marked(snapshot: string, before: string): { snapshot: string; user: User } {
  const state = restoreState(snapshot);
  if (before) state.section<string>(LAB_SECTION).set('before', before);
  return { snapshot: snapshotState(state), user: administratorOf(state.section('cluster')) };
}

function introduce(streams: ProcessStreams, lab: Lab, name: string, home: string): void {
  const facts = [lab.topic, lab.level, `${lab.minutes} min`, ...(lab.exam ? [`${lab.exam.pass} % pass`] : [])];
  streams.out(`${chalk.bold(lab.title)}\n${chalk.dim(facts.join(' · '))}\n\n`);
  say(streams, lab.story);
  const hints = [
    `The cluster is \`${name}\`, and kubectl works on it now. What the lab calls \`ssh NODE\` is: \`kubemu ssh NODE\``,
    `The home of the workstation is the folder ${home}`,
    ...(lab.exam
      ? [
          `There are ${count(lab.tasks.length, 'task')}, in any order: \`kubemu lab task 2\` shows the second.`,
          'The clock runs. When you are done: `kubemu lab submit`',
        ]
      : ['When you are done with the task: `kubemu lab check`. If you are stuck: `kubemu lab hint`']),
  ];
  streams.out('\n');
  for (const hint of hints) say(streams, hint);
  streams.out('\n');
}
