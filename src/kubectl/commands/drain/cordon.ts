import type { Node } from '../../../types/objects.ts';
import type { Invocation } from '../../command.ts';
import { CommandError } from '../../errors.ts';
import {
  DRY_RUN_FLAG,
  type DryRun,
  dryRunQuery,
  dryRunStrategy,
  SELECTOR_FLAG,
  usageError,
} from '../../flags/common.ts';
import { type Printable, printerFor } from '../../printers/print-flags.ts';
import { type Info, infoPath } from '../../resource/info.ts';

export const CORDON_FLAGS = [SELECTOR_FLAG, DRY_RUN_FLAG];

/** The nodes that cordon, uncordon and drain are about (DrainCmdOptions.Complete). */
export async function selectNodes(invocation: Invocation, use: string): Promise<{ nodes: Info[]; dryRun: DryRun }> {
  const { flags, args, factory } = invocation;
  if (!args.length && !flags.changed('selector')) throw usageError(invocation, `USAGE: ${use} [flags]`);
  if (args.length && flags.string('selector'))
    throw usageError(invocation, 'error: cannot specify both a node name and a --selector option');
  const dryRun = dryRunStrategy(invocation);
  const slashed = args.some((arg) => arg.includes('/'));
  const builder = factory.builder({
    args: slashed ? args.map((arg) => (arg.includes('/') ? arg : `nodes/${arg}`)) : ['nodes', ...args],
    labelSelector: flags.string('selector'),
    flatten: true,
    chunkSize: 500,
  });
  const { infos } = await builder.infos();
  const other = infos.find(({ type }) => type.group !== '' || type.resource !== 'nodes')?.type;
  if (other) {
    const { group, version, resource } = other;
    throw new CommandError(`error: expected resource of type node, got "${group}/${version}, Resource=${resource}"`);
  }
  return { nodes: infos, dryRun };
}

/** Marks nodes as unschedulable, or as schedulable again; a failure of one does not keep the others from it. */
export async function cordonNodes(
  invocation: Invocation,
  nodes: Info[],
  desired: boolean,
  dryRun: DryRun,
): Promise<void> {
  const { factory, environment } = invocation;
  const done = desired ? 'cordoned' : 'uncordoned';
  for (const info of nodes) {
    const node = info.object as Node;
    const say = async (operation: string) => {
      const print = await printerFor(invocation, operation, { dryRun });
      environment.io.out(print(node as unknown as Printable));
    };
    if ((node.spec?.unschedulable ?? false) === desired) {
      await say(`already ${done}`);
      continue;
    }
    try {
      if (dryRun !== 'client') {
        const client = await factory.client();
        const body = { spec: { unschedulable: desired || null } };
        await client.request('PATCH', infoPath(info), {
          query: dryRunQuery(dryRun),
          body,
          contentType: 'application/strategic-merge-patch+json',
        });
      }
      await say(done);
    } catch (error) {
      environment.io.err(
        `error: unable to ${desired ? 'cordon' : 'uncordon'} node ${JSON.stringify(info.name)}: ${(error as Error).message}\n`,
      );
    }
  }
}
