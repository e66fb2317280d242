import type { JsonObject } from '../../../api/machinery/patch/json-value.ts';
import { createTwoWayStrategicPatch } from '../../../api/machinery/patch/strategic-diff.ts';
import { patchSchema } from '../../../api/machinery/patch/strategic-merge.ts';
import { typeNameOfKind } from '../../../api/schema/types.ts';
import type { Container, KubeObject, PodSpec } from '../../../types/objects.ts';
import { withChangeCause } from '../../change-cause.ts';
import type { Flag, Invocation } from '../../command.ts';
import { asError, CommandError, throwCollected } from '../../errors.ts';
import {
  DRY_RUN_FLAG,
  type DryRun,
  dryRunQuery,
  dryRunStrategy,
  fieldManagerFlag,
  filenameFlags,
  localRefusal,
  PRINT_FLAGS,
} from '../../flags/common.ts';
import { strategicSchema } from '../../patch-schema.ts';
import { withGoZeros } from '../../printers/go-zeros.ts';
import { type Printable, printerFor } from '../../printers/print-flags.ts';
import { type Info, infoPath } from '../../resource/info.ts';

/** Flags of every `kubectl set`. */
export const setFlags = (usage = 'identifying the resource to get from a server.'): Flag[] => [
  ...PRINT_FLAGS,
  ...filenameFlags(usage),
  { name: 'all', type: 'bool', usage: 'Select all resources of the given types in the namespace' },
  { name: 'local', type: 'bool', usage: 'Do not contact the API server: work on local files only.' },
  DRY_RUN_FLAG,
  fieldManagerFlag('kubectl-set'),
];

/** Where each kind keeps its pod spec. */
const POD_SPECS: Record<string, (object: KubeObject & { spec: Record<string, unknown> }) => unknown> = {
  Pod: (object) => object.spec,
  ...Object.fromEntries(
    ['ReplicationController', 'Deployment', 'DaemonSet', 'ReplicaSet', 'StatefulSet', 'Job'].map((kind) => [
      kind,
      (object: { spec: Record<string, unknown> }) => (object.spec.template as { spec?: unknown } | undefined)?.spec,
    ]),
  ),
  CronJob: (object) => (object.spec.jobTemplate as { spec?: { template?: { spec?: unknown } } }).spec?.template?.spec,
};

/** The pod spec of an object; throws for kinds without one (polymorphichelpers.UpdatePodSpecForObject). */
export function podSpecOf(object: KubeObject): PodSpec {
  const spec = POD_SPECS[object.kind]?.(object as KubeObject & { spec: Record<string, unknown> });
  if (!spec) {
    const version = object.apiVersion.split('/').at(-1);
    throw new CommandError(`the object is not a pod or does not have a pod template: *${version}.${object.kind}`);
  }
  return spec as PodSpec;
}

/** Containers whose names match a pattern in which `*` stands for anything; the regular ones come first. */
export function selectContainers(spec: PodSpec, pattern: string): Container[] {
  const matches = (name: string) =>
    new RegExp(
      `^${pattern
        .split('*')
        .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
        .join('.*')}$`,
    ).test(name);
  return [...(spec.containers ?? []), ...(spec.initContainers ?? [])].filter((c) => matches(c.name));
}

export interface UpdateOptions {
  /** Arguments that name objects. */
  resources: string[];
  dryRun: DryRun;
  /** Changes the draft in place, or throws why it cannot; false when there is nothing to do. */
  mutate(draft: KubeObject, info: Info): boolean | undefined | Promise<boolean | undefined>;
  /** What stands before the server's refusal: `failed to patch image update to pod template: `. */
  failure: string;
  operation: string;
  /** Whether a change that changes nothing is sent and printed all the same. */
  always?: boolean;
}

/** The objects that flags and arguments name, as `set` reads them. */
export async function readObjects({ flags, factory }: Invocation, resources: string[]): Promise<Info[]> {
  const local = flags.bool('local');
  if (local && resources.length) throw localRefusal();
  await factory.namespace();
  const builder = factory.builder({
    args: resources,
    allowEmptySelector: flags.bool('all'),
    filenames: flags.strings('filename'),
    ...(flags.has('kustomize') && { kustomize: flags.string('kustomize') }),
    recursive: flags.bool('recursive'),
    ...(flags.has('selector') && { labelSelector: flags.string('selector') }),
    continueOnError: true,
    flatten: true,
    local,
    latest: !local,
  });
  const { infos, errors } = await builder.infos();
  throwCollected(local ? [...errors, ...infos.flatMap(unregistered)] : errors);
  return infos;
}

/** Local objects are read into Go's structs, which only Kubernetes' own kinds have. */
function unregistered({ type, source = '' }: Info): CommandError[] {
  if (strategicSchema(type)) return [];
  const { group, version, kind } = type;
  const apiVersion = group ? `${group}/${version}` : version;
  return [
    new CommandError(
      `unable to decode "${source}": no kind "${kind}" is registered for version "${apiVersion}" in scheme "pkg/scheme/scheme.go:28"`,
    ),
  ];
}

/** Changes objects and sends what changed as a strategic merge patch; prints each, and collects failures. */
export async function updateObjects(invocation: Invocation, infos: Info[], options: UpdateOptions): Promise<Error[]> {
  const { flags, factory, environment } = invocation;
  const print = await printerFor(invocation, options.operation, { dryRun: options.dryRun, typed: true });
  const errors: Error[] = [];
  for (const info of infos) {
    const before = {
      kind: info.type.kind,
      apiVersion: info.type.group ? `${info.type.group}/${info.type.version}` : info.type.version,
      ...info.object,
    } as KubeObject;
    let draft = structuredClone(before);
    try {
      if ((await options.mutate(draft, info)) === false) continue;
      draft = withChangeCause(invocation, draft);
    } catch (error) {
      errors.push(new CommandError(`error: ${failedName(info, flags.bool('local'))} ${asError(error).message}\n`));
      continue;
    }
    const patch = createTwoWayStrategicPatch(
      before as unknown as JsonObject,
      draft as unknown as JsonObject,
      patchSchema(typeNameOfKind(before.apiVersion, before.kind)),
    );
    if (!Object.keys(patch).length && !options.always) continue;
    if (flags.bool('local') || options.dryRun === 'client') {
      environment.io.out(print((flags.bool('local') ? withGoZeros(draft) : draft) as unknown as Printable));
      continue;
    }
    try {
      const client = await factory.client();
      const query = { ...dryRunQuery(options.dryRun), fieldManager: flags.string('field-manager') };
      const answer = await client.request<Printable>('PATCH', infoPath(info), {
        query,
        body: patch,
        contentType: 'application/strategic-merge-patch+json',
      });
      environment.io.out(print(answer));
    } catch (error) {
      errors.push(options.failure ? new CommandError(`${options.failure}${asError(error).message}`) : asError(error));
    }
  }
  return errors;
}

/** resource.Info's ObjectName, its slip with groups included. */
function failedName({ type, name }: Info, local: boolean): string {
  if (!local) return `${type.resource}/${name}`;
  const kind = type.kind.toLowerCase();
  return type.group ? `${kind}.${type.group}/${name}\n` : `${kind}/${name}`;
}

/** --local cannot ask a server for a dry run. */
export function setDryRun(invocation: Invocation): DryRun {
  const dryRun = dryRunStrategy(invocation);
  if (invocation.flags.bool('local') && dryRun === 'server')
    throw new CommandError('cannot specify --local and --dry-run=server - did you mean --dry-run=client?');
  return dryRun;
}

/** cmdutil.GetResourcesAndPairs: names of objects, then `key=value`. */
export function splitPairs(args: string[], what: string): { resources: string[]; pairs: string[] } {
  const isPair = (arg: string) => arg.indexOf('=') > 0 || (arg.endsWith('-') && arg !== '-');
  const first = args.findIndex(isPair);
  const at = first < 0 ? args.length : first;
  const late = args.slice(at).find((arg) => !isPair(arg));
  if (late !== undefined) throw new CommandError(`all resources must be specified before ${what} changes: ${late}`);
  return { resources: args.slice(0, at), pairs: args.slice(at) };
}
