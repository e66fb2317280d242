import { parseDuration } from '../../base/duration.ts';
import type { FlagValues } from '../command.ts';
import { CommandError, ConfigurationError } from '../errors.ts';
import type { ConnectionTarget, KubectlEnvironment } from '../io.ts';
import type { Cluster, Context, Kubeconfig, User } from './config.ts';
import { type InCluster, inCluster } from './in-cluster.ts';

/** What the command line changes in the chosen context (clientcmd's ConfigOverrides). */
interface Selection {
  context: Context;
  cluster: Cluster;
  user: User;
}

export const DEFAULT_SERVER = 'http://localhost:8080';

/** Stanza fields that flags of the same meaning replace. */
const CLUSTER_FLAGS = {
  server: 'server',
  'tls-server-name': 'tls-server-name',
  'certificate-authority': 'certificate-authority',
};
const USER_FLAGS = {
  token: 'token',
  username: 'username',
  password: 'password',
  as: 'as',
  'as-uid': 'as-uid',
  'client-certificate': 'client-certificate',
  'client-key': 'client-key',
};

function overridden(flags: FlagValues, names: Record<string, string>): Record<string, string> {
  const set = Object.entries(names).filter(([flag]) => flags.string(flag) !== '');
  return Object.fromEntries(set.map(([flag, field]) => [field, flags.string(flag)]));
}

/** The context, cluster and user that the flags and the current context choose. */
export class ClientConfig {
  private readonly contextName: string;
  private readonly clusterName: string;
  private readonly userName: string;

  constructor(
    readonly kubeconfig: Kubeconfig,
    private readonly flags: FlagValues,
    private readonly environment: KubectlEnvironment,
  ) {
    this.contextName = flags.string('context') || kubeconfig.currentContext;
    const context = kubeconfig.contexts.get(this.contextName);
    this.clusterName = flags.string('cluster') || context?.cluster || '';
    this.userName = flags.string('user') || context?.user || '';
  }

  /** The namespace of requests, and whether the command line chose it. */
  namespace(): { namespace: string; explicit: boolean } {
    const chosen = this.flags.string('namespace');
    if (chosen) return { namespace: chosen, explicit: true };
    this.confirmUsable();
    const namespace = this.kubeconfig.contexts.get(this.contextName)?.namespace || this.around()?.namespace;
    return { namespace: namespace || 'default', explicit: false };
  }

  /** Whom to connect to, and as whom. */
  target(userAgent: string): ConnectionTarget {
    const { cluster, user } = this.selection();
    this.confirmUsable();
    this.timeoutMs();
    if (!user.as && (user['as-uid'] || user['as-groups']?.length))
      throw new CommandError(`requesting uid, groups or user-extra for ${this.userName} without impersonating a user`);
    const certificate = user['client-certificate-data'] ?? this.certificateFile(user);
    const around = this.around();
    if (around && !cluster.server) user.token ??= around.token;
    return {
      server: cluster.server || around?.server || DEFAULT_SERVER,
      userAgent,
      ...(cluster['insecure-skip-tls-verify'] && { insecureSkipTlsVerify: true }),
      user: {
        name: this.userName,
        ...(user.token && { token: user.token }),
        ...(user.tokenFile && !user.token && { token: this.environment.host.readFile(user.tokenFile).trim() }),
        ...(certificate && { clientCertificateData: certificate }),
        ...(user.as && { impersonate: user.as }),
        ...(user['as-groups']?.length && { impersonateGroups: user['as-groups'] }),
        ...(user['as-uid'] && { impersonateUid: user['as-uid'] }),
      },
    };
  }

  /** Milliseconds that a request may take; 0 for no limit. */
  timeoutMs(): number {
    const text = this.flags.string('request-timeout');
    if (/^[+-]?\d+$/.test(text)) return Number(text) * 1000;
    try {
      return parseDuration(text);
    } catch {
      throw new CommandError(
        'Invalid timeout value. Timeout must be a single integer in seconds, or an integer followed by a corresponding time unit (e.g. 1s | 2m | 3h)',
      );
    }
  }

  /** The pod that this kubectl runs in, where no kubeconfig says anything (clientcmd's DeferredLoadingClientConfig). */
  private around(): InCluster | undefined {
    const { kubeconfig, environment } = this;
    return kubeconfig.clusters.size + kubeconfig.contexts.size > 0 ? undefined : inCluster(environment.host);
  }

  private certificateFile(user: User): string | undefined {
    const path = user['client-certificate'];
    return path && Buffer.from(this.environment.host.readBytes(path)).toString('base64');
  }

  private selection(): Selection {
    const { kubeconfig, flags } = this;
    const user = kubeconfig.users.get(this.userName);
    if (!user && flags.string('user')) throw new CommandError(`auth info "${this.userName}" does not exist`);
    const context = kubeconfig.contexts.get(this.contextName);
    if (!context && flags.string('context')) throw new CommandError(`context "${this.contextName}" does not exist`);
    const cluster = kubeconfig.clusters.get(this.clusterName);
    if (!cluster && flags.string('cluster')) throw new CommandError(`cluster "${this.clusterName}" does not exist`);
    return { context: context ?? {}, cluster: this.withFlags(cluster ?? {}), user: this.userWithFlags(user ?? {}) };
  }

  private withFlags(cluster: Cluster): Cluster {
    const insecure = this.flags.changed('insecure-skip-tls-verify');
    return {
      ...cluster,
      ...overridden(this.flags, CLUSTER_FLAGS),
      ...(insecure && { 'insecure-skip-tls-verify': this.flags.bool('insecure-skip-tls-verify') }),
    };
  }

  private userWithFlags(user: User): User {
    const groups = this.flags.strings('as-group');
    return { ...user, ...overridden(this.flags, USER_FLAGS), ...(groups.length > 0 && { 'as-groups': groups }) };
  }

  /** Collects everything that is wrong with the chosen stanzas (clientcmd's ConfirmUsable). */
  private confirmUsable(): void {
    const { kubeconfig } = this;
    const missing = this.contextName !== '' && !kubeconfig.contexts.has(this.contextName);
    const problems = [
      ...(missing ? [`context was not found for specified context: ${this.contextName}`] : []),
      ...this.userProblems(kubeconfig.users.get(this.userName) ?? {}),
      ...this.clusterProblems(kubeconfig.clusters.get(this.clusterName)),
    ];
    if (problems.length > 1 || missing) throw new ConfigurationError(problems);
    if (problems.length === 1) throw new CommandError(problems[0]);
  }

  private clusterProblems(found: Cluster | undefined): string[] {
    const { environment, clusterName } = this;
    const named = this.flags.string('cluster') !== '';
    if (!found && named) return [`no server found for cluster "${clusterName}"`];
    const cluster = this.withFlags(found ?? {});
    const authority = cluster['certificate-authority'];
    return [
      ...(authority && cluster['certificate-authority-data']
        ? [
            `certificate-authority-data and certificate-authority are both specified for ${clusterName}. certificate-authority-data will override.`,
          ]
        : []),
      ...(authority && !environment.host.stat(authority)
        ? [
            `unable to read certificate-authority ${authority} for ${clusterName} due to open ${authority}: no such file or directory`,
          ]
        : []),
    ];
  }

  private userProblems(stanza: User): string[] {
    const user = this.userWithFlags(stanza);
    const certificate = user['client-certificate'];
    if (!certificate && !user['client-certificate-data']) return [];
    const { host } = this.environment;
    const unreadable = (field: string, path: string | undefined) =>
      path && !host.stat(path)
        ? [`unable to read ${field} ${path} for ${this.userName} due to open ${path}: no such file or directory`]
        : [];
    return [
      ...(certificate && user['client-certificate-data']
        ? [`client-cert-data and client-cert are both specified for ${this.userName}. client-cert-data will override.`]
        : []),
      ...(user['client-key'] && user['client-key-data']
        ? [`client-key-data and client-key are both specified for ${this.userName}; client-key-data will override`]
        : []),
      ...(!user['client-key'] && !user['client-key-data']
        ? [
            `client-key-data or client-key must be specified for ${this.userName} to use the clientCert authentication method.`,
          ]
        : []),
      ...unreadable('client-cert', certificate),
      ...unreadable('client-key', user['client-key']),
    ];
  }
}
