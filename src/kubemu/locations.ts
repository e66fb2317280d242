import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';

type Environment = Record<string, string | undefined>;

/** The name of the cluster that a first command makes. */
export const DEFAULT_CLUSTER = 'kubemu';

/** How much of a state file is looked at to see whose it is: the section `cluster` stands near its top. */
const HEAD_BYTES = 65_536;

/** Where kubemu keeps its clusters: the platform's place for a program's state. */
export function stateFolder(env: Environment, platform: NodeJS.Platform = process.platform): string {
  if (env.XDG_STATE_HOME && isAbsolute(env.XDG_STATE_HOME)) return join(env.XDG_STATE_HOME, 'kubemu');
  if (platform === 'win32') return join(env.LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local'), 'kubemu');
  if (platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'kubemu');
  return join(homedir(), '.local', 'state', 'kubemu');
}

/** The only state file there is, when KUBEMU_STATE names it. */
export const chosenStateFile = (env: Environment): string | undefined =>
  env.KUBEMU_STATE ? resolve(env.KUBEMU_STATE) : undefined;

export const stateFileOf = (env: Environment, name: string): string =>
  chosenStateFile(env) ?? join(stateFolder(env), `${name}.json`);

/** kubemu's own kubeconfig, beside the state. */
export function kubeconfigFile(env: Environment): string {
  const chosen = chosenStateFile(env);
  return chosen ? `${chosen.replace(/\.json$/, '')}.kubeconfig` : join(stateFolder(env), 'kubeconfig');
}

/** Where what belongs to labs is kept, beside the clusters. */
export function labsFolder(env: Environment): string {
  const chosen = chosenStateFile(env);
  return chosen ? `${chosen.replace(/\.json$/, '')}.labs` : join(stateFolder(env), 'labs');
}

/** Where state files may be, by the names of their clusters, in order. */
function candidates(env: Environment): { name: string; path: string }[] {
  const chosen = chosenStateFile(env);
  const [folder, names] = chosen
    ? [dirname(chosen), [basename(chosen)]]
    : [stateFolder(env), listFolder(stateFolder(env))];
  return names
    .filter((name) => chosen || name.endsWith('.json'))
    .map((name) => ({ name: name.replace(/\.json$/, ''), path: join(folder, name) }));
}

/** All state files, by the names of their clusters, in order. */
export const stateFiles = (env: Environment): { name: string; path: string }[] =>
  candidates(env).filter(({ path }) => headOf(path) !== undefined);

/** The state file of the cluster whose API server is at `server`. */
export function stateFileByServer(env: Environment, server: string): string | undefined {
  const wanted = `"apiServer":${JSON.stringify(server.replace(/\/+$/, ''))}`;
  return candidates(env).find(({ path }) => headOf(path)?.includes(wanted))?.path;
}

function listFolder(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

/** The first bytes of a file; undefined if there is none. */
function headOf(path: string): string | undefined {
  try {
    const file = openSync(path, 'r');
    try {
      const bytes = Buffer.allocUnsafe(HEAD_BYTES);
      return bytes.toString('utf8', 0, readSync(file, bytes, 0, HEAD_BYTES, 0));
    } finally {
      closeSync(file);
    }
  } catch {
    return undefined;
  }
}
