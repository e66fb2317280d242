import { isLabelValue, isQualifiedName } from '../../base/names.ts';
import type { Node, Taint } from '../../types/objects.ts';
import type { Command, Invocation } from '../command.ts';
import { CommandError } from '../errors.ts';
import {
  DRY_RUN_FLAG,
  dryRunQuery,
  dryRunStrategy,
  fieldManagerFlag,
  PRINT_FLAGS,
  SELECTOR_FLAG,
  usageError,
  VALIDATE_FLAG,
  validationDirective,
} from '../flags/common.ts';
import { type Printable, printerFor } from '../printers/print-flags.ts';
import { infoPath } from '../resource/info.ts';
import { complain } from './metadata/command.ts';

const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

/** `key=value:Effect`, `key:Effect` or `key`. */
function parseTaint(spec: string): Taint {
  const [pair = '', effect, ...rest] = spec.split(':');
  if (rest.length) throw new Error(`invalid taint spec: ${spec}`);
  if (effect !== undefined && !EFFECTS.includes(effect))
    throw new Error(`invalid taint effect: ${effect}, unsupported taint effect`);
  const [key = '', value = '', ...more] = effect === undefined ? [pair] : pair.split('=');
  if (more.length) throw new Error(`invalid taint spec: ${spec}`);
  const errors = [...(value ? isLabelValue(value) : []), ...isQualifiedName(key)];
  if (errors.length) throw new Error(`invalid taint spec: ${spec}, ${errors.join('; ')}`);
  return { key, ...(value && { value }), effect: effect ?? '' };
}

const sameKeyAndEffect = (a: Taint, b: Taint): boolean => a.key === b.key && a.effect === b.effect;

function parseTaints(specs: string[]): { add: Taint[]; remove: Taint[] } {
  const add: Taint[] = [];
  const remove: Taint[] = [];
  for (const spec of specs) {
    if (spec.endsWith('-')) {
      const { key, effect } = parseTaint(spec.slice(0, -1));
      remove.push({ key, effect });
      continue;
    }
    const taint = parseTaint(spec);
    if (!taint.effect) throw new Error(`invalid taint spec: ${spec}`);
    if (add.some((other) => sameKeyAndEffect(other, taint)))
      throw new Error(
        `duplicated taints with the same key and effect: {${taint.key} ${taint.value ?? ''} ${taint.effect} <nil>}`,
      );
    add.push(taint);
  }
  return { add, remove };
}

/** Node arguments, then changes. */
function splitArguments(args: string[]): { resources: string[]; specs: string[] } {
  const isTaint = (arg: string) => /[=:]/.test(arg) || arg.endsWith('-');
  const first = args.findIndex(isTaint);
  const at = first < 0 ? args.length : first;
  const late = args.slice(at).find((arg) => !isTaint(arg));
  if (late !== undefined) throw new CommandError(`all resources must be specified before taint changes: ${late}`);
  return { resources: args.slice(0, at), specs: args.slice(at) };
}

const taintName = ({ key, value, effect }: Taint): string =>
  `${key}${value ? `=${value}` : ''}${effect ? `:${effect}` : ''}`;

/** The taints after the changes, and what to say of it. */
function reorganize(
  old: Taint[],
  add: Taint[],
  remove: Taint[],
  overwrite: boolean,
): { taints: Taint[]; operation: string } {
  let taints = [...add, ...old.filter((taint) => !add.some((other) => sameKeyAndEffect(other, taint)))];
  const added = taints.length !== old.length;
  let deleted = false;
  const missing: string[] = [];
  for (const gone of remove) {
    const left = taints.filter((taint) => (gone.effect ? !sameKeyAndEffect(taint, gone) : taint.key !== gone.key));
    deleted = left.length !== taints.length;
    if (!deleted) missing.push(`taint ${JSON.stringify(taintName(gone))} not found`);
    taints = left;
  }
  complain(missing);
  return { taints, operation: (added && deleted) || overwrite ? 'modified' : added ? 'tainted' : 'untainted' };
}

async function validate(
  { flags, factory }: Invocation,
  resources: string[],
  add: Taint[],
  remove: Taint[],
): Promise<void> {
  const type = await factory.mapper.knownType(resources[0]!.toLowerCase());
  if (type.kind !== 'Node')
    throw new CommandError(`invalid resource type ${resources[0]!.toLowerCase()}, only node types are supported`);
  const conflicts = add.flatMap((taint) =>
    remove.filter((gone) => gone.key === taint.key && (!gone.effect || gone.effect === taint.effect)),
  );
  if (conflicts.length)
    throw new CommandError(
      `can not both modify and remove the following taint(s) in the same command: ${conflicts.map((c) => `${c.key}=${c.effect}`).join(', ')}`,
    );
  if (flags.bool('all') && flags.string('selector'))
    throw new CommandError("setting 'all' parameter with a non empty selector is prohibited");
  if (!flags.bool('all') && !flags.string('selector') && resources.length < 2)
    throw new CommandError("at least one resource name must be specified since 'all' parameter is not set");
}

const command: Command = {
  name: 'taint',
  use: 'taint NODE NAME KEY_1=VAL_1:TAINT_EFFECT_1 ... KEY_N=VAL_N:TAINT_EFFECT_N',
  short: 'Update the taints on one or more nodes',
  examples: `
# Keep pods without a toleration off a node
kubectl taint nodes node-1 dedicated=special:NoSchedule

# Take the taint away
kubectl taint nodes node-1 dedicated:NoSchedule-`,
  flags: [
    ...PRINT_FLAGS,
    DRY_RUN_FLAG,
    VALIDATE_FLAG,
    SELECTOR_FLAG,
    {
      name: 'overwrite',
      type: 'bool',
      usage: 'Let taints be overwritten; otherwise a change of an existing one is refused.',
    },
    { name: 'all', type: 'bool', usage: 'Select all nodes in the cluster' },
    fieldManagerFlag('kubectl-taint'),
  ],
  async run(invocation) {
    const { flags, args, factory, environment } = invocation;
    await factory.namespace();
    const dryRun = dryRunStrategy(invocation);
    const fieldValidation = validationDirective(invocation);
    const { resources, specs } = splitArguments(args);
    if (!resources.length) throw new CommandError('one or more resources must be specified as <resource> <name>');
    if (!specs.length) throw new CommandError('at least one taint update is required');
    let changes: { add: Taint[]; remove: Taint[] };
    try {
      changes = parseTaints(specs);
    } catch (error) {
      throw usageError(invocation, (error as Error).message);
    }
    const { add, remove } = changes;
    await validate(invocation, resources, add, remove);
    const everything = flags.bool('all') || flags.string('selector') !== '';
    const builder = factory.builder({
      args: everything ? ['nodes'] : ['nodes', ...resources.slice(1)],
      all: flags.bool('all'),
      labelSelector: flags.string('selector'),
      continueOnError: true,
      flatten: true,
    });
    await builder.visit(async (info) => {
      const node = info.object as Node;
      const old = node.spec?.taints ?? [];
      if (!flags.bool('overwrite')) {
        const exists = add
          .filter((taint) => old.some((other) => sameKeyAndEffect(other, taint)))
          .map((taint) => taint.key);
        if (exists.length)
          throw new CommandError(
            `node ${info.name} already has ${exists.join(',')} taint(s) with same effect(s) and --overwrite is false`,
          );
      }
      const { taints, operation } = reorganize(old, add, remove, flags.bool('overwrite'));
      // kubectl forgets to say that it was a dry run.
      const print = await printerFor(invocation, operation, { typed: true });
      let result: unknown = { ...node, spec: { ...node.spec, taints: taints.length ? taints : undefined } };
      if (dryRun !== 'client') {
        const client = await factory.client();
        const query = { ...dryRunQuery(dryRun), fieldManager: flags.string('field-manager'), fieldValidation };
        const unchanged = JSON.stringify(old) === JSON.stringify(taints);
        const body = unchanged ? {} : { spec: { taints: taints.length ? taints : null } };
        result = await client.request('PATCH', infoPath(info), {
          query,
          body,
          contentType: 'application/strategic-merge-patch+json',
        });
      }
      environment.io.out(print(result as Printable));
    });
  },
};

export default command;
