import { groupVersionText } from '../client/mapper.ts';
import type { Command } from '../command.ts';
import { CommandError } from '../errors.ts';
import { usageError } from '../flags/common.ts';

const command: Command = {
  name: 'api-versions',
  use: 'api-versions',
  short: 'Print the supported API versions on the server, in the form of "group/version"',
  long: 'Print the supported API versions on the server, in the form of "group/version".',
  examples: `
# Print the supported API versions
kubectl api-versions`,
  run: async (invocation) => {
    const { args, factory, environment } = invocation;
    if (args.length > 0) throw usageError(invocation, `unexpected arguments: [${args.join(' ')}]`);
    // What is wrong with the configuration is told before the server is asked.
    await factory.client();
    const found = await factory.mapper.groupVersions().catch((error: Error) => {
      throw new CommandError(`couldn't get available api versions from server: ${error.message}`);
    });
    const versions = found.map(groupVersionText).sort();
    environment.io.out(versions.map((version) => `${version}\n`).join(''));
  },
};

export default command;
