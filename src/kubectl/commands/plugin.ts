import type { Command, Invocation } from '../command.ts';
import { CommandError } from '../errors.ts';
import { pathFolders, pluginFiles } from '../plugins.ts';

const list: Command = {
  name: 'list',
  use: 'list',
  flagsInUseLine: true,
  short: "List all visible plugin executables on a user's PATH",
  long: `List all available plugin files on a user's PATH. Plugin files are executable, stand in a folder of the PATH, and have a name that begins with "kubectl-".`,
  examples: `
# List all available plugins
kubectl plugin list

# List only the names of available plugins, without their paths
kubectl plugin list --name-only`,
  flags: [{ name: 'name-only', type: 'bool', usage: 'Names of plugins without their paths' }],
  run: listPlugins,
};

const command: Command = {
  name: 'plugin',
  use: 'plugin',
  flagsInUseLine: true,
  short: 'Provides utilities for interacting with plugins',
  long: `Provides utilities for interacting with plugins.

Plugins add commands to kubectl that are not part of it: any executable file of the PATH whose name begins with "kubectl-".`,
  examples: `
# List all available plugins
kubectl plugin list

# List only the names of available plugins, without their paths
kubectl plugin list --name-only`,
  subcommands: [list],
};

export default command;

async function listPlugins({ flags, environment, program }: Invocation): Promise<void> {
  const { io, host } = environment;
  const plugins = pluginFiles(environment);
  for (const folder of new Set(pathFolders(environment))) {
    if (!host.stat(folder)) {
      io.err(
        `Unable to read directory ${JSON.stringify(folder)} from your PATH: open ${folder}: no such file or directory. Skipping...\n`,
      );
    }
  }
  if (plugins.length === 0) throw new CommandError('error: unable to find any kubectl plugins in your PATH\n');
  io.out('The following compatible plugins are available:\n\n');
  const seen = new Map<string, string>();
  let warnings = 0;
  for (const { folder, name, executable } of plugins) {
    const path = `${folder}/${name}`;
    io.out(`${flags.bool('name-only') ? name : path}\n`);
    const { command: overwritten } = await program.lookup(name.split('-').slice(1));
    const problems = [
      ...(executable ? [] : [`warning: ${path} identified as a kubectl plugin, but it is not executable`]),
      ...(seen.has(name) ? [`warning: ${path} is overshadowed by a similarly named plugin: ${seen.get(name)}`] : []),
      ...(overwritten.definition
        ? [`warning: ${name} overwrites existing command: ${JSON.stringify(overwritten.path)}`]
        : []),
    ];
    if (!seen.has(name)) seen.set(name, path);
    for (const problem of problems) io.err(`  - ${problem}\n`);
    warnings += problems.length;
  }
  if (warnings > 0) {
    throw new CommandError(
      warnings === 1 ? 'error: one plugin warning was found\n' : `error: ${warnings} plugin warnings were found\n`,
    );
  }
}
