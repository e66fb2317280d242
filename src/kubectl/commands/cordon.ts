import type { Command } from '../command.ts';
import { CORDON_FLAGS, cordonNodes, selectNodes } from './drain/cordon.ts';

const command: Command = {
  name: 'cordon',
  use: 'cordon NODE',
  short: 'Mark node as unschedulable',
  examples: `
# No new pods for node-1
kubectl cordon node-1`,
  flags: CORDON_FLAGS,
  async run(invocation) {
    const { nodes, dryRun } = await selectNodes(invocation, command.use);
    await cordonNodes(invocation, nodes, true, dryRun);
  },
};

export default command;
