import type { Command } from '../command.ts';
import { CommandError } from '../errors.ts';

const command: Command = {
  name: 'kustomize',
  use: 'kustomize',
  short: '',
  run: async () => {
    throw new CommandError('kubectl kustomize is not implemented yet');
  },
};

export default command;
