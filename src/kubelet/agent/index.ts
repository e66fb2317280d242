import { badRequest, notFound } from '../../api/errors.ts';
import type { NodeAgent } from '../../api/node-agent.ts';
import { ApiError } from '../../api/request.ts';
import type { ActorWorld } from '../../runtime/actor.ts';
import type { MachineRecord } from '../../types/node-runtime.ts';
import type { Pod } from '../../types/objects.ts';
import { machineOf, podKey } from '../actor.ts';
import { catchUp } from '../containers.ts';
import { loadsOf } from '../node/load.ts';
import type { Platform } from '../platform.ts';
import { disturb, openScope } from '../pod/reconcile.ts';
import { attach, exec, type Live } from './exec.ts';
import { containerLog } from './logs.ts';
import { portForward } from './port-forward.ts';
import { kubeletHttp } from './proxy.ts';

export interface AgentOptions {
  platform: Platform;
  /** The kubelets' own world: its client, its state, its time. */
  world(): ActorWorld;
  live: Live;
  /** Why the API server cannot reach a node's kubelet, in Go's words (`No agent available`); undefined if it can. */
  unreachable?(node: string): string | undefined;
}

type Refusal = (host: string, why: string) => ApiError;

/** Logs are an HTTP request (pkg/registry/generic/rest/streamer). */
const asked =
  (path: string): Refusal =>
  (host, why) =>
    new ApiError(500, '', `Get "https://${host}:10250${path}": ${why}`);
/** exec, attach and port-forward are connections that are handed on (apimachinery/pkg/util/proxy/upgradeaware). */
const dialled: Refusal = (_, why) => new ApiError(500, '', `error dialing backend: ${why}`);
/** What the proxy of a node makes of it (apimachinery/pkg/util/proxy/transport). */
const proxied: Refusal = (_, why) => new ApiError(503, 'ServiceUnavailable', `error trying to reach service: ${why}`);

/** Why nobody answers on a machine's port, in Go's words. */
const dialFailure = ({ off, cut }: MachineRecord): string =>
  cut ? 'i/o timeout' : off ? 'connect: no route to host' : 'connect: connection refused';

/** The kubelets as the API server reaches them. */
export class KubeletAgent implements NodeAgent {
  constructor(private readonly options: AgentOptions) {}

  /** The machine of a node, if its kubelet can be reached; `refusal` says what the API server makes of it if not. */
  #machine(node: string, refusal: Refusal): MachineRecord {
    const world = this.options.world();
    const machine = machineOf(world, node);
    const found = world.client.get('nodes', '', node);
    if (!machine || !found) throw notFound({ group: '', plural: 'nodes' }, node);
    const address = found.status?.addresses?.find(({ type }) => type === 'InternalIP')?.address ?? node;
    const refused = machine.kubelet.active ? undefined : `dial tcp ${address}:10250: ${dialFailure(machine)}`;
    const failure = this.options.unreachable?.(node);
    if (failure) throw refusal(node, failure);
    if (refused) throw refusal(address, refused);
    return machine;
  }

  #opener(pod: Pod, verb: string, container: string) {
    const { namespace, name } = pod.metadata;
    const path = `/${verb}/${namespace}/${name}/${container}`;
    const refusal = verb === 'containerLogs' ? asked(path) : dialled;
    if (!pod.spec?.nodeName) throw badRequest(`pod ${name} does not have a host assigned`);
    const machine = this.#machine(pod.spec.nodeName, refusal);
    return () => openScope(this.options.world(), this.options.platform, machine, podKey(pod));
  }

  async logs(pod: Pod, options: Parameters<NodeAgent['logs']>[1]): Promise<string> {
    const scope = this.#opener(pod, 'containerLogs', options.container)();
    if (scope && catchUp(scope)) disturb(scope, podKey(pod));
    return containerLog(this.options.world(), pod, options);
  }

  exec(pod: Pod, options: Parameters<NodeAgent['exec']>[1]): ReturnType<NodeAgent['exec']> {
    return exec(this.#opener(pod, 'exec', options.container), this.options.live, options, podKey(pod));
  }

  attach(pod: Pod, options: Parameters<NodeAgent['attach']>[1]): ReturnType<NodeAgent['attach']> {
    return attach(this.#opener(pod, 'attach', options.container), this.options.live, options, podKey(pod));
  }

  async loads(): ReturnType<NodeAgent['loads']> {
    const { state, client } = this.options.world();
    return loadsOf(state, client);
  }

  async portForward(pod: Pod, port: number, data: string): Promise<string> {
    const scope = this.#opener(pod, 'portForward', '')();
    if (!scope) throw badRequest(`pod ${pod.metadata.name} is not running`);
    return portForward(scope, port, data);
  }

  async proxy(node: string, method: string, path: string): ReturnType<NodeAgent['proxy']> {
    const machine = this.#machine(node, proxied);
    if (method !== 'GET' && method !== 'HEAD' && method !== 'POST') {
      return { status: 405, contentType: 'text/plain', warnings: [], body: 'Method Not Allowed\n' };
    }
    return kubeletHttp(this.options.world(), this.options.platform, machine, path);
  }
}
