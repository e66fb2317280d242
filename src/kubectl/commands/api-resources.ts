import { alignTabs, TABLE_TABS } from '../../base/tabwriter.ts';
import { groupResourceText, groupVersionText, type ResourceType } from '../client/mapper.ts';
import type { Command, FlagValues, Invocation } from '../command.ts';
import { CommandError } from '../errors.ts';
import { usageError } from '../flags/common.ts';

const command: Command = {
  name: 'api-resources',
  use: 'api-resources',
  flagsInUseLine: true,
  short: 'Print the supported API resources on the server',
  long: 'Print the supported API resources on the server.',
  examples: `
# Print the supported API resources
kubectl api-resources

# Print the supported API resources with more information
kubectl api-resources -o wide

# Print the supported API resources sorted by a column
kubectl api-resources --sort-by=name

# Print the supported resources that have namespaces
kubectl api-resources --namespaced=true

# Print the supported resources that have none
kubectl api-resources --namespaced=false

# Print the supported API resources of one group
kubectl api-resources --api-group=rbac.authorization.k8s.io`,
  flags: [
    { name: 'api-group', type: 'string', usage: 'Only resources of this API group.' },
    { name: 'cached', type: 'bool', usage: 'Use what was discovered before, if there is anything.' },
    { name: 'categories', type: 'stringSlice', usage: 'Only resources of these categories.' },
    {
      name: 'namespaced',
      type: 'bool',
      default: 'true',
      usage: 'false for resources without namespaces; all of them by default.',
    },
    { name: 'no-headers', type: 'bool', usage: 'No headers in the default and wide output formats.' },
    { name: 'output', shorthand: 'o', type: 'string', usage: 'Output format. One of: (wide, name).' },
    { name: 'sort-by', type: 'string', usage: "Sort by this field: 'name' or 'kind'." },
    { name: 'verbs', type: 'stringSlice', usage: 'Only resources with these verbs.' },
  ],
  run: apiResources,
};

export default command;

async function apiResources(invocation: Invocation): Promise<void> {
  const { flags, args, factory, environment } = invocation;
  const output = flags.string('output');
  if (!['', 'wide', 'name'].includes(output)) throw new CommandError(`--output ${output} is not available`);
  if (!['', 'name', 'kind'].includes(flags.string('sort-by'))) {
    throw new CommandError('--sort-by accepts only name or kind');
  }
  if (args.length > 0) throw usageError(invocation, `unexpected arguments: [${args.join(' ')}]`);
  if (!flags.bool('cached')) factory.mapper.invalidate();
  let failure: unknown;
  const all = await factory.mapper.all().catch((error: unknown): ResourceType[] => {
    failure = error;
    return [];
  });
  const types = sorted(preferred(all).filter(wanted(flags)), flags.string('sort-by'));
  if (output === 'name') {
    environment.io.out(types.map((type) => `${groupResourceText(type)}\n`).join(''));
    if (failure) throw failure;
    return;
  }
  const wide = output === 'wide';
  const header = ['NAME', 'SHORTNAMES', 'APIVERSION', 'NAMESPACED', 'KIND', ...(wide ? ['VERBS', 'CATEGORIES'] : [])];
  const rows = types.map((type) => [
    type.resource,
    type.shortNames.join(','),
    groupVersionText(type),
    String(type.namespaced),
    type.kind,
    ...(wide ? [type.verbs.join(','), type.categories.join(',')] : []),
  ]);
  const lines = flags.bool('no-headers') ? rows : [header, ...rows];
  environment.io.out(alignTabs(lines.map((cells) => `${cells.join('\t')}\n`).join(''), TABLE_TABS));
  if (failure) throw failure;
}

/** Each resource once, in its group's preferred version. */
function preferred(types: ResourceType[]): ResourceType[] {
  const seen = new Set<string>();
  return types.filter((type) => {
    const name = groupResourceText(type);
    if (seen.has(name)) return false;
    seen.add(name);
    return true;
  });
}

const wanted = (flags: FlagValues) => (type: ResourceType) =>
  type.verbs.length > 0 &&
  (!flags.changed('api-group') || type.group === flags.string('api-group')) &&
  (!flags.changed('namespaced') || type.namespaced === flags.bool('namespaced')) &&
  flags.strings('verbs').every((verb) => type.verbs.includes(verb)) &&
  flags.strings('categories').every((category) => type.categories.includes(category));

function sorted(types: ResourceType[], sortBy: string): ResourceType[] {
  const key = (type: ResourceType) => (sortBy === 'name' ? type.resource : sortBy === 'kind' ? type.kind : type.group);
  const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
  return types.toSorted((a, b) => compare(key(a), key(b)) || compare(a.resource, b.resource));
}
