import { compareStrings } from '../../../base/go-json.ts';
import type { KubeObject } from '../../../types/objects.ts';
import { changeCause, RECORD_FLAG } from '../../change-cause.ts';
import type { Command, Invocation } from '../../command.ts';
import { AggregateFailure, CommandError } from '../../errors.ts';
import {
  ALL_NAMESPACES_FLAG,
  DRY_RUN_FLAG,
  type DryRun,
  dryRunQuery,
  dryRunStrategy,
  FIELD_SELECTOR_FLAG,
  fieldManagerFlag,
  filenameFlags,
  PRINT_FLAGS,
  SELECTOR_FLAG,
} from '../../flags/common.ts';
import { type Printable, printerFor } from '../../printers/print-flags.ts';
import { type Info, infoPath } from '../../resource/info.ts';
import { encode } from '../apply/annotation.ts';

type Pairs = Record<string, string>;

/** How `label` and `annotate` differ: they change a map of the metadata each. */
export interface MetadataVerb {
  name: string;
  use: string;
  short: string;
  examples: string;
  field: 'labels' | 'annotations';
  /** `label`, `annotation`: in messages. */
  what: string;
  files: string;
  parse(specs: string[]): { set: Pairs; remove: string[] };
  /** Throws when a pair would replace another value. */
  refuseOverwrites(current: Pairs, set: Pairs): void;
  /** `labeled`, `unlabeled` … by what became of the object's JSON; the same word for all makes one printer for all. */
  operation: string | ((before: string, after: string, overwrite: boolean) => string);
  /** Whether --list and -o exclude each other. */
  listsOrPrints: boolean;
  /** Whether removing what is not there is told. */
  tellsMissing: boolean;
  /** Whether -o shows the server's answer, not what kubectl itself made of the object. */
  showsAnswer: boolean;
}

/** cmdutil.GetResourcesAndPairs: what names objects comes before the changes. */
function splitArguments(args: string[], what: string): { resources: string[]; pairs: string[] } {
  const isPair = (arg: string) => (arg.includes('=') && !arg.startsWith('=')) || (arg.endsWith('-') && arg !== '-');
  const first = args.findIndex(isPair);
  if (first < 0) return { resources: args, pairs: [] };
  const late = args.slice(first).find((arg) => !isPair(arg));
  if (late !== undefined) throw new CommandError(`all resources must be specified before ${what} changes: ${late}`);
  return { resources: args.slice(0, first), pairs: args.slice(first) };
}

function validate(verb: MetadataVerb, { flags }: Invocation, resources: string[], dryRun: DryRun): void {
  const hasFiles = flags.strings('filename').length > 0 || flags.string('kustomize') !== '';
  if (verb.listsOrPrints && flags.bool('list') && flags.string('output'))
    throw new CommandError('--list and --output may not be specified together');
  if (flags.bool('all') && flags.string('selector'))
    throw new CommandError('cannot set --all and --selector at the same time');
  if (flags.bool('all') && flags.string('field-selector'))
    throw new CommandError('cannot set --all and --field-selector at the same time');
  if (!flags.bool('local')) {
    if (!resources.length && !hasFiles)
      throw new CommandError('one or more resources must be specified as <resource> <name> or <resource>/<name>');
    return;
  }
  if (dryRun === 'server')
    throw new CommandError('cannot specify --local and --dry-run=server - did you mean --dry-run=client?');
  const file = verb.files;
  if (resources.length)
    throw new CommandError(
      `can only use local files by -f ${file}.yaml or --filename=${file}.json when --local=true is set`,
    );
  if (!hasFiles)
    throw new CommandError(`one or more files must be specified as -f ${file}.yaml or --filename=${file}.json`);
}

/** The object with the changes made; an empty map is left out. */
function change(object: KubeObject, field: MetadataVerb['field'], set: Pairs, remove: string[]): KubeObject {
  const map: Pairs = { ...object.metadata[field], ...set };
  for (const key of remove) delete map[key];
  const { [field]: _old, ...metadata } = object.metadata;
  return { ...object, metadata: Object.keys(map).length ? { ...metadata, [field]: map } : metadata } as KubeObject;
}

/** The merge patch of the map in its metadata: what was set to something new, and what went. */
function patchOf(field: MetadataVerb['field'], before: Pairs, set: Pairs, remove: string[]): Record<string, unknown> {
  const changed: Record<string, string | null> = {};
  for (const [key, value] of Object.entries(set)) if (before[key] !== value) changed[key] = value;
  for (const key of remove) if (key in before) changed[key] = null;
  if (!Object.keys(changed).length) return {};
  const emptied =
    Object.keys(before).every((key) => changed[key] === null) &&
    Object.values(changed).every((value) => value === null);
  return { [field]: emptied ? null : changed };
}

function list(verb: MetadataVerb, { environment }: Invocation, info: Info, object: KubeObject, single: boolean): void {
  if (!single) environment.io.out(`Listing ${verb.field} for ${info.type.kind}.${info.type.group}/${info.name}:\n`);
  const map = object.metadata[verb.field] ?? {};
  for (const key of Object.keys(map).sort(compareStrings))
    environment.io.out(`${single ? '' : ' '}${key}=${map[key]}\n`);
}

/** A verb that changes labels or annotations. */
export function metadataCommand(verb: MetadataVerb): Command {
  return {
    name: verb.name,
    use: verb.use,
    short: verb.short,
    examples: verb.examples,
    flags: [
      ...PRINT_FLAGS,
      RECORD_FLAG,
      {
        name: 'overwrite',
        type: 'bool',
        usage: `Let ${verb.field} be overwritten; otherwise a change of an existing one is refused.`,
      },
      { name: 'list', type: 'bool', usage: `Show the ${verb.field} of the resource.` },
      { name: 'local', type: 'bool', usage: 'Do not contact the API server: work on local files only.' },
      FIELD_SELECTOR_FLAG,
      { name: 'all', type: 'bool', usage: 'Select all resources of the given types in the namespace.' },
      ALL_NAMESPACES_FLAG,
      {
        name: 'resource-version',
        type: 'string',
        usage: 'Only change the object if this is its resource version. For a single resource only.',
      },
      ...filenameFlags(`identifying the resource to update the ${verb.what}`),
      DRY_RUN_FLAG,
      fieldManagerFlag(`kubectl-${verb.name}`),
      SELECTOR_FLAG,
    ],
    async run(invocation) {
      const { flags, args, factory, environment } = invocation;
      const dryRun = dryRunStrategy(invocation);
      const { resources, pairs } = splitArguments(args, verb.what);
      const { set, remove } = verb.parse(pairs);
      await factory.namespace();
      const operationOf = (before: KubeObject, after: KubeObject, overwrite: boolean): string =>
        typeof verb.operation === 'string' ? verb.operation : verb.operation(encode(before), encode(after), overwrite);
      const shared =
        typeof verb.operation === 'string' ? await printerFor(invocation, verb.operation, { dryRun }) : undefined;
      validate(verb, invocation, resources, dryRun);
      if (!Object.keys(set).length && !remove.length && !flags.bool('list'))
        throw new CommandError(`at least one ${verb.what} update is required`);
      const local = flags.bool('local');
      const builder = factory.builder({
        args: resources,
        allowEmptySelector: flags.bool('all'),
        filenames: flags.strings('filename'),
        kustomize: flags.string('kustomize'),
        recursive: flags.bool('recursive'),
        labelSelector: flags.string('selector'),
        fieldSelector: flags.string('field-selector'),
        allNamespaces: flags.bool('all-namespaces'),
        continueOnError: true,
        flatten: true,
        local,
        latest: !local,
      });
      const version = flags.string('resource-version');
      await builder.check();
      if (version && !builder.singleItemImplied)
        throw new CommandError('--resource-version may only be used with a single resource');
      await builder.visit(async (info) => {
        const single = builder.singleItemImplied;
        const before = info.object!;
        const current = before.metadata[verb.field] ?? {};
        const sends = dryRun !== 'client' && !local && !flags.bool('list');
        if (sends && verb.tellsMissing)
          for (const key of remove)
            if (!(key in current)) environment.io.out(`label ${JSON.stringify(key)} not found.\n`);
        if (!flags.bool('overwrite')) verb.refuseOverwrites(current, set);
        const cause = sends ? changeCause(invocation) : {};
        const [told, beside] = verb.field === 'annotations' ? [{ ...cause, ...set }, {}] : [set, cause];
        let after = change(change(before, 'annotations', beside, []), verb.field, told, remove);
        const done = after;
        if (sends) {
          const metadata = {
            ...patchOf('annotations', before.metadata.annotations ?? {}, beside, []),
            ...patchOf(verb.field, current, told, remove),
            ...(version && { resourceVersion: version }),
          };
          const body = Object.keys(metadata).length > 0 ? { metadata } : {};
          const client = await factory.client();
          const query = { ...dryRunQuery(dryRun), fieldManager: flags.string('field-manager') };
          after = await client.request<KubeObject>('PATCH', infoPath(info), {
            query,
            body,
            contentType: 'application/merge-patch+json',
          });
        }
        if (flags.bool('list')) return list(verb, invocation, info, after, single);
        const print =
          shared ?? (await printerFor(invocation, operationOf(before, done, flags.bool('overwrite')), { dryRun }));
        environment.io.out(print((verb.showsAnswer ? after : unlocked(done, version)) as unknown as Printable));
      });
    },
  };
}

/** The object as --resource-version leaves it: without one. */
function unlocked(object: KubeObject, version: string): KubeObject {
  if (!version) return object;
  const { resourceVersion: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}

/** Several complaints as one error, as utilerrors.NewAggregate words them. */
export const complain = (messages: string[]): void => {
  if (messages.length) throw new AggregateFailure(messages.map((message) => new CommandError(message)));
};
