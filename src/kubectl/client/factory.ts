import type { FlagValues } from '../command.ts';
import type { ConnectionTarget, KubectlEnvironment } from '../io.ts';
import { kubeconfigPaths } from '../kubeconfig/config.ts';
import { loadKubeconfig } from '../kubeconfig/load.ts';
import { ClientConfig } from '../kubeconfig/resolve.ts';
import type { BuilderOptions } from '../resource/builder.ts';
import { ResourceBuilder } from '../resource/builder.ts';
import { TransportError } from '../transport.ts';
import { RESTMapper } from './mapper.ts';
import { RestClient } from './rest.ts';

/** What kubectl answers as its own version. */
export const CLIENT_VERSION = 'v1.33.13';

/** kubectl's Factory: what a verb needs of the cluster, made when it is first asked for. */
export class Factory {
  /** Warnings that the server has sent in this run. */
  warningCount = 0;
  private config: Promise<ClientConfig> | undefined;
  private rest: Promise<RestClient> | undefined;
  readonly mapper: RESTMapper;

  constructor(
    readonly flags: FlagValues,
    readonly environment: KubectlEnvironment,
    readonly commandPath: string,
  ) {
    this.mapper = new RESTMapper(
      () => this.client(),
      (text) => this.warn(text),
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
    return (await this.clientConfig()).target(`kubectl/${CLIENT_VERSION} (linux/amd64) kubernetes/f1b2ce1`);
  }

  builder(options: BuilderOptions): ResourceBuilder {
    return new ResourceBuilder(this, options);
  }

  /** Prints a warning as the server's come out. */
  warn(text: string): void {
    this.warningCount++;
    this.environment.io.err(`Warning: ${text}\n`);
  }

  private async loadConfig(): Promise<ClientConfig> {
    const explicit = this.flags.string('kubeconfig');
    const paths = await kubeconfigPaths(this.environment, explicit);
    const kubeconfig = await loadKubeconfig(this.environment, paths, { explicit: explicit !== '' });
    return new ClientConfig(kubeconfig, this.flags, this.environment);
  }

  private async connect(): Promise<RestClient> {
    const target = await this.restConfig();
    if (target.server === 'http://localhost:8080') {
      throw new TransportError('dial tcp 127.0.0.1:8080: connect: connection refused', 'localhost:8080');
    }
    const timeoutMs = (await this.clientConfig()).timeoutMs();
    return new RestClient(await this.environment.connect(target), (text) => this.warn(text), timeoutMs);
  }
}
