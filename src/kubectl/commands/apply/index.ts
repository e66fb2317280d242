import { goJson } from '../../../base/go-json.ts';
import type { KubeObject } from '../../../types/objects.ts';
import { RECORD_FLAG, withChangeCause } from '../../change-cause.ts';
import type { Command, Invocation } from '../../command.ts';
import { cascadingStrategy } from '../../delete-options.ts';
import { AggregateFailure, addSource, asError, CommandError, isNotFound, throwCollected } from '../../errors.ts';
import { isDisabled } from '../../feature-gates.ts';
import {
  DELETE_FLAGS,
  DRY_RUN_FLAG,
  dryRunQuery,
  dryRunStrategy,
  fieldManagerFlag,
  filenameFlags,
  PRINT_FLAGS,
  requireFilenames,
  SELECTOR_FLAG,
  subresourceFlag,
  usageError,
  VALIDATE_FLAG,
  validationDirective,
  waitFlag,
} from '../../flags/common.ts';
import type { HostMachine } from '../../io.ts';
import { type Printable, printerFor } from '../../printers/print-flags.ts';
import { collectionPath, type Info, infoPath } from '../../resource/info.ts';
import { LAST_APPLIED, lastApplied, withLastApplied } from './annotation.ts';
import type { ApplySet } from './apply-set.ts';
import { editLastApplied, setLastApplied, viewLastApplied } from './last-applied.ts';
import { notRetrieved, patchObject } from './patcher.ts';
import { parseAllowlist, prune } from './prune.ts';
import { applyServerSide } from './server-side.ts';

const command: Command = {
  name: 'apply',
  use: 'apply (-f FILENAME | -k DIRECTORY)',
  short: 'Apply a configuration to a resource by file name or stdin',
  long: `Apply a configuration to a resource by file name or stdin. The resource name must be specified. A resource that does not exist yet is created. To use 'apply', create resources with 'apply' or 'create --save-config'.

JSON and YAML formats are accepted.

Disclaimer: --prune is not complete yet. Use it only when you know its state; see https://issues.k8s.io/34274.`,
  examples: `
# Apply the configuration in pod.json to a pod
kubectl apply -f ./pod.json

# Apply the resources of a folder with a kustomization.yaml
kubectl apply -k dir/

# Apply the JSON on stdin to a pod
cat pod.json | kubectl apply -f -

# Apply all files that end in '.json'
kubectl apply -f '*.json'

# Apply manifest.yaml with the label app=nginx, and delete other resources with that label that are not in the file
kubectl apply --prune -f manifest.yaml -l app=nginx

# Apply manifest.yaml and delete all other config maps that are not in the file
kubectl apply --prune -f manifest.yaml --all --prune-allowlist=core/v1/ConfigMap`,
  flags: [
    ...filenameFlags('The files that hold the configurations to apply.'),
    ...PRINT_FLAGS,
    RECORD_FLAG,
    ...DELETE_FLAGS,
    waitFlag('false'),
    SELECTOR_FLAG,
    VALIDATE_FLAG,
    DRY_RUN_FLAG,
    fieldManagerFlag('kubectl-client-side-apply'),
    { name: 'all', type: 'bool', usage: 'All resources of the types, in the namespace.' },
    {
      name: 'applyset',
      type: 'string',
      gate: 'KUBECTL_APPLYSET',
      usage:
        '[alpha] The ApplySet that keeps track of what is managed, and so of what to prune: live objects of it that the configuration does not name any more are deleted. Format: [RESOURCE][.GROUP]/NAME; a Secret without resource and group.',
    },
    { name: 'force-conflicts', type: 'bool', usage: 'Let server-side apply take fields that others manage.' },
    {
      name: 'openapi-patch',
      type: 'bool',
      default: 'true',
      usage:
        "Compute differences with the server's OpenAPI where it describes the resource, with built-in types otherwise.",
    },
    {
      name: 'overwrite',
      type: 'bool',
      default: 'true',
      usage: 'Resolve conflicts between the modified and the live configuration with the modified one',
    },
    {
      name: 'prune',
      type: 'bool',
      usage:
        'Delete resources that apply or create --save-config made and that the configuration does not name. Use it with -l or --all.',
    },
    {
      name: 'prune-allowlist',
      type: 'stringArray',
      usage: 'Types to prune as <group/version/kind>, instead of the default ones',
    },
    { name: 'server-side', type: 'bool', usage: 'Apply in the server instead of the client.' },
    subresourceFlag('Apply to this subresource. Only with --server-side.'),
  ],
  subcommands: [editLastApplied, setLastApplied, viewLastApplied],
  run: apply,
};

export default command;

async function validate(invocation: Invocation, applySet: ApplySet | undefined): Promise<void> {
  const { flags } = invocation;
  const dryRun = dryRunStrategy(invocation);
  const serverSide = flags.bool('server-side');
  const refuse = (wrong: boolean, message: string) => {
    if (wrong) throw new CommandError(message);
  };
  refuse(flags.bool('force-conflicts') && !serverSide, '--force-conflicts only works with --server-side');
  refuse(
    dryRun === 'client' && serverSide,
    "--dry-run=client doesn't work with --server-side (did you mean --dry-run=server instead?)",
  );
  refuse(serverSide && flags.bool('force'), '--force cannot be used with --server-side');
  refuse(dryRun === 'server' && flags.bool('force'), '--dry-run=server cannot be used with --force');
  refuse(flags.bool('all') && flags.string('selector') !== '', 'cannot set --all and --selector at the same time');
  if (applySet) {
    refuse(!flags.bool('prune'), '--applyset requires --prune');
    await applySet.validate();
  }
  if (flags.bool('prune')) refuse(flags.bool('force'), '--force cannot be used with --prune');
  if (applySet) {
    refuse(flags.bool('all'), '--all is incompatible with --applyset');
    refuse(flags.string('selector') !== '', '--selector is incompatible with --applyset');
    refuse(flags.strings('prune-allowlist').length > 0, '--prune-allowlist is incompatible with --applyset');
  } else if (flags.bool('prune')) {
    refuse(
      !flags.bool('all') && !flags.string('selector'),
      'all resources selected for prune without explicitly passing --all. To prune all resources, pass the --all flag. If you did not mean to prune all resources, specify a label selector',
    );
    refuse(serverSide, "--prune is in alpha and doesn't currently work on objects created by server-side apply");
  }
  refuse(flags.string('subresource') !== '' && !serverSide, '--subresource can only be specified for --server-side');
}

async function apply(invocation: Invocation): Promise<void> {
  const { flags, args, factory, environment } = invocation;
  if (args.length > 0) throw usageError(invocation, `Unexpected args: [${args.join(' ')}]`);
  dryRunStrategy(invocation);
  await factory.restConfig();
  cascadingStrategy(flags, environment.io.err);
  requireFilenames(invocation);
  validationDirective(invocation);
  const { namespace, explicit } = await factory.namespace();
  const applySet = await applySetOf(invocation, explicit ? namespace : '');
  if (flags.bool('prune')) await parseAllowlist(factory, flags.strings('prune-allowlist'));
  await validate(invocation, applySet);

  const run = new Apply(invocation);
  if (explicit) run.namespaces.add(namespace);
  const built = await factory
    .builder({
      filenames: flags.strings('filename'),
      kustomize: flags.string('kustomize'),
      recursive: flags.bool('recursive'),
      labelSelector: flags.string('selector'),
      validate: validationDirective(invocation),
      continueOnError: true,
    })
    .infos()
    .catch((error: unknown) => ({ infos: [], errors: [asError(error)] }));
  const found = built.errors.length > 1 ? [new AggregateFailure(built.errors)] : built.errors;
  const { infos, errors } = labelled(applySet, built.infos, found);
  if (infos.length === 0 && errors.length === 0) throw new CommandError('no objects passed to apply');
  await applySet?.beforeApply(infos);
  const applied: KubeObject[] = [];
  for (const info of infos) {
    try {
      const { object, operation } = await run.one(info);
      applied.push(object);
      if (!run.printsObjects)
        environment.io.out(
          (await printerFor(invocation, operation, { dryRun: run.dryRun }))(object as unknown as Printable),
        );
    } catch (error) {
      errors.push(asError(error));
    }
  }
  throwCollected(errors);
  if (run.printsObjects) await printAll(invocation, applied);
  factory.log.info(4, 'apply.go:548', 'Running apply post-processor function');
  if (flags.bool('prune')) {
    const printer = () => printerFor(invocation, 'pruned', { dryRun: run.dryRun });
    const shared = await printer();
    const print = (object: KubeObject, by = shared) => environment.io.out(by(object as unknown as Printable));
    if (applySet) await applySet.prune(run.uids, print);
    // Each object has a printer of its own: nothing stands between them.
    else await prune(invocation, run, async (object) => print(object, await printer()));
  }
}

/** The ApplySet that --applyset names; undefined without the flag. */
async function applySetOf(invocation: Invocation, namespace: string): Promise<ApplySet | undefined> {
  const { flags } = invocation;
  if (!flags.has('applyset') || flags.string('applyset') === '') return undefined;
  const { openApplySet } = await import('./apply-set.ts');
  return openApplySet(invocation, namespace);
}

/** What was read as members of the set; where one says already of which it is, that is all there is. */
function labelled(applySet: ApplySet | undefined, infos: Info[], errors: Error[]): { infos: Info[]; errors: Error[] } {
  if (!applySet) return { infos, errors };
  try {
    return { infos: infos.map((info) => applySet.label(info)), errors };
  } catch (error) {
    return { infos: [], errors: [asError(error)] };
  }
}

async function printAll(invocation: Invocation, objects: KubeObject[]): Promise<void> {
  const print = await printerFor(invocation, '', { typed: objects.length > 1 });
  const [first] = objects;
  if (!first) return;
  invocation.environment.io.out(print((objects.length === 1 ? first : listOf(objects)) as unknown as Printable));
}

/** A v1.List in the order of its struct; what it holds is in alphabetical order. */
const listOf = (objects: KubeObject[]) => ({
  kind: 'List',
  apiVersion: 'v1',
  metadata: {},
  items: objects.map((object) => JSON.parse(goJson(object, { sortKeys: true }))),
});

/** What of the server's OpenAPI is asked, in this order, how objects are patched. */
const openapiSpecs = (host: HostMachine): string[] =>
  isDisabled(host, 'KUBECTL_OPENAPIV3_PATCH') ? ['openapi'] : ['openapi v3', 'openapi'];

type Operation = 'created' | 'configured' | 'unchanged' | 'serverside-applied';

/** Applies objects one by one, and remembers which, for pruning. */
class Apply {
  readonly uids = new Set<string>();
  readonly namespaces = new Set<string>();
  readonly dryRun;
  /** Whether -o asks for objects, which are then printed together at the end. */
  readonly printsObjects;

  constructor(private readonly invocation: Invocation) {
    this.dryRun = dryRunStrategy(invocation);
    const output = invocation.flags.string('output');
    this.printsObjects = output !== '' && output !== 'name';
  }

  async one(info: Info): Promise<{ object: KubeObject; operation: Operation }> {
    if (info.namespace) this.namespaces.add(info.namespace);
    const generate = info.object?.metadata.generateName;
    if (!info.name && generate) throw new CommandError(`from ${generate}: cannot use generate name with apply`);
    const done = await this.applyOne({ ...info, object: withChangeCause(this.invocation, info.object!) });
    if (done.object.metadata.uid) this.uids.add(done.object.metadata.uid);
    return done;
  }

  private async applyOne(info: Info): Promise<{ object: KubeObject; operation: Operation }> {
    const { invocation } = this;
    if (invocation.flags.bool('server-side')) {
      const object = await applyServerSide(invocation, info);
      this.warnIfDeleting(info, object);
      return { object, operation: 'serverside-applied' };
    }
    const current = await this.current(info);
    if (!current) return { object: await this.create(info), operation: 'created' };
    if (this.dryRun === 'client') return { object: current, operation: 'configured' };
    if (lastApplied(current) === undefined) this.warnMissingAnnotation(info);
    const { flags, factory } = invocation;
    const { object, changed } = await patchObject(info, current, {
      client: await factory.client(),
      query: this.query(),
      overwrite: flags.bool('overwrite'),
      specs: flags.bool('openapi-patch') ? openapiSpecs(invocation.environment.host) : [],
      warn: invocation.environment.io.err,
      ...(flags.bool('force') && {
        force: {
          gracePeriod: flags.int('grace-period'),
          propagation: cascadingStrategy(flags),
          timeoutMs: flags.duration('timeout'),
        },
      }),
    });
    this.warnIfDeleting(info, object);
    return { object, operation: changed ? 'configured' : 'unchanged' };
  }

  private async current(info: Info): Promise<KubeObject | undefined> {
    const client = await this.invocation.factory.client();
    try {
      return await client.request<KubeObject>('GET', infoPath(info));
    } catch (error) {
      if (isNotFound(error)) {
        const namespace = `/api/v1/namespaces/${info.namespace}`;
        if (info.namespace && info.namespace !== 'default')
          await this.invocation.factory.askForLog(namespace).catch(() => {});
        return undefined;
      }
      throw notRetrieved(info, asError(error));
    }
  }

  private async create(info: Info): Promise<KubeObject> {
    const object = withoutNulls(withLastApplied(info.object!)) as KubeObject;
    if (this.dryRun === 'client') return object;
    const client = await this.invocation.factory.client();
    try {
      return await client.request<KubeObject>('POST', collectionPath(info), { body: object, query: this.query() });
    } catch (error) {
      throw addSource('creating', info.source ?? '', asError(error));
    }
  }

  private query() {
    const { invocation } = this;
    return {
      fieldManager: invocation.flags.string('field-manager'),
      fieldValidation: validationDirective(invocation),
      ...dryRunQuery(this.dryRun),
    };
  }

  private warnMissingAnnotation({ type, name }: Info): void {
    this.invocation.environment.io.err(
      `Warning: resource ${type.resource}/${name} is missing the ${LAST_APPLIED} annotation which is required by kubectl apply. kubectl apply should only be used on resources created declaratively by either kubectl create --save-config or kubectl apply. The missing annotation will be patched automatically.\n`,
    );
  }

  private warnIfDeleting({ name }: Info, object: KubeObject): void {
    if (!object.metadata.deletionTimestamp) return;
    this.invocation.environment.io.err(
      `Warning: Detected changes to resource ${name} which is currently being deleted.\n`,
    );
  }
}

/** A create drops nulls, as a patch of the same file would. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== null)
      .map(([key, inner]) => [key, withoutNulls(inner)]),
  );
}
