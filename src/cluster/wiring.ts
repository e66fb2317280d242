import type { NodeAgent } from '../api/node-agent.ts';
import type { ApiServer } from '../api/server.ts';
import { controllers } from '../controllers/index.ts';
import { ingressNginx } from '../controllers/ingress-nginx/index.ts';
import { nodeIpamController } from '../controllers/node-ipam/index.ts';
import { serviceLoadBalancers } from '../controllers/service-lb/index.ts';
import { KubeletAgent, kubeletActor, machineInside, writeAuditLog } from '../kubelet/index.ts';
import type { NodeHost } from '../node/host.ts';
import type { Actor, ActorWorld } from '../runtime/actor.ts';
import { LocalClient } from '../runtime/local-client.ts';
import { LocalEventRecorder } from '../runtime/recorder.ts';
import { scheduler } from '../scheduler/index.ts';
import type { Machine } from '../sh/process.ts';
import type { KubeObject, Pod } from '../types/objects.ts';
import { auditSettings } from './api-server-settings.ts';
import type { Cluster } from './cluster.ts';
import { eventExpiry } from './event-expiry.ts';
import { noTunnel } from './konnectivity.ts';
import { nodeHost, nodeMachine } from './node-host.ts';
import { makePlatform } from './platform.ts';
import { StoredRecorderMemory } from './recorder-memory.ts';
import type { SimulatedWorld } from './simulation.ts';

/** What the cluster's own programs work with; loaded only when one of them has something to do. */
export interface Wiring extends SimulatedWorld {
  /** Creates an object as whoever installed the cluster. */
  create(object: KubeObject, manager?: string): KubeObject;
  /** The resource of an object: `pods`, `deployments.apps`. Throws for a kind that does not exist. */
  resourceOf(object: KubeObject): string;
  /** What the kubelets see. */
  kubelets: ActorWorld;
  /** A node as the programs on it see it; undefined if there is none of that name. */
  node(name: string): NodeHost | undefined;
  /** What a shell on that node runs on. */
  machine(host: NodeHost): Machine;
  /** What a process in the first container of a pod finds around it; undefined while that does not run. */
  inside(pod: Pod): Machine | undefined;
  /** The kubelets, as the API server reaches them. */
  nodeAgent: NodeAgent;
  /** Adds lines to the API server's audit log. */
  audit(lines: string[]): void;
}

/** Puts the rooms together that live above the API. */
export async function wire(cluster: Cluster, api: ApiServer): Promise<Wiring> {
  const { state, clock, spec, options, random, simulation } = cluster;
  const platform = makePlatform(spec, api, state);
  const kubelet = kubeletActor(platform);
  const memory = new StoredRecorderMemory(state);
  const clientOf = (actor: Actor) =>
    new LocalClient(api, { user: actor.user ?? `system:${actor.name}`, manager: actor.manager });
  const installer = (manager: string) => new LocalClient(api, { user: 'kubernetes-admin', manager });
  const worldOf = (actor: Actor): ActorWorld => {
    const client = clientOf(actor);
    return {
      client,
      events: new LocalEventRecorder(client, () => clock.now(), memory),
      random,
      state,
      now: () => clock.now(),
      wake: (key, time, other = actor.name) => simulation.timers.wake(other, key, Math.max(time, clock.now())),
    };
  };
  const kubelets = worldOf(kubelet);
  const node = (name: string) => nodeHost(kubelets, platform, spec, name);
  const resourceOf = ({ apiVersion, kind }: KubeObject) => {
    const [version = '', group = ''] = apiVersion.split('/').reverse();
    const resource = api.world.registry.byKind(group, version, kind);
    if (!resource) throw new Error(`a cluster cannot begin with a ${kind} of ${apiVersion}`);
    return resource.name;
  };
  return {
    actors: [
      ...controllers,
      scheduler,
      nodeIpamController(spec.network.podCIDR),
      ...(spec.network.loadBalancers ? [serviceLoadBalancers(spec.network.loadBalancers)] : []),
      ingressNginx,
      kubelet,
      eventExpiry(api.world.store),
    ],
    worldOf,
    kubelets,
    node,
    machine: (host) => nodeMachine(kubelets, platform, host),
    inside: (pod) => machineInside(kubelets, platform, pod),
    nodeAgent: new KubeletAgent({
      platform,
      unreachable: () => noTunnel((options.latest?.() ?? cluster).wiring.kubelets, spec),
      world: () => (options.latest?.() ?? cluster).wiring.kubelets,
      live: async (time, until) => {
        const limit = time - clock.now();
        return (await options.live?.(limit, Number.isFinite(limit) ? 'drives' : 'follows', until)) !== undefined;
      },
    }),
    audit(lines) {
      const log = auditSettings(state);
      if (log) writeAuditLog(kubelets, platform, log, lines);
    },
    resourceOf,
    create: (object, manager = 'kubeadm') => installer(manager).create(resourceOf(object), object),
  };
}
