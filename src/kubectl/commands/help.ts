import type { Command } from '../command.ts';
import { rootUsage } from '../help.ts';

const command: Command = {
  name: 'help',
  use: 'help [command] [flags]',
  short: 'Help about any command',
  long: `Help tells about any command of the application.
Type kubectl help [path to command] for everything about it.`,
  run: async ({ args, program, environment }) => {
    const { command: found, rest } = await program.lookup(args);
    if (args.length > 0 && !found.definition) {
      environment.io.err(
        `Unknown help topic [${rest.map((word) => `\`${word}\``).join(' ')}]\n${rootUsage(program.entries)}`,
      );
      return;
    }
    if (found.definition) program.showHelp(found.path, found.definition);
    else await program.showRootHelp();
  },
};

export default command;
