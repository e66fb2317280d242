import { ExitError } from './errors.ts';
import type { KubectlEnvironment } from './io.ts';
import type { CommandEntry } from './registry.ts';

/** Folders of the PATH. */
export const pathFolders = ({ host }: KubectlEnvironment): string[] =>
  (host.env.PATH ?? '').split(process.platform === 'win32' ? ';' : ':').filter((folder) => folder !== '');

const EXECUTABLE = 0o111;

/** The first file `name` on the PATH that can be executed. */
function lookPath(environment: KubectlEnvironment, name: string): string | undefined {
  return pathFolders(environment)
    .map((folder) => `${folder}/${name}`)
    .find((path) => {
      const stat = statIfPossible(environment, path);
      return stat && !stat.directory && (stat.mode & EXECUTABLE) !== 0;
    });
}

/** A file that cannot be looked at (its name is too long) is none. */
function statIfPossible({ host }: KubectlEnvironment, path: string): ReturnType<KubectlEnvironment['host']['stat']> {
  try {
    return host.stat(path);
  } catch {
    return undefined;
  }
}

/** Runs the plugin with the longest name that the leading words give; nothing when there is none. */
export async function runPlugin(
  environment: KubectlEnvironment,
  argv: string[],
  minimumWords: number,
): Promise<number | undefined> {
  const firstFlag = argv.findIndex((arg) => arg.startsWith('-'));
  const words = (firstFlag < 0 ? argv : argv.slice(0, firstFlag)).map((word) => word.replaceAll('-', '_'));
  if (words.length === 0) throw new ExitError(1, `Error: flags cannot be placed before plugin name: ${argv[0]}\n`);
  for (let count = words.length; count >= minimumWords; count--) {
    const path = lookPath(environment, `kubectl-${words.slice(0, count).join('-')}`);
    if (!path) continue;
    const { code } = await environment.host.spawn([path, ...argv.slice(count)], {});
    return code;
  }
  const bundled = BUNDLED[words[0]!];
  return bundled && (await bundled(argv.slice(1), environment));
}

/** Plugins that come with kubemu; one of the same name on the PATH goes before. */
const BUNDLED: Record<string, (argv: string[], environment: KubectlEnvironment) => Promise<number>> = {
  node_shell: async (argv, environment) => (await import('./node-shell/index.ts')).runNodeShell(argv, environment),
};

/** Files of the PATH that are named like plugins, in the order in which they are found. */
export function pluginFiles(environment: KubectlEnvironment): { folder: string; name: string; executable: boolean }[] {
  const folders = [...new Set(pathFolders(environment))];
  return folders.flatMap((folder) => {
    if (!environment.host.stat(folder)?.directory) return [];
    return environment.host
      .readDir(folder)
      .filter(({ name, directory }) => !directory && name.startsWith('kubectl-'))
      .map(({ name }) => ({
        folder,
        name,
        executable: ((environment.host.stat(`${folder}/${name}`)?.mode ?? 0) & EXECUTABLE) !== 0,
      }));
  });
}

/** Plugins that root help lists as commands. */
export function rootPlugins(
  environment: KubectlEnvironment,
  entries: CommandEntry[],
): { name: string; short: string }[] {
  const known = new Set(entries.map(({ name }) => name));
  const names = pluginFiles(environment)
    .filter(({ executable }) => executable)
    .map(({ name }) => name.slice('kubectl-'.length).split('-')[0]!.replaceAll('_', '-'));
  return [...new Set(names)]
    .filter((name) => !known.has(name))
    .map((name) => ({ name, short: `The command ${name} is a plugin installed by the user` }));
}
