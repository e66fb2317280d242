import { resourcePath } from '../../client/mapper.ts';
import type { RestClient } from '../../client/rest.ts';
import type { Command, Invocation } from '../../command.ts';
import { asError, CommandError, isForbidden, isNotFound } from '../../errors.ts';
import { DRY_RUN_FLAG, dryRunStrategy, filenameFlags, PRINT_FLAGS, requireFilenames } from '../../flags/common.ts';
import { type Printable, printerFor } from '../../printers/print-flags.ts';
import type { Info } from '../../resource/info.ts';
import { type RbacObject, type Reconciliation, reconciliationOf, type Subject } from './reconciliation.ts';
import type { PolicyRule } from './rules.ts';

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
    requireFilenames(invocation);
    if (args.length > 0) throw new CommandError('no arguments are allowed');
    const dryRun = clientSideDryRun(invocation);
    const print = await printerFor(invocation, 'reconciled', { dryRun });
    const builder = factory.builder({
      filenames: flags.strings('filename'),
      kustomize: flags.string('kustomize'),
      recursive: flags.bool('recursive'),
      continueOnError: true,
      local: true,
    });
    await builder.visit(async (info) => {
      if (info.type.group !== 'rbac.authorization.k8s.io') return;
      const done = await reconcileOne(invocation, info, dryRun !== 'none');
      environment.io.out(print(done.object as unknown as Printable));
      environment.io.err(reportOf(done, flags.bool('remove-extra-permissions'), flags.bool('remove-extra-subjects')));
    });
  },
};

function clientSideDryRun(invocation: Invocation): 'none' | 'client' {
  try {
    const dryRun = dryRunStrategy(invocation);
    if (dryRun !== 'server') return dryRun;
  } catch (error) {
    throw new CommandError(`error accessing --dry-run flag for command reconcile: ${asError(error).message}`);
  }
  throw new CommandError('--dry-run=server for command reconcile is not supported yet');
}

async function reconcileOne(invocation: Invocation, info: Info, dryRun: boolean): Promise<Reconciliation> {
  const { flags, factory } = invocation;
  const client = await factory.client();
  const wanted = info.object as RbacObject;
  const type = await factory.mapper.typeFor(PLURALS[info.type.kind] ?? info.type.kind);
  // Like the real one, it takes the namespace from the file alone.
  const { namespace = '', name } = wanted.metadata;
  const path = resourcePath(type, namespace, name);
  const live = await client.request<RbacObject>('GET', path).catch((error: unknown) => {
    if (isNotFound(error)) return undefined;
    throw error;
  });
  const exact = flags.bool(type.kind.endsWith('Binding') ? 'remove-extra-subjects' : 'remove-extra-permissions');
  const found = reconciliationOf(live, wanted, exact);
  if (found.protected || dryRun || found.operation === 'none') return found;
  if (found.operation === 'update')
    return { ...found, object: await client.request('PUT', path, { body: found.object }) };
  if (found.operation === 'recreate')
    await client.request('DELETE', path, { body: { preconditions: { uid: live!.metadata.uid } } });
  if (type.namespaced) await ensureNamespace(client, namespace);
  return { ...found, object: await client.request('POST', resourcePath(type, namespace), { body: found.object }) };
}

const PLURALS: Record<string, string> = {
  Role: 'roles',
  RoleBinding: 'rolebindings',
  ClusterRole: 'clusterroles',
  ClusterRoleBinding: 'clusterrolebindings',
};

/** Makes a namespace that is not there, if the user may (tryEnsureNamespace). */
async function ensureNamespace(client: RestClient, name: string): Promise<void> {
  if (name === '') throw new CommandError('resource name may not be empty');
  const tolerate = (error: unknown) => {
    if (!isNotFound(error) && !isForbidden(error)) throw error;
    return undefined;
  };
  if (await client.request('GET', `/api/v1/namespaces/${name}`).catch(tolerate)) return;
  const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
  await client.request('POST', '/api/v1/namespaces', { body }).catch(tolerate);
}

/** What is said of an object beside its name. */
function reportOf(found: Reconciliation, permissions: boolean, subjects: boolean): string {
  if (found.operation === 'none') return '';
  const caveat = found.protected ? ', but object opted out (rbac.authorization.kubernetes.io/autoupdate: false)' : '';
  const list = (title: string, lines: string[]) =>
    lines.length > 0 ? `\t${title}:\n${lines.map((line) => `\t\t${line}\n`).join('')}` : '';
  return [
    `\treconciliation required ${found.operation}${caveat}\n`,
    list('missing subjects added', found.missingSubjects.map(subjectText)),
    subjects ? list('extra subjects removed', found.extraSubjects.map(subjectText)) : '',
    list('missing rules added', found.missingRules.map(ruleText)),
    permissions ? list('extra rules removed', found.extraRules.map(ruleText)) : '',
  ].join('');
}

/** As Go's %+v writes them. */
const subjectText = ({ kind, apiGroup = '', name, namespace = '' }: Subject): string =>
  `{Kind:${kind} APIGroup:${apiGroup} Name:${name} Namespace:${namespace}}`;

const ruleText = (rule: PolicyRule): string => {
  const { verbs, apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] } = rule;
  const words = (list: string[]) => `[${list.join(' ')}]`;
  return `{Verbs:${words(verbs)} APIGroups:${words(apiGroups)} Resources:${words(resources)} ResourceNames:${words(resourceNames)} NonResourceURLs:${words(nonResourceURLs)}}`;
};
