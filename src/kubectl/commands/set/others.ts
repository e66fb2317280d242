import { parseLabelSelector, type Requirement } from '../../../api/machinery/selectors.ts';
import type { RoleBinding, Service } from '../../../types/objects.ts';
import { RECORD_FLAG } from '../../change-cause.ts';
import type { Command } from '../../command.ts';
import { asError, CommandError, throwCollected } from '../../errors.ts';
import { SELECTOR_FLAG } from '../../flags/common.ts';
import { podSpecOf, readObjects, setDryRun, setFlags, updateObjects } from './update.ts';

/** Operators in metav1.LabelSelector's spelling. */
const OPERATORS: Record<string, string> = {
  in: 'In',
  notin: 'NotIn',
  exists: 'Exists',
  '!': 'DoesNotExist',
};

const EQUAL = ['=', '=='];

function requirementsOf(text: string): Requirement[] {
  const requirements = parsed(text);
  const unfit = requirements.find(({ operator }) => !EQUAL.includes(operator) && !(operator in OPERATORS));
  if (unfit) throw new CommandError(`${JSON.stringify(unfit.operator)} is not a valid label selector operator`);
  return requirements;
}

function parsed(text: string): Requirement[] {
  try {
    return parseLabelSelector(text);
  } catch (error) {
    throw new CommandError(`couldn't parse the selector string "${text}": ${(error as Error).message}`);
  }
}

/** The map of a selector; Services know equality only. */
function equalityMap(requirements: Requirement[]): Record<string, string> {
  const other = requirements.filter(({ operator }) => !EQUAL.includes(operator));
  if (other.length) {
    const shown = other.map(
      ({ key, operator, values }) => `{${key} ${OPERATORS[operator] ?? operator} [${values.join(' ')}]}`,
    );
    throw new CommandError(`match expression [${shown.join(' ')}] not supported on this object`);
  }
  return Object.fromEntries(requirements.map(({ key, values }) => [key, values[0]!]));
}

export const selector: Command = {
  name: 'selector',
  use: 'selector (-f FILENAME | TYPE NAME) EXPRESSIONS [--resource-version=version]',
  short: 'Set the selector on a resource',
  examples: `
# A service that takes the pods of another version
kubectl set selector service web app=web,version=2`,
  flags: [
    ...setFlags('identifying the resource.').flatMap((flag) => {
      if (flag.name === 'recursive') return [{ ...flag, default: 'true' }];
      return flag.name === 'kustomize' ? [] : [flag];
    }),
    { name: 'resource-version', type: 'string', usage: 'Only change the object if this is its resource version.' },
    RECORD_FLAG,
  ],
  async run(invocation) {
    const { flags, args } = invocation;
    const dryRun = setDryRun(invocation);
    const wanted = args.at(-1);
    if (wanted === undefined) throw new CommandError('one selector is required');
    const requirements = requirementsOf(wanted);
    const infos = await readObjects(invocation, args.slice(0, -1));
    const version = flags.string('resource-version');
    const problems: Error[] = [];
    const errors = await updateObjects(invocation, infos, {
      resources: args,
      dryRun,
      always: true,
      operation: 'selector updated',
      failure: '',
      mutate(draft) {
        if (draft.kind !== 'Service') {
          problems.push(new CommandError('setting a selector is only supported for Services'));
          return false;
        }
        try {
          (draft as Service).spec!.selector = equalityMap(requirements);
        } catch (error) {
          problems.push(asError(error));
          return false;
        }
        if (version) draft.metadata.resourceVersion = version;
        return true;
      },
    });
    throwCollected([...problems, ...errors]);
  },
};

export const serviceaccount: Command = {
  name: 'serviceaccount',
  aliases: ['sa'],
  use: 'serviceaccount (-f FILENAME | TYPE NAME) SERVICE_ACCOUNT',
  short: 'Update the service account of a resource',
  examples: `
# A deployment runs as another account
kubectl set serviceaccount deployment web robot`,
  flags: [...setFlags(), RECORD_FLAG],
  async run(invocation) {
    const dryRun = setDryRun(invocation);
    const { args } = invocation;
    const account = args.at(-1);
    if (account === undefined) throw new CommandError('serviceaccount is required');
    const infos = await readObjects(invocation, args.slice(0, -1));
    throwCollected(
      await updateObjects(invocation, infos, {
        resources: args,
        dryRun,
        always: true,
        operation: 'serviceaccount updated',
        failure: 'failed to patch ServiceAccountName ',
        mutate(draft) {
          podSpecOf(draft).serviceAccountName = account;
        },
      }),
    );
  },
};

type Subject = NonNullable<RoleBinding['subjects']>[number];
const GROUP = 'rbac.authorization.k8s.io';

export const subject: Command = {
  name: 'subject',
  use: 'subject (-f FILENAME | TYPE NAME) [--user=username] [--group=groupname] [--serviceaccount=namespace:serviceaccountname] [--dry-run=server|client|none]',
  short: 'Update the user, group, or service account in a role binding or cluster role binding',
  examples: `
# One more user of a role binding
kubectl set subject rolebinding admin --user=alice`,
  flags: [
    ...setFlags('the resource to update the subjects'),
    SELECTOR_FLAG,
    { name: 'user', type: 'stringArray', usage: 'Users to bind to the role' },
    { name: 'group', type: 'stringArray', usage: 'Groups to bind to the role' },
    { name: 'serviceaccount', type: 'stringArray', usage: 'Service accounts to bind to the role' },
  ],
  async run(invocation) {
    const { flags, args, factory } = invocation;
    const infos = await readObjects(invocation, args);
    const dryRun = setDryRun(invocation);
    if (flags.bool('all') && flags.string('selector'))
      throw new CommandError('cannot set --all and --selector at the same time');
    const accounts = flags.strings('serviceaccount');
    const named = (kind: string, names: string[]): Subject[] =>
      [...new Set(names)].sort().map((name) => ({ kind, apiGroup: GROUP, name }));
    const people = [...named('User', flags.strings('user')), ...named('Group', flags.strings('group'))];
    if (!people.length && !accounts.length)
      throw new CommandError('you must specify at least one value of user, group or serviceaccount');
    const { namespace } = await factory.namespace();
    const machines = [...new Set(accounts)].sort().map((account): Subject => {
      const [own, name, ...rest] = account.split(':');
      if (!name || rest.length) throw new CommandError('serviceaccount must be <namespace>:<name>');
      if (!own && infos.some(({ type }) => type.kind === 'ClusterRoleBinding'))
        throw new CommandError('serviceaccount must be <namespace>:<name>, namespace must be specified');
      return { kind: 'ServiceAccount', name, namespace: own || namespace };
    });
    const same = (a: Subject, b: Subject) =>
      a.kind === b.kind &&
      a.name === b.name &&
      (a.namespace ?? '') === (b.namespace ?? '') &&
      (a.apiGroup ?? '') === (b.apiGroup ?? '');
    throwCollected(
      await updateObjects(invocation, infos, {
        resources: args,
        dryRun,
        operation: 'subjects updated',
        failure: 'failed to patch subjects to rolebinding: ',
        mutate(draft) {
          if (!/^(Cluster)?RoleBinding$/.test(draft.kind))
            throw new CommandError('setting subjects is only supported for RoleBinding/ClusterRoleBinding');
          const binding = draft as RoleBinding;
          const added = [...people, ...machines].filter((s) => !binding.subjects?.some((old) => same(old, s)));
          if (!added.length) return false;
          binding.subjects = [...(binding.subjects ?? []), ...added];
          return true;
        },
      }),
    );
  },
};
