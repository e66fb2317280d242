import { posix } from 'node:path';
import type { Command, Flag, FlagValues, Invocation } from '../../command.ts';
import { CommandError } from '../../errors.ts';
import type { AuthProvider, Cluster, ExecPlugin, User } from '../../kubeconfig/config.ts';
import { KubeconfigStore } from '../../kubeconfig/store.ts';
import { helpError } from './help-error.ts';

const EMBED: Flag = { name: 'embed-certs', type: 'bool', usage: 'Put the certificates themselves into the kubeconfig' };

const field = (name: string, of: string, type: 'string' | 'bool' = 'string'): Flag => ({
  name,
  type,
  usage: `${name} of the ${of} entry in the kubeconfig`,
});

const absolute = ({ host }: Invocation['environment'], path: string): string => posix.resolve(host.cwd, path);

const base64File = ({ host }: Invocation['environment'], path: string): string =>
  Buffer.from(host.readBytes(path)).toString('base64');

function requireFile({ host }: Invocation['environment'], flag: string, path: string): void {
  if (path && !host.stat(path)) {
    throw new CommandError(`could not stat ${flag} file ${path}: stat ${path}: no such file or directory`);
  }
}

export const setCluster: Command = {
  name: 'set-cluster',
  use: 'set-cluster NAME [--server=server] [--certificate-authority=path/to/certificate/authority] [--insecure-skip-tls-verify=true] [--tls-server-name=example.com]',
  short: 'Set a cluster entry in kubeconfig',
  long: `Set a cluster entry in kubeconfig.

A name that exists already keeps its values; new fields are merged over them.`,
  examples: `
# Set only the server of the cluster entry e2e
kubectl config set-cluster e2e --server=https://1.2.3.4

# Put the certificate authority's data into the cluster entry e2e
kubectl config set-cluster e2e --embed-certs --certificate-authority=~/.kube/e2e/kubernetes.ca.crt

# Do not check the certificate of the cluster entry e2e
kubectl config set-cluster e2e --insecure-skip-tls-verify=true`,
  flags: [
    field('certificate-authority', 'cluster'),
    EMBED,
    field('insecure-skip-tls-verify', 'cluster', 'bool'),
    field('proxy-url', 'cluster'),
    field('server', 'cluster'),
    field('tls-server-name', 'cluster'),
  ],
  run: async (invocation) => {
    const { flags, environment } = invocation;
    const [name] = requireName(invocation);
    const authority = flags.string('certificate-authority');
    if (!name) throw new CommandError('you must specify a non-empty cluster name');
    if (flags.bool('insecure-skip-tls-verify') && authority) {
      throw new CommandError('you cannot specify a certificate authority and insecure mode at the same time');
    }
    if (flags.bool('embed-certs')) {
      if (!authority) throw new CommandError('you must specify a --certificate-authority to embed');
      requireFile(environment, 'certificate-authority', authority);
    }
    const store = await KubeconfigStore.open(invocation);
    await store.modify(
      ({ clusters }) => void clusters.set(name, changedCluster(invocation, clusters.get(name) ?? {})),
      { relativize: true },
    );
    environment.io.out(`Cluster ${JSON.stringify(name)} set.\n`);
  },
};

function changedCluster({ flags, environment }: Invocation, before: Cluster): Cluster {
  const cluster = { ...before };
  if (flags.changed('server')) {
    cluster.server = flags.string('server');
    delete cluster['tls-server-name'];
  }
  if (flags.changed('tls-server-name')) cluster['tls-server-name'] = flags.string('tls-server-name');
  if (flags.changed('insecure-skip-tls-verify')) {
    cluster['insecure-skip-tls-verify'] = flags.bool('insecure-skip-tls-verify');
    if (cluster['insecure-skip-tls-verify']) {
      delete cluster['certificate-authority'];
      delete cluster['certificate-authority-data'];
    }
  }
  if (flags.changed('certificate-authority')) {
    const path = flags.string('certificate-authority');
    delete cluster['insecure-skip-tls-verify'];
    if (flags.bool('embed-certs')) {
      cluster['certificate-authority-data'] = base64File(environment, path);
      delete cluster['certificate-authority'];
    } else {
      cluster['certificate-authority'] = absolute(environment, path);
      delete cluster['certificate-authority-data'];
    }
  }
  if (flags.changed('proxy-url')) cluster['proxy-url'] = flags.string('proxy-url');
  return cluster;
}

export const setCredentials: Command = {
  name: 'set-credentials',
  use: 'set-credentials NAME [--client-certificate=path/to/certfile] [--client-key=path/to/keyfile] [--token=bearer_token] [--username=basic_user] [--password=basic_password] [--auth-provider=provider_name] [--auth-provider-arg=key=value] [--exec-command=exec_command] [--exec-api-version=exec_api_version] [--exec-arg=arg] [--exec-env=key=value]',
  short: 'Set a user entry in kubeconfig',
  long: `Set a user entry in kubeconfig.

A name that exists already keeps its values; new fields are merged over them.

Certificates: --client-certificate and --client-key. Bearer token: --token. Basic authentication: --username and --password. A token and basic authentication exclude each other.`,
  examples: `
# Set only the client key of the user entry cluster-admin
kubectl config set-credentials cluster-admin --client-key=~/.kube/admin.key

# Set basic authentication for the user entry cluster-admin
kubectl config set-credentials cluster-admin --username=admin --password=uXFGweU9l35qcif

# Put the client certificate's data into the user entry cluster-admin
kubectl config set-credentials cluster-admin --client-certificate=~/.kube/admin.crt --embed-certs=true`,
  flags: [
    field('auth-provider', 'user'),
    { name: 'auth-provider-arg', type: 'stringSlice', usage: "'key=value' arguments of the auth provider" },
    field('client-certificate', 'user'),
    field('client-key', 'user'),
    EMBED,
    field('exec-api-version', 'user'),
    { name: 'exec-arg', type: 'stringSlice', usage: 'New arguments of the credential plugin of the user entry' },
    field('exec-command', 'user'),
    { name: 'exec-env', type: 'stringArray', usage: "'key=value' environment of the credential plugin" },
    field('exec-interactive-mode', 'user'),
    field('exec-provide-cluster-info', 'user', 'bool'),
    field('password', 'user'),
    field('token', 'user'),
    field('username', 'user'),
  ],
  run: async (invocation) => {
    const { flags, environment } = invocation;
    const [name = ''] = invocation.args;
    const pairs = pairsOf(invocation);
    if (!name) throw new CommandError('you must specify a non-empty user name');
    const basic = flags.string('username') !== '' || flags.string('password') !== '';
    if (flags.string('token') && basic) {
      throw new CommandError(
        'you cannot specify more than one authentication method at the same time: --token, --username/--password',
      );
    }
    checkCertificates(invocation);
    if (flags.changed('exec-interactive-mode') && !MODES.includes(flags.string('exec-interactive-mode'))) {
      throw new CommandError('invalid interactive mode type, can be only IfAvailable, Never, Always');
    }
    const store = await KubeconfigStore.open(invocation);
    await store.modify(({ users }) => void users.set(name, changedUser(invocation, pairs, users.get(name) ?? {})), {
      relativize: true,
    });
    environment.io.out(`User ${JSON.stringify(name)} set.\n`);
  },
};

function checkCertificates({ flags, environment }: Invocation): void {
  if (!flags.bool('embed-certs')) return;
  const [certificate, key] = [flags.string('client-certificate'), flags.string('client-key')];
  if (!certificate && !key) {
    throw new CommandError('you must specify a --client-certificate or --client-key to embed');
  }
  requireFile(environment, 'client-certificate', certificate);
  requireFile(environment, 'client-key', key);
}

function changedUser({ flags, environment }: Invocation, pairs: Pairs, before: User): User {
  const user = { ...before };
  for (const name of ['client-certificate', 'client-key'] as const) {
    if (!flags.changed(name)) continue;
    const path = flags.string(name);
    if (flags.bool('embed-certs')) {
      user[`${name}-data`] = base64File(environment, path);
      delete user[name];
    } else {
      user[name] = absolute(environment, path);
      delete user[`${name}-data`];
    }
  }
  for (const name of ['token', 'username', 'password'] as const) {
    if (flags.changed(name)) user[name] = flags.string(name);
  }
  const provider = changedProvider(flags, pairs['auth-provider-arg'], user['auth-provider']);
  if (provider) user['auth-provider'] = provider;
  const exec = changedPlugin(flags, pairs['exec-env'], user.exec);
  if (exec) user.exec = exec;
  const setToken = flags.string('token') !== '';
  const setBasic = flags.string('username') !== '' || flags.string('password') !== '';
  if (setBasic && !setToken) delete user.token;
  if (setToken && !setBasic) {
    delete user.username;
    delete user.password;
  }
  return user;
}

const MODES = ['IfAvailable', 'Never', 'Always'];

/** `key=value` sets, `key-` removes. */
interface Changes {
  set: [name: string, value: string][];
  remove: string[];
}

const PAIRS = ['auth-provider-arg', 'exec-env'] as const;
type Pairs = Record<(typeof PAIRS)[number], Changes>;

/** The flags that hold pairs; wrong ones, and a wrong number of arguments, are answered with the help. */
function pairsOf(invocation: Invocation): Pairs {
  const { args, flags } = invocation;
  if (args.length !== 1) throw helpError(invocation, `unexpected args: [${args.join(' ')}]`);
  const read = PAIRS.map((flag): [string, Changes] => {
    const given = flags.strings(flag);
    const [set, rest] = partition(given, (pair) => pair.indexOf('=') > 0);
    const [remove, wrong] = partition(rest, (pair) => pair.endsWith('-') && pair !== '-');
    if (wrong.length > 0) throw helpError(invocation, `invalid ${flag} format: ${wrong.join(', ')}`);
    const named = set.map((pair): [string, string] => [
      pair.slice(0, pair.indexOf('=')),
      pair.slice(pair.indexOf('=') + 1),
    ]);
    return [flag, { set: named, remove: remove.map((pair) => pair.slice(0, -1)) }];
  });
  return Object.fromEntries(read) as Pairs;
}

const partition = <T>(all: T[], fits: (one: T) => boolean): [T[], T[]] => [
  all.filter(fits),
  all.filter((one) => !fits(one)),
];

function changedProvider(flags: FlagValues, { set, remove }: Changes, before?: AuthProvider): AuthProvider | undefined {
  const name = flags.string('auth-provider');
  const replaced = flags.changed('auth-provider') && before?.name !== name;
  const provider = replaced ? { name } : before;
  if (!provider) return undefined;
  const kept = Object.entries(provider.config ?? {}).filter(([key]) => !remove.includes(key));
  return { ...provider, config: { ...Object.fromEntries(kept), ...Object.fromEntries(set) } };
}

function changedPlugin(flags: FlagValues, { set, remove }: Changes, before?: ExecPlugin): ExecPlugin | undefined {
  const command = flags.string('exec-command');
  const started = flags.changed('exec-command') ? { ...before, command, ...(before && { args: null }) } : before;
  if (!started) return undefined;
  const exec: ExecPlugin = { ...started };
  if (flags.changed('exec-api-version')) exec.apiVersion = flags.string('exec-api-version');
  if (flags.strings('exec-arg').length > 0) exec.args = flags.strings('exec-arg');
  if (flags.changed('exec-interactive-mode')) exec.interactiveMode = flags.string('exec-interactive-mode');
  if (flags.changed('exec-provide-cluster-info')) exec.provideClusterInfo = flags.bool('exec-provide-cluster-info');
  if (set.length + remove.length > 0) {
    const values = new Map(set);
    const kept = (exec.env ?? []).filter(({ name }) => !remove.includes(name));
    const added = [...values].filter(([name]) => !kept.some((each) => each.name === name));
    exec.env = [
      ...kept.map(({ name, value }) => ({ name, value: values.get(name) ?? value })),
      ...added.map(([name, value]) => ({ name, value })),
    ];
  }
  return exec;
}

export const setContext: Command = {
  name: 'set-context',
  use: 'set-context [NAME | --current] [--cluster=cluster_nickname] [--user=user_nickname] [--namespace=namespace]',
  short: 'Set a context entry in kubeconfig',
  long: `Set a context entry in kubeconfig.

A name that exists already keeps its values; new fields are merged over them.`,
  examples: `
# Set the user of the context entry gce
kubectl config set-context gce --user=cluster-admin`,
  flags: [
    field('cluster', 'context'),
    { name: 'current', type: 'bool', usage: 'Change the current context' },
    field('namespace', 'context'),
    field('user', 'context'),
  ],
  run: async (invocation) => {
    const { flags, args, environment } = invocation;
    if (args.length > 1) throw helpError(invocation);
    const current = flags.bool('current');
    const [given = ''] = args;
    if (!given && !current) throw new CommandError('you must specify a non-empty context name or --current');
    if (given && current) throw new CommandError('you cannot specify both a context name and --current');
    const store = await KubeconfigStore.open(invocation);
    let name = given;
    let existed = false;
    await store.modify((config) => {
      if (current && !config.currentContext) throw new CommandError('no current context is set');
      name = current ? config.currentContext : given;
      existed = config.contexts.has(name);
      const changes = (['cluster', 'user', 'namespace'] as const)
        .filter((each) => flags.changed(each))
        .map((each) => [each, flags.string(each)]);
      config.contexts.set(name, { ...config.contexts.get(name), ...Object.fromEntries(changes) });
    });
    environment.io.out(`Context ${JSON.stringify(name)} ${existed ? 'modified' : 'created'}.\n`);
  },
};

function requireName(invocation: Invocation): string[] {
  if (invocation.args.length !== 1) throw helpError(invocation);
  return invocation.args;
}
