import { unauthorized } from '../api/errors.ts';
import type { ApiServer } from '../api/server.ts';
import { CommandError } from '../kubectl/errors.ts';
import type { ConnectionTarget } from '../kubectl/io.ts';
import { type HttpRequest, type HttpResponse, type Transport, TransportError } from '../kubectl/transport.ts';
import type { ActorWorld } from '../runtime/actor.ts';
import type { ConnectFailure, Machine } from '../sh/process.ts';
import { lookUp } from '../sh/resolver.ts';
import { answered, apiRequest, asHttp } from './api-request.ts';
import { authenticate } from './authenticate.ts';

/** What Go's dialer says. */
const DIAL: Record<ConnectFailure, string> = {
  refused: 'connect: connection refused',
  timeout: 'i/o timeout',
  'no-route': 'connect: no route to host',
  'bad-address': 'connect: invalid argument',
};

const cannot = (what: string) => new CommandError(`kubemu: kubectl inside a container cannot ${what}`);

/** Requests from inside a container: through its own network, to the very cluster that it runs in. It cannot wait: its time stands still. */
export class PodTransport implements Transport {
  readonly host: string;

  constructor(
    private readonly world: ActorWorld,
    private readonly api: ApiServer,
    private readonly machine: Machine,
    private readonly target: ConnectionTarget,
  ) {
    this.host = target.server;
  }

  async request(request: HttpRequest): Promise<HttpResponse> {
    this.#reach();
    const { world, api, target } = this;
    const response = await answered(async () => {
      const gate = { state: world.state, clock: { now: () => world.now() }, api: async () => api };
      const user = await authenticate(gate, target.user);
      if (!user) throw unauthorized();
      return api.request(apiRequest(user, target, request));
    });
    return asHttp(response);
  }

  watch(): AsyncIterable<never> {
    throw cannot('watch or wait: give --wait=false, or ask again');
  }

  follow(path: string): Promise<HttpResponse> {
    return this.request({ method: 'GET', path });
  }

  stream(): Promise<unknown> {
    throw cannot('exec or attach');
  }

  forward(): Promise<Uint8Array> {
    throw cannot('forward ports');
  }

  async rest(): Promise<void> {}

  now(): number {
    return this.world.now();
  }

  async sleep(): Promise<void> {
    throw cannot('wait');
  }

  /** Throws where this container does not get to the server: no such name, no way, nobody there. */
  #reach(): void {
    const { hostname, port: given, host } = new URL(this.target.server);
    const port = Number(given || 443);
    const found = lookUp(this.machine, hostname);
    if ('failure' in found) throw new TransportError(`dial tcp: lookup ${hostname}: no such host`);
    const state = this.machine.network.connect(found.addresses[0]!, port);
    if (state === 'open') return;
    throw new TransportError(
      `dial tcp ${found.addresses[0]}:${port}: ${DIAL[state]}`,
      state === 'refused' ? host : undefined,
    );
  }
}
