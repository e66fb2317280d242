import type { HttpRequest, HttpResponse, StreamOptions } from '../kubectl/transport.ts';
import { decoded } from '../sh/live-input.ts';
import type { Credentials } from './authenticate.ts';
import type { Cluster } from './cluster.ts';
import { isNoted, noteDeed } from './deeds.ts';
import { InProcessTransport, type TransportOptions } from './transport.ts';

/** Requests of somebody at a terminal: where the cluster belongs to a lab, what changes something is noted. */
export class NotingTransport extends InProcessTransport {
  constructor(private readonly own: TransportOptions) {
    super(own);
  }

  override async request(request: HttpRequest): Promise<HttpResponse> {
    if (request.method !== 'GET') await this.#note('request', { request });
    return await super.request(request);
  }

  override async stream(path: string, options: StreamOptions): Promise<unknown> {
    const heard = await this.#note('stream', { path, ...(options.tty && { tty: true }) });
    const { stdin } = options;
    return await super.stream(path, { ...options, ...(heard && stdin && { stdin: overheard(stdin, heard) }) });
  }

  override async forward(namespace: string, pod: string, port: number, data: Uint8Array): Promise<Uint8Array> {
    const text = Buffer.from(data).toString('base64');
    await this.#note('forward', { namespace, pod, port, data: text });
    return await super.forward(namespace, pod, port, data);
  }

  async #note(kind: string, details: Record<string, unknown>): Promise<((input: string) => void) | undefined> {
    const { session, target } = this.own;
    if (!isNoted(await session.reading())) return undefined;
    const cluster = await session.writing();
    await cluster.catchUp();
    const { user, userAgent } = target;
    return noteDeed(session, { kind, ...(!(await isAdministrator(cluster, user)) && { user }), userAgent, ...details });
  }
}

/** Whoever has the credentials that the cluster's own kubeconfig has need not be named. */
async function isAdministrator({ state }: Cluster, user: Credentials & { impersonate?: string }): Promise<boolean> {
  const { administratorOf } = await import('./administrator.ts');
  const known = administratorOf(state.section('cluster'));
  const same = user.clientCertificateData === known['client-certificate-data'] && user.token === known.token;
  return same && user.impersonate === undefined;
}

/** The same input, each piece of which is heard as it is read. */
async function* overheard(stdin: AsyncIterable<Uint8Array>, heard: (text: string) => void): AsyncGenerator<Uint8Array> {
  for await (const text of decoded(stdin)) {
    heard(text);
    yield Buffer.from(text);
  }
}
