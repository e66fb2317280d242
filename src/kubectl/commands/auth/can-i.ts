import { alignTabs, TABLE_TABS } from '../../../base/tabwriter.ts';
import { groupResourceText } from '../../client/mapper.ts';
import type { Command, Invocation } from '../../command.ts';
import { CommandError, ExitError } from '../../errors.ts';
import { ALL_NAMESPACES_FLAG } from '../../flags/common.ts';
import { breakdown, compact, type PolicyRule, ruleText } from './rules.ts';

const RESOURCE_VERBS = [
  'get',
  'list',
  'watch',
  'create',
  'update',
  'patch',
  'delete',
  'deletecollection',
  'use',
  'bind',
  'impersonate',
  '*',
  'approve',
  'sign',
  'escalate',
  'attest',
];
const URL_VERBS = ['get', 'put', 'post', 'head', 'options', 'delete', 'patch', '*'];
/** What can be impersonated although no server serves it. */
const NON_STANDARD = ['users', 'groups'];

export const canI: Command = {
  name: 'can-i',
  use: 'can-i VERB [TYPE | TYPE/NAME | NONRESOURCEURL]',
  short: 'Check whether an action is allowed',
  long: `Check whether an action is allowed.

VERB is a logical Kubernetes API verb like 'get', 'list', 'watch', 'delete', etc. TYPE is a Kubernetes resource; shortcuts and groups are resolved. NONRESOURCEURL is a partial URL that starts with "/". NAME is the name of a particular resource. The command goes well with impersonation: see --as of the global options.`,
  examples: `
# Check to see if I can create pods in any namespace
kubectl auth can-i create pods --all-namespaces

# Check to see if I can list deployments in my current namespace
kubectl auth can-i list deployments.apps

# Check to see if the service account "foo" of namespace "dev" can list pods in the namespace "prod"
kubectl auth can-i list pods --as=system:serviceaccount:dev:foo -n prod

# Check to see if I can do everything in my current namespace ("*" means all)
kubectl auth can-i '*' '*'

# Check to see if I can get the job named "bar" in namespace "foo"
kubectl auth can-i list jobs.batch/bar -n foo

# Check to see if I can read pod logs
kubectl auth can-i get pods --subresource=log

# Check to see if I can access the URL /logs/
kubectl auth can-i get /logs/

# List all allowed actions in namespace "foo"
kubectl auth can-i --list --namespace=foo`,
  flags: [
    { ...ALL_NAMESPACES_FLAG, usage: 'Check the action in all namespaces.' },
    { name: 'list', type: 'bool', usage: 'Print all allowed actions.' },
    { name: 'no-headers', type: 'bool', usage: 'Print allowed actions without headers' },
    { name: 'quiet', shorthand: 'q', type: 'bool', usage: 'Print nothing; the exit code is the answer.' },
    { name: 'subresource', type: 'string', usage: 'Subresource such as pod/log or deployment/scale' },
  ],
  run: async (invocation) => (invocation.flags.bool('list') ? list(invocation) : check(invocation)),
};

interface Attributes {
  group: string;
  resource: string;
  name: string;
}

async function check(invocation: Invocation): Promise<number> {
  const { flags, args, factory, environment } = invocation;
  if (args.length !== 2) {
    throw new CommandError(
      "you must specify two arguments: verb resource or verb resource/resourceName.\nSee 'kubectl auth can-i -h' for help and examples.",
    );
  }
  const [verb = '', target = ''] = args;
  const url = target.startsWith('/');
  const attributes = url ? undefined : await attributesOf(invocation, target);
  const namespace = flags.bool('all-namespaces') ? '' : (await factory.namespace()).namespace;
  if (url && flags.string('subresource')) throw new CommandError('--subresource can not be used with NonResourceURL');
  if (url ? !URL_VERBS.includes(verb) : !flags.bool('all-namespaces') && !RESOURCE_VERBS.includes(verb)) {
    factory.warn(`verb '${verb}' is not a known verb\n`);
  }
  if (flags.bool('no-headers')) throw new CommandError('--no-headers cannot be set without --list specified');
  const spec = attributes
    ? {
        resourceAttributes: {
          ...(namespace && { namespace }),
          verb,
          ...(attributes.group && { group: attributes.group }),
          resource: attributes.resource,
          ...(flags.string('subresource') && { subresource: flags.string('subresource') }),
          ...(attributes.name && { name: attributes.name }),
        },
      }
    : { nonResourceAttributes: { verb, path: target } };
  const client = await factory.client();
  const { status } = await client.request<{
    status: { allowed: boolean; reason?: string; evaluationError?: string };
  }>('POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', {
    body: { kind: 'SelfSubjectAccessReview', apiVersion: 'authorization.k8s.io/v1', spec },
  });
  const reasons = [status.reason, status.evaluationError].filter(Boolean).map((reason) => ` - ${reason}`);
  if (!flags.bool('quiet')) environment.io.out(status.allowed ? 'yes\n' : `no${reasons.join('')}\n`);
  return status.allowed ? 0 : 1;
}

/** What the argument names; a type that the server does not have is asked for as it is, with a warning. */
async function attributesOf({ flags, factory }: Invocation, target: string): Promise<Attributes> {
  const at = target.indexOf('/');
  const [type, name] = at < 0 ? [target, ''] : [target.slice(0, at), target.slice(at + 1)];
  if (type === '*') return { group: '', resource: '*', name };
  try {
    const found = await factory.mapper.resourceFor(type.toLowerCase());
    if (!flags.bool('all-namespaces')) {
      const { group, version } = found;
      await factory.askForLog(group ? `/apis/${group}/${version}` : `/api/${version}`);
    }
    if (!found.namespaced && !flags.bool('all-namespaces')) {
      factory.warn(
        `resource '${found.resource}' is not namespace scoped${found.group ? ` in group '${found.group}'` : ''}\n`,
      );
    }
    return { group: found.group, resource: found.resource, name };
  } catch (error) {
    if (!(error instanceof ExitError)) throw error;
    const [resource = '', ...group] = type.toLowerCase().split('.');
    if (!NON_STANDARD.includes(groupResourceText({ resource, group: group.join('.') }))) {
      const where = group.length > 0 ? ` in group '${group.join('.')}'` : '';
      factory.warn(`the server doesn't have a resource type '${resource}'${where}\n`);
    }
    return { group: '', resource: type, name };
  }
}

async function list({ flags, args, factory, environment }: Invocation): Promise<number> {
  if (args.length > 0) throw new CommandError('list option must be specified with no arguments');
  if (flags.bool('quiet') || flags.bool('all-namespaces') || flags.string('subresource')) {
    throw new CommandError("list option can't be specified with neither quiet, all-namespaces nor subresource options");
  }
  const { namespace } = await factory.namespace();
  const client = await factory.client();
  const { status } = await client.request<{
    status: {
      resourceRules?: PolicyRule[];
      nonResourceRules?: PolicyRule[];
      incomplete?: boolean;
      evaluationError?: string;
    };
  }>('POST', '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews', {
    body: { kind: 'SelfSubjectRulesReview', apiVersion: 'authorization.k8s.io/v1', spec: { namespace } },
  });
  if (status.incomplete) factory.warn(`the list may be incomplete: ${status.evaluationError ?? ''}`);
  const rules = compact([...(status.resourceRules ?? []), ...(status.nonResourceRules ?? [])].flatMap(breakdown));
  const sorted = rules.toSorted((a, b) => (ruleText(a) < ruleText(b) ? -1 : 1));
  const header = flags.bool('no-headers') ? '' : 'Resources\tNon-Resource URLs\tResource Names\tVerbs\n';
  environment.io.out(alignTabs(header + sorted.map(row).join(''), TABLE_TABS));
  return 0;
}

function row({ verbs, apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] }: PolicyRule): string {
  const [first] = resources;
  const [resource = '', subresource] = first === undefined ? [''] : first.split(/\/(.*)/s);
  const group = first !== undefined && apiGroups[0] ? `.${apiGroups[0]}` : '';
  const name = `${resource}${group}${subresource === undefined ? '' : `/${subresource}`}`;
  const bracketed = (values: string[]) => `[${values.join(' ')}]`;
  return `${name}\t${bracketed(nonResourceURLs)}\t${bracketed(resourceNames)}\t${bracketed(verbs)}\n`;
}
