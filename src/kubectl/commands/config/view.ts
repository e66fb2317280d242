import { posix } from 'node:path';
import type { Command, Invocation } from '../../command.ts';
import { CommandError } from '../../errors.ts';
import { PRINT_FLAGS, usageError } from '../../flags/common.ts';
import { type Kubeconfig, toFile } from '../../kubeconfig/config.ts';
import { readKubeconfig } from '../../kubeconfig/load.ts';
import { KubeconfigStore } from '../../kubeconfig/store.ts';
import { type Printable, printerFor } from '../../printers/print-flags.ts';

export const view: Command = {
  name: 'view',
  use: 'view',
  flagsInUseLine: true,
  short: 'Display merged kubeconfig settings or a specified kubeconfig file',
  long: `Display merged kubeconfig settings or a specified kubeconfig file.

--output jsonpath={...} extracts single values with a jsonpath expression.`,
  examples: `
# Show merged kubeconfig settings
kubectl config view

# Show merged kubeconfig settings with certificate data and secrets
kubectl config view --raw

# Get the password of the user e2e
kubectl config view -o jsonpath='{.users[?(@.name == "e2e")].user.password}'`,
  flags: [
    ...PRINT_FLAGS.map((flag) => (flag.name === 'output' ? { ...flag, default: 'yaml' } : flag)),
    { name: 'flatten', type: 'bool', usage: 'Make the output self-contained: files become data' },
    { name: 'merge', type: 'bool', default: 'true', usage: 'Merge all kubeconfig files' },
    { name: 'minify', type: 'bool', usage: 'Leave out what the current context does not use' },
    { name: 'raw', type: 'bool', usage: 'Show data and secrets as they are' },
  ],
  run: async (invocation) => {
    const { flags, environment, args } = invocation;
    if (args.length > 0) throw usageError(invocation, `unexpected arguments: [${args.join(' ')}]`);
    const print = await printerFor(invocation, '', { typed: true });
    const alone = flags.string('kubeconfig');
    if (!flags.bool('merge') && !alone) throw new CommandError('if merge==false a precise file must be specified');
    const config = flags.bool('merge')
      ? await (await KubeconfigStore.open(invocation)).load()
      : await readKubeconfig(environment, alone);
    if (flags.bool('minify')) minify(config, flags.string('context') || config.currentContext);
    if (flags.bool('flatten')) flatten(invocation, config);
    else if (!flags.bool('raw')) redact(config);
    environment.io.out(print(toFile(config) as Printable));
  },
};

/** Keeps the context and the stanzas that it names. */
function minify(config: Kubeconfig, contextName: string): void {
  if (!contextName) throw new CommandError('current-context must exist in order to minify');
  const context = config.contexts.get(contextName);
  if (!context) throw new CommandError(`cannot locate context ${contextName}`);
  config.currentContext = contextName;
  config.contexts = new Map([[contextName, context]]);
  if (context.cluster) {
    const cluster = config.clusters.get(context.cluster);
    if (!cluster) throw new CommandError(`cannot locate cluster ${context.cluster}`);
    config.clusters = new Map([[context.cluster, cluster]]);
  } else config.clusters = new Map();
  if (context.user) {
    const user = config.users.get(context.user);
    if (!user) throw new CommandError(`cannot locate user ${context.user}`);
    config.users = new Map([[context.user, user]]);
  } else config.users = new Map();
}

const FILE_FIELDS = {
  users: ['client-certificate', 'client-key'],
  clusters: ['certificate-authority'],
} as const;

/** Puts files' contents in the place of their paths. */
function flatten({ environment, flags }: Invocation, config: Kubeconfig): void {
  const alone = flags.string('kubeconfig');
  for (const section of ['users', 'clusters'] as const) {
    for (const stanza of config[section].values() as Iterable<Record<string, unknown>>) {
      for (const field of FILE_FIELDS[section]) {
        const path = stanza[field];
        if (typeof path !== 'string' || path === '') continue;
        if (stanza[`${field}-data`]) throw new CommandError('cannot have values for both path and contents');
        const folder = posix.resolve(environment.host.cwd, posix.dirname(config.origins?.get(stanza) ?? alone));
        const bytes = environment.host.readBytes(posix.resolve(folder, path));
        stanza[`${field}-data`] = Buffer.from(bytes).toString('base64');
        delete stanza[field];
      }
    }
  }
}

const HIDDEN: Record<string, string> = {
  token: 'REDACTED',
  password: 'REDACTED',
  'certificate-authority-data': 'DATA+OMITTED',
  'client-certificate-data': 'DATA+OMITTED',
  'client-key-data': 'DATA+OMITTED',
};

function redact(config: Kubeconfig): void {
  for (const stanza of [...config.users.values(), ...config.clusters.values()] as Record<string, unknown>[]) {
    for (const [field, text] of Object.entries(HIDDEN)) if (stanza[field]) stanza[field] = text;
  }
}
