import type { Command, Invocation } from '../../command.ts';
import { CommandError } from '../../errors.ts';
import { filenameFlags, PRINT_FLAGS, SELECTOR_FLAG } from '../../flags/common.ts';
import { outputFormat, type Printable, printerFor } from '../../printers/print-flags.ts';
import { objectName } from '../../resource/info.ts';
import { type Revision, requireRevisions, revisionsOf, revisionTable, templateText } from './history.ts';
import { requireResource, rolloutTargets } from './target.ts';

export const rolloutHistory: Command = {
  name: 'history',
  use: 'history (TYPE NAME | TYPE/NAME) [flags]',
  short: 'View rollout history',
  long: 'View previous rollout revisions and configurations.',
  examples: `
# The rollout history of a deployment
kubectl rollout history deployment/abc

# The details of revision 3 of a daemon set
kubectl rollout history daemonset/abc --revision=3`,
  flags: [
    ...filenameFlags('File, folder or URL that names the resource.'),
    ...PRINT_FLAGS,
    SELECTOR_FLAG,
    { name: 'revision', type: 'int64', usage: 'The details of this revision, its pod template included' },
  ],
  run: history,
};

async function history(invocation: Invocation): Promise<void> {
  const { flags, factory, environment } = invocation;
  await factory.namespace();
  requireResource(invocation);
  const wanted = flags.int('revision');
  if (wanted < 0) throw new CommandError(`revision must be a positive integer: ${wanted}`);
  const structured = outputFormat(invocation) !== '';
  const builder = factory.builder(rolloutTargets(invocation));
  await builder.check();
  const print = await printerFor(invocation, '');
  const pick = (revisions: Revision[]): Revision => {
    const found = revisions.find(({ number }) => number === wanted);
    if (!found) throw new CommandError('unable to find the specified revision');
    return found;
  };
  await builder.visit(async (info) => {
    requireRevisions(info, 'history viewer', 'history');
    const revisions = await revisionsOf(factory, info);
    if (structured) {
      const chosen = wanted > 0 ? [pick(revisions)] : revisions;
      for (const { object } of chosen) environment.io.out(print(object as unknown as Printable));
      return;
    }
    const text =
      revisions.length === 0
        ? 'No rollout history found.'
        : wanted > 0
          ? templateText(pick(revisions).template)
          : revisionTable(revisions);
    environment.io.out(`${objectName(info)} ${wanted > 0 ? `with revision #${wanted}` : ''}\n${text}\n`);
  });
}
