import type { BuildInfo } from '../../base/build-info.ts';
import type { FlagValues } from '../command.ts';
import type { ConnectionTarget, KubectlEnvironment } from '../io.ts';
import { kubeconfigPaths } from '../kubeconfig/config.ts';
import { loadKubeconfig } from '../kubeconfig/load.ts';
import { ClientConfig, DEFAULT_SERVER } from '../kubeconfig/resolve.ts';
import { Klog, ROUND_TRIPPERS } from '../log/klog.ts';
import type { BuilderOptions } from '../resource/builder.ts';
import { ResourceBuilder } from '../resource/builder.ts';
import { type Transport, TransportError } from '../transport.ts';
import { RESTMapper } from './mapper.ts';
import { OpenApi } from './openapi.ts';
import { RestClient } from './rest.ts';
import { USER_AGENT } from './version.ts';

/** client-go's feature gates. */
const FEATURES = {
  ClientsAllowCBOR: false,
  ClientsPreferCBOR: false,
  InOrderInformers: true,
  InformerResourceVersion: false,
  WatchListClient: false,
};

/** Where nothing listens: on the machine itself, which is asked when no kubeconfig says anything. */
function nobody({ server }: ConnectionTarget): Transport {
  const { host } = new URL(server);
  const refuse = () => {
    throw new TransportError('dial tcp 127.0.0.1:8080: connect: connection refused', host);
  };
  const request = async () => refuse();
  return {
    host: server,
    request,
    watch: refuse,
    follow: request,
    stream: request,
    forward: request,
    rest: async () => {},
    now: () => 0,
    sleep: async () => {},
  };
}

/** kubectl's Factory: what a verb needs of the cluster, made when it is first asked for. */
export class Factory {
  /** Warnings that the server has sent in this run. */
  warningCount = 0;
  private gatesTold = false;
  private config: Promise<ClientConfig> | undefined;
  private rest: Promise<RestClient> | undefined;
  readonly mapper: RESTMapper;
  readonly log: Klog;
  readonly openapi: OpenApi;

  constructor(
    readonly flags: FlagValues,
    readonly environment: KubectlEnvironment,
    readonly commandPath: string,
  ) {
    this.log = new Klog({
      verbosity: flags.int('v'),
      modules: flags.strings('vmodule'),
      now: environment.now,
      write: environment.io.err,
    });
    this.mapper = new RESTMapper(
      () => this.client(),
      (text) => this.warn(text),
      this.log,
      commandPath,
    );
    this.openapi = new OpenApi(
      () => this.client(),
      () => this.log.enabled(6, ROUND_TRIPPERS),
    );
  }

  clientConfig(): Promise<ClientConfig> {
    this.config ??= this.loadConfig();
    return this.config;
  }

  /** The namespace of requests, and whether -n chose it. */
  async namespace(): Promise<{ namespace: string; explicit: boolean }> {
    return (await this.clientConfig()).namespace();
  }

  client(): Promise<RestClient> {
    this.rest ??= this.connect();
    return this.rest;
  }

  /** Where requests go and as whom. Throws for a kubeconfig or flags that make no sense together. */
  async restConfig(): Promise<ConnectionTarget> {
    const target = await this.target();
    if (this.flags.bool('match-server-version')) await this.client();
    return target;
  }

  builder(options: BuilderOptions): ResourceBuilder {
    return new ResourceBuilder(this, options);
  }

  /** Prints a warning as the server's come out. */
  warn(text: string): void {
    this.warningCount++;
    this.environment.io.err(`Warning: ${text}\n`);
  }

  private tellGates(): void {
    this.gatesTold = true;
    for (const [feature, enabled] of Object.entries(FEATURES)) {
      this.log.details(1, 'envvar.go:172', 'Feature gate default state', { feature, enabled });
    }
  }

  /** What the real kubectl asks a second time, or needs where ours does not: only a log shows it. */
  async askForLog(path: string): Promise<void> {
    if (this.log.enabled(6, ROUND_TRIPPERS)) await (await this.client()).get(path);
  }

  private async loadConfig(): Promise<ClientConfig> {
    const explicit = this.flags.string('kubeconfig');
    const paths = await kubeconfigPaths(this.environment, explicit);
    const { log } = this;
    const kubeconfig = await loadKubeconfig(this.environment, paths, { explicit: explicit !== '', log });
    return new ClientConfig(kubeconfig, this.flags, this.environment);
  }

  private async target(): Promise<ConnectionTarget> {
    const config = await this.clientConfig();
    if (!this.gatesTold) this.tellGates();
    return config.target(USER_AGENT);
  }

  private async connect(): Promise<RestClient> {
    const target = await this.target();
    const timeoutMs = (await this.clientConfig()).timeoutMs();
    const open = target.server === DEFAULT_SERVER ? nobody(target) : this.environment.connect(target);
    const transport = await this.logged(await open, target);
    const client = new RestClient(transport, (text) => this.warn(text), timeoutMs);
    if (this.flags.bool('match-server-version')) {
      const { requireMatchingVersion } = await import('./match-version.ts');
      await requireMatchingVersion(() => client.get<BuildInfo>('/version', { timeout: '32s' }));
    }
    return client;
  }

  /** The same transport, which tells what it does if -v asks for it. */
  private async logged(transport: Transport, target: ConnectionTarget): Promise<Transport> {
    if (this.log.quiet) return transport;
    const { LoggingTransport } = await import('../log/logging-transport.ts');
    return new LoggingTransport(transport, target, this.log);
  }
}
