import { parseLabelSelector } from '../../api/machinery/selectors.ts';
import type { Command, Invocation } from '../command.ts';
import { AggregateFailure, asError, CommandError } from '../errors.ts';
import { chunkSizeFlag, type DryRun } from '../flags/common.ts';
import { type Printable, printerFor } from '../printers/print-flags.ts';
import type { Info } from '../resource/info.ts';
import { CORDON_FLAGS, cordonNodes, selectNodes } from './drain/cordon.ts';
import { removePods } from './drain/evict.ts';
import { podsForDeletion } from './drain/pods.ts';

function checkPodSelector({ flags }: Invocation): void {
  try {
    parseLabelSelector(flags.string('pod-selector'));
  } catch {
    throw new CommandError('--pod-selector=<pod_selector> must be a valid label selector');
  }
}

async function drainNode(invocation: Invocation, { name }: Info, dryRun: DryRun): Promise<void> {
  const { io } = invocation.environment;
  const { pods, warning } = await podsForDeletion(invocation, name);
  if (warning) io.err(`Warning: ${warning}\n`);
  if (dryRun === 'client') {
    for (const { metadata } of pods) io.out(`evicting pod ${metadata.namespace}/${metadata.name} (dry run)\n`);
    return;
  }
  try {
    await removePods(invocation, pods, dryRun);
  } catch (error) {
    const left = (await podsForDeletion(invocation, name)).pods;
    if (left.length)
      io.err(
        `There are pending pods in node ${JSON.stringify(name)} when an error occurred: ${asError(error).message}\n`,
      );
    for (const { metadata } of left) io.err(`pod/${metadata.name}\n`);
    throw error;
  }
}

const command: Command = {
  name: 'drain',
  use: 'drain NODE',
  short: 'Drain node in preparation for maintenance',
  long: `Drain a node before work on the machine.

The node is marked unschedulable, then its pods are evicted, or deleted where eviction is not supported. Pods of a daemon set would come back at once and stop the drain unless --ignore-daemonsets is given; pods without a controller do unless --force is. A disruption budget makes the drain wait.`,
  examples: `
# Empty a node, pods without a controller too
kubectl drain node-1 --force

# Give each pod 15 minutes
kubectl drain node-1 --grace-period=900`,
  flags: [
    { name: 'force', type: 'bool', usage: 'Go on even if there are pods that do not declare a controller.' },
    { name: 'ignore-daemonsets', type: 'bool', usage: 'Ignore DaemonSet-managed pods.' },
    {
      name: 'delete-emptydir-data',
      type: 'bool',
      usage: 'Go on even if there are pods with emptyDir (local data that is deleted when the node is drained).',
    },
    {
      name: 'grace-period',
      type: 'int',
      default: '-1',
      usage: 'Seconds that each pod has to end gracefully. If negative, those of the pod.',
    },
    { name: 'timeout', type: 'duration', usage: 'How long to wait before giving up, zero means for ever' },
    { name: 'pod-selector', type: 'string', usage: 'Label selector for the pods of the node' },
    {
      name: 'disable-eviction',
      type: 'bool',
      usage: 'Delete the pods even if eviction is supported. This passes over PodDisruptionBudgets, use with caution.',
    },
    {
      name: 'skip-wait-for-delete-timeout',
      type: 'int',
      usage:
        'Do not wait for pods whose DeletionTimestamp is older than so many seconds. Must be greater than 0 to skip.',
    },
    chunkSizeFlag,
    ...CORDON_FLAGS,
  ],
  async run(invocation) {
    const { nodes, dryRun } = await selectNodes(invocation, command.use);
    checkPodSelector(invocation);
    await cordonNodes(invocation, nodes, true, dryRun);
    const { io } = invocation.environment;
    const failures: Error[] = [];
    const remaining: string[] = [];
    for (const info of nodes) {
      try {
        await drainNode(invocation, info, dryRun);
        const print = await printerFor(invocation, 'drained', { dryRun });
        io.out(print(info.object as unknown as Printable));
      } catch (error) {
        io.err(
          `error: unable to drain node ${JSON.stringify(info.name)} due to error: ${asError(error).message}, continuing command...\n`,
        );
        failures.push(asError(error));
        remaining.push(info.name);
      }
    }
    if (remaining.length)
      io.err(`There are pending nodes to be drained:\n${remaining.map((name) => ` ${name}\n`).join('')}`);
    // An aggregate even of one, as upstream: kubectl prints what is within without "error: ".
    if (failures.length > 0) throw new AggregateFailure(failures);
  },
};

export default command;
