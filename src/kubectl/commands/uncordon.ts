import type { Command } from '../command.ts';
import { CORDON_FLAGS, cordonNodes, selectNodes } from './drain/cordon.ts';

const command: Command = {
  name: 'uncordon',
  use: 'uncordon NODE',
  short: 'Mark node as schedulable',
  examples: `
# node-1 takes pods again
kubectl uncordon node-1`,
  flags: CORDON_FLAGS,
  async run(invocation) {
    const { nodes, dryRun } = await selectNodes(invocation, command.use);
    await cordonNodes(invocation, nodes, false, dryRun);
  },
};

export default command;
