import { alignTabs, TABLE_TABS } from '../../../base/tabwriter.ts';
import type { Command, Invocation } from '../../command.ts';
import { CommandError, throwCollected } from '../../errors.ts';
import { usageError } from '../../flags/common.ts';
import { KubeconfigStore } from '../../kubeconfig/store.ts';
import { helpError } from './help-error.ts';
import { setProperty, unsetProperty } from './property.ts';
import { setCluster, setContext, setCredentials } from './stanzas.ts';
import { view } from './view.ts';

const open = (invocation: Invocation) => KubeconfigStore.open(invocation);

/** The arguments, when there are as many as there must be. */
function exactly(invocation: Invocation, count: number): string[] {
  if (invocation.args.length !== count) throw helpError(invocation);
  return invocation.args;
}

const currentContext: Command = {
  name: 'current-context',
  use: 'current-context',
  flagsInUseLine: true,
  short: 'Display the current-context',
  examples: `
# Display the current-context
kubectl config current-context`,
  run: async (invocation) => {
    const { currentContext: name } = await (await open(invocation)).load();
    if (!name) throw new CommandError('current-context is not set');
    invocation.environment.io.out(`${name}\n`);
  },
};

const getContexts: Command = {
  name: 'get-contexts',
  use: 'get-contexts [(-o|--output=)name)]',
  short: 'Describe one or many contexts',
  long: 'Display one or many contexts from the kubeconfig file.',
  examples: `
# List all the contexts of the kubeconfig file
kubectl config get-contexts

# Describe one context of the kubeconfig file
kubectl config get-contexts my-context`,
  flags: [
    { name: 'no-headers', type: 'bool', usage: 'No headers in the default output format.' },
    { name: 'output', shorthand: 'o', type: 'string', usage: 'Output format. One of: (name).' },
  ],
  run: async (invocation) => {
    const { flags, args, environment } = invocation;
    const output = flags.string('output');
    if (output !== '' && output !== 'name') {
      throw new CommandError(
        `--output ${output} is not available in kubectl config get-contexts; resetting to default output format`,
      );
    }
    const config = await (await open(invocation)).load();
    const wanted = args.length > 0 ? args : [...config.contexts.keys()];
    const names = wanted.filter((name) => config.contexts.has(name)).sort();
    if (output === 'name') environment.io.out(names.map((name) => `${name}\n`).join(''));
    else {
      const rows = names.map((name) => {
        const { cluster = '', user = '', namespace = '' } = config.contexts.get(name)!;
        return [name === config.currentContext ? '*' : ' ', name, cluster, user, namespace];
      });
      const header = flags.bool('no-headers') ? [] : [['CURRENT', 'NAME', 'CLUSTER', 'AUTHINFO', 'NAMESPACE']];
      const text = [...header, ...rows].map((cells) => `${cells.join('\t')}\n`).join('');
      environment.io.out(alignTabs(text, TABLE_TABS));
    }
    const missing = wanted.filter((name) => !config.contexts.has(name));
    throwCollected(missing.map((name) => new CommandError(`context ${name} not found`)));
  },
};

const useContext: Command = {
  name: 'use-context',
  aliases: ['use'],
  use: 'use-context CONTEXT_NAME',
  short: 'Set the current-context in a kubeconfig file',
  examples: `
# Use the context of the minikube cluster
kubectl config use-context minikube`,
  run: async (invocation) => {
    const [name = ''] = exactly(invocation, 1);
    await (await open(invocation)).modify((config) => {
      if (!name) throw new CommandError('empty context names are not allowed');
      if (!config.contexts.has(name))
        throw new CommandError(`no context exists with the name: ${JSON.stringify(name)}`);
      config.currentContext = name;
    });
    invocation.environment.io.out(`Switched to context ${JSON.stringify(name)}.\n`);
  },
};

const renameContext: Command = {
  name: 'rename-context',
  use: 'rename-context CONTEXT_NAME NEW_NAME',
  short: 'Rename a context from the kubeconfig file',
  long: `Renames a context from the kubeconfig file.

CONTEXT_NAME is the context to rename, NEW_NAME its new name.

Note: if it is the current context, the field "current-context" is renamed too.`,
  examples: `
# Rename the context 'old-name' to 'new-name' in the kubeconfig file
kubectl config rename-context old-name new-name`,
  run: async (invocation) => {
    const [from = '', to = ''] = exactly(invocation, 2);
    if (!to) throw new CommandError('You must specify a new non-empty context name');
    const store = await open(invocation);
    await store.modify((config) => {
      const context = config.contexts.get(from);
      const cannot = `cannot rename the context ${JSON.stringify(from)},`;
      if (!context) throw new CommandError(`${cannot} it's not in ${store.defaultFile}`);
      if (config.contexts.has(to)) {
        throw new CommandError(`${cannot} the context ${JSON.stringify(to)} already exists in ${store.defaultFile}`);
      }
      config.contexts.delete(from);
      config.contexts.set(to, context);
      if (config.currentContext === from) config.currentContext = to;
    });
    invocation.environment.io.out(`Context ${JSON.stringify(from)} renamed to ${JSON.stringify(to)}.\n`);
  },
};

/** `delete-context`, `delete-cluster` and `delete-user` differ in what they look in. */
const deleteCommand = (what: 'cluster' | 'context' | 'user', section: 'clusters' | 'contexts' | 'users'): Command => ({
  name: `delete-${what}`,
  use: `delete-${what} NAME`,
  short: `Delete the specified ${what} from the kubeconfig`,
  long: `Delete the specified ${what} from the kubeconfig.`,
  examples: `
# Delete the minikube ${what}
kubectl config delete-${what} minikube`,
  run: async (invocation) => {
    const [name = ''] = invocation.args;
    if (invocation.args.length !== 1) {
      if (what === 'user') throw usageError(invocation, 'user to delete is required');
      invocation.environment.io.out(invocation.program.helpOf(invocation.commandPath));
      return;
    }
    const store = await open(invocation);
    await store.modify((config) => {
      if (!config[section].delete(name)) {
        throw new CommandError(`cannot delete ${what} ${name}, not in ${store.defaultFile}`);
      }
      if (what === 'context' && config.currentContext === name) {
        invocation.environment.io.err(
          'warning: this removed your active context, use "kubectl config use-context" to select a different one\n',
        );
      }
    });
    invocation.environment.io.out(`deleted ${what} ${name} from ${store.defaultFile}\n`);
  },
});

const listCommand = (what: 'clusters' | 'users'): Command => ({
  name: `get-${what}`,
  use: `get-${what}`,
  flagsInUseLine: true,
  short: `Display ${what} defined in the kubeconfig`,
  long: `Display ${what} defined in the kubeconfig.`,
  examples: `
# List the ${what} that kubectl knows about
kubectl config get-${what}`,
  run: async (invocation) => {
    const config = await (await open(invocation)).load();
    const names = [...config[what].keys()].sort();
    invocation.environment.io.out(['NAME', ...names].map((name) => `${name}\n`).join(''));
  },
});

const set: Command = {
  name: 'set',
  use: 'set PROPERTY_NAME PROPERTY_VALUE',
  short: 'Set an individual value in a kubeconfig file',
  long: `Set an individual value in a kubeconfig file.

PROPERTY_NAME is a path of field and entry names with dots between them. Entry names may not hold dots in places where a field could be meant.

PROPERTY_VALUE is the new value. Binary fields such as 'certificate-authority-data' take a base64 string unless --set-raw-bytes is given.`,
  examples: `
# Set the server of the cluster my-cluster to https://1.2.3.4
kubectl config set clusters.my-cluster.server https://1.2.3.4

# Set the cluster of the context my-context to my-cluster
kubectl config set contexts.my-context.cluster my-cluster`,
  flags: [
    {
      name: 'set-raw-bytes',
      type: 'bool',
      usage: 'Write the value of a binary field as it is given, without decoding base64.',
    },
  ],
  run: async (invocation) => {
    const [path = '', value = ''] = exactly(invocation, 2);
    if (!value) throw new CommandError('you cannot use set to unset a property');
    if (!path) throw new CommandError('you must specify a property');
    const raw = invocation.flags.bool('set-raw-bytes');
    await (await open(invocation)).modify((config) => setProperty(config, path, value, raw));
    invocation.environment.io.out(`Property ${JSON.stringify(path)} set.\n`);
  },
};

const unset: Command = {
  name: 'unset',
  use: 'unset PROPERTY_NAME',
  short: 'Unset an individual value in a kubeconfig file',
  long: `Unset an individual value in a kubeconfig file.

PROPERTY_NAME is a path of field and entry names with dots between them.`,
  examples: `
# Unset the current-context
kubectl config unset current-context

# Unset the namespace of the context foo
kubectl config unset contexts.foo.namespace`,
  run: async (invocation) => {
    const [path = ''] = exactly(invocation, 1);
    if (!path) throw new CommandError('you must specify a property');
    await (await open(invocation)).modify((config) => unsetProperty(config, path));
    invocation.environment.io.out(`Property ${JSON.stringify(path)} unset.\n`);
  },
};

const command: Command = {
  name: 'config',
  use: 'config SUBCOMMAND',
  short: 'Modify kubeconfig files',
  long: `Modify kubeconfig files using subcommands like "kubectl config set current-context my-context".

Which files are used:

  1.  With --kubeconfig, that file alone. The flag may be given once, and nothing is merged.
  2.  With $KUBECONFIG, the paths that it lists, merged. A value is changed in the file that defines it; a new one goes to the first file that exists, or to the last of the list.
  3.  Otherwise the file that kubemu keeps beside its state.`,
  subcommands: [
    view,
    setCluster,
    setCredentials,
    setContext,
    set,
    unset,
    currentContext,
    useContext,
    getContexts,
    listCommand('clusters'),
    listCommand('users'),
    deleteCommand('cluster', 'clusters'),
    deleteCommand('context', 'contexts'),
    deleteCommand('user', 'users'),
    renameContext,
  ],
};

export default command;
