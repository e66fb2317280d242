import type { ApiServer } from '../api/server.ts';
import { controllers } from '../controllers/index.ts';
import { nodeIpamController } from '../controllers/node-ipam/index.ts';
import { kubeletActor } from '../kubelet/actor.ts';
import type { Actor } from '../runtime/actor.ts';
import { LocalClient } from '../runtime/local-client.ts';
import { LocalEventRecorder } from '../runtime/recorder.ts';
import type { KubeObject } from '../types/objects.ts';
import type { Cluster } from './cluster.ts';
import { makePlatform } from './platform.ts';
import type { SimulatedWorld } from './simulation.ts';

/** What the cluster's own programs work with; loaded only when one of them has something to do. */
export interface Wiring extends SimulatedWorld {
  /** Creates an object as whoever installed the cluster. */
  create(object: KubeObject): KubeObject;
}

/** Section in which the recorders remember which events they have seen. */
const RECORDER = 'recorder';

/** Puts the rooms together that live above the API. */
export async function wire({ state, clock, spec }: Cluster, api: ApiServer): Promise<Wiring> {
  const memory = state.section<unknown>(RECORDER);
  const clientOf = (actor: Actor) =>
    new LocalClient(api, { user: actor.user ?? `system:${actor.name}`, manager: actor.manager });
  const installer = new LocalClient(api, { user: 'kubernetes-admin', manager: 'kubeadm' });
  return {
    actors: [...controllers, nodeIpamController(spec.network.podCIDR), kubeletActor(makePlatform(spec))],
    client: clientOf,
    events: (actor) => new LocalEventRecorder(clientOf(actor), () => clock.now(), memory),
    create(object) {
      const [version = '', group = ''] = object.apiVersion.split('/').reverse();
      const resource = api.world.registry.byKind(group, version, object.kind);
      if (!resource) throw new Error(`a cluster cannot begin with a ${object.kind} of ${object.apiVersion}`);
      return installer.create(resource.name, object);
    },
  };
}
