import { equal } from '../../../api/machinery/patch/json-value.ts';
import type { KubeObject } from '../../../types/objects.ts';
import type { Command, Invocation } from '../../command.ts';
import { CommandError, isNotFound } from '../../errors.ts';
import {
  DRY_RUN_FLAG,
  dryRunQuery,
  dryRunStrategy,
  filenameFlags,
  PRINT_FLAGS,
  requireFilenames,
} from '../../flags/common.ts';
import { outputFormat, type Printable, printerFor } from '../../printers/print-flags.ts';
import { collectionPath, type Info, infoPath } from '../../resource/info.ts';
import { breakdown, compact, type PolicyRule } from './rules.ts';

type Subject = { kind: string; apiGroup?: string; namespace?: string; name: string };
type RbacObject = KubeObject & { rules?: PolicyRule[]; subjects?: Subject[]; roleRef?: unknown };

export const reconcile: Command = {
  name: 'reconcile',
  use: 'reconcile -f FILENAME',
  short: 'Reconciles rules for RBAC role, role binding, cluster role, and cluster role binding objects',
  long: `Reconciles rules for RBAC role, role binding, cluster role, and cluster role binding objects.

Missing objects are created, and so is the namespace of namespaced ones. Existing roles get the permissions of the input objects, and lose others with --remove-extra-permissions. Existing bindings get the subjects of the input objects, and lose others with --remove-extra-subjects.

For RBAC this is preferred to 'apply', since it knows what rules mean.`,
  examples: `
# Reconcile RBAC resources from a file
kubectl auth reconcile -f my-rbac-rules.yaml`,
  flags: [
    ...filenameFlags('File, folder or URL that names the resource to reconcile.'),
    ...PRINT_FLAGS,
    DRY_RUN_FLAG,
    { name: 'remove-extra-permissions', type: 'bool', usage: 'Remove other permissions from roles' },
    { name: 'remove-extra-subjects', type: 'bool', usage: 'Remove other subjects from role bindings' },
  ],
  run: async (invocation) => {
    const { flags, args, factory, environment } = invocation;
    if (args.length > 0) throw new CommandError('no arguments are allowed');
    requireFilenames(invocation);
    const dryRun = dryRunStrategy(invocation);
    const print = await printerFor(invocation, 'reconciled', { dryRun });
    await factory
      .builder({
        filenames: flags.strings('filename'),
        kustomize: flags.string('kustomize'),
        recursive: flags.bool('recursive'),
        continueOnError: true,
      })
      .visit(async (info) => {
        if (info.type.group !== 'rbac.authorization.k8s.io') {
          if (!outputFormat(invocation)) return;
          throw new CommandError(`skipping ${info.type.kind}`);
        }
        environment.io.out(print((await reconcileOne(invocation, info)) as unknown as Printable));
      });
  },
};

async function reconcileOne(invocation: Invocation, info: Info): Promise<KubeObject> {
  const { flags, factory } = invocation;
  const dryRun = dryRunStrategy(invocation);
  const client = await factory.client();
  const wanted = info.object as RbacObject;
  const query = dryRunQuery(dryRun);
  const live = await client.request<RbacObject>('GET', infoPath(info)).catch((error: unknown) => {
    if (isNotFound(error)) return undefined;
    throw error;
  });
  if (!live) {
    if (dryRun === 'client') return wanted;
    return client.request('POST', collectionPath(info), { body: wanted, query });
  }
  const merged: RbacObject = {
    ...live,
    metadata: {
      ...live.metadata,
      labels: { ...wanted.metadata.labels, ...live.metadata.labels },
      annotations: { ...wanted.metadata.annotations, ...live.metadata.annotations },
    },
    ...(wanted.rules && { rules: mergeRules(live.rules ?? [], wanted.rules, flags.bool('remove-extra-permissions')) }),
    ...(wanted.subjects && {
      subjects: mergeSubjects(live.subjects ?? [], wanted.subjects, flags.bool('remove-extra-subjects')),
    }),
  };
  if (equal(merged, live) || dryRun === 'client') return merged;
  return client.request('PUT', infoPath(info), { body: merged, query });
}

/** The live rules with what is missing of the wanted ones; without what is not wanted when `exact`. */
function mergeRules(live: PolicyRule[], wanted: PolicyRule[], exact: boolean): PolicyRule[] {
  const has = (rules: PolicyRule[], rule: PolicyRule) => rules.some((each) => equal(each, rule));
  const [have, need] = [live.flatMap(breakdown), wanted.flatMap(breakdown)];
  const missing = need.filter((rule) => !has(have, rule));
  const extra = have.filter((rule) => !has(need, rule));
  if (exact && extra.length > 0) return wanted;
  return missing.length > 0 ? [...live, ...compact(missing)] : live;
}

function mergeSubjects(live: Subject[], wanted: Subject[], exact: boolean): Subject[] {
  const missing = wanted.filter((subject) => !live.some((each) => equal(each, subject)));
  const kept = exact ? live.filter((subject) => wanted.some((each) => equal(each, subject))) : live;
  return [...kept, ...missing];
}
