import type { Command, Invocation } from '../../command.ts';
import { CommandError } from '../../errors.ts';
import { PRINT_FLAGS } from '../../flags/common.ts';
import { type Kubeconfig, toFile } from '../../kubeconfig/config.ts';
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
    const { flags, environment } = invocation;
    const print = await printerFor(invocation, '', { typed: true });
    const config = await (await KubeconfigStore.open(environment, flags)).load();
    if (flags.bool('minify')) minify(config, flags.string('context') || config.currentContext);
    if (flags.bool('flatten')) flatten(invocation, config);
    if (!flags.bool('raw') && !flags.bool('flatten')) redact(config);
    else if (!flags.bool('raw')) redact(config, SECRETS);
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
  if (context.user) {
    const user = config.users.get(context.user);
    if (!user) throw new CommandError(`cannot locate user ${context.user}`);
    config.users = new Map([[context.user, user]]);
  } else config.users = new Map();
  if (context.cluster) {
    const cluster = config.clusters.get(context.cluster);
    if (!cluster) throw new CommandError(`cannot locate cluster ${context.cluster}`);
    config.clusters = new Map([[context.cluster, cluster]]);
  } else config.clusters = new Map();
}

const FILE_FIELDS = {
  users: ['client-certificate', 'client-key'],
  clusters: ['certificate-authority'],
} as const;

/** Puts files' contents in the place of their paths. */
function flatten({ environment }: Invocation, config: Kubeconfig): void {
  for (const section of ['users', 'clusters'] as const) {
    for (const stanza of config[section].values() as Iterable<Record<string, unknown>>) {
      for (const field of FILE_FIELDS[section]) {
        const path = stanza[field];
        if (typeof path !== 'string' || path === '') continue;
        stanza[`${field}-data`] = Buffer.from(environment.host.readBytes(path)).toString('base64');
        delete stanza[field];
      }
    }
  }
}

const SECRETS: Record<string, string> = { token: 'REDACTED', password: 'REDACTED' };
const HIDDEN: Record<string, string> = {
  ...SECRETS,
  'certificate-authority-data': 'DATA+OMITTED',
  'client-certificate-data': 'DATA+OMITTED',
  'client-key-data': 'DATA+OMITTED',
};

function redact(config: Kubeconfig, hidden = HIDDEN): void {
  for (const stanza of [...config.users.values(), ...config.clusters.values()] as Record<string, unknown>[]) {
    for (const [field, text] of Object.entries(hidden)) if (stanza[field]) stanza[field] = text;
  }
}
