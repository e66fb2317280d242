import { UserError } from '../base/user-error.ts';
import { noteDeed } from '../cluster/deeds.ts';
import { ClusterSession } from '../cluster/session.ts';
import { readKubeconfig } from './kubeconfig.ts';
import { chosenStateFile, kubeconfigFile, stateFiles } from './locations.ts';

type Environment = Record<string, string | undefined>;

/** A cluster by its name; without one, the current. Throws UserError if there is none. */
export async function findCluster(env: Environment, wanted?: string): Promise<{ name: string; path: string }> {
  const files = stateFiles(env);
  const config = await readKubeconfig(kubeconfigFile(env));
  const current = config.contexts.get(config.currentContext)?.cluster ?? config.currentContext;
  const name = wanted ?? (current || files[0]?.name);
  const found = chosenStateFile(env) ? files[0] : files.find((file) => file.name === name);
  if (found) return { name: name ?? found.name, path: found.path };
  throw new UserError(
    files.length === 0
      ? 'there is no cluster\nMake one with: kubemu create cluster'
      : `there is no cluster named ${name}: there ${files.length === 1 ? 'is' : 'are'} ${files.map((file) => file.name).join(', ')}`,
  );
}

/** Works on a cluster under its lock, and saves it. */
export async function changeCluster<T>(
  path: string,
  command: string,
  action: (cluster: Awaited<ReturnType<ClusterSession['writing']>>) => Promise<T>,
): Promise<T> {
  const session = new ClusterSession({ path, command });
  const cluster = await session.writing();
  noteDeed(session, { kind: 'line', line: command });
  const result = await action(cluster);
  await session.letGo();
  return result;
}
