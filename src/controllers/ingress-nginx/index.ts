import { isIngressController, servedIngresses } from '../../network/ingress.ts';
import type { Actor, ActorWorld } from '../../runtime/actor.ts';
import type { Ingress } from '../../types/objects.ts';
import { sameJson } from '../shared/objects.ts';
import { isPodReady } from '../shared/pods.ts';

const NAME = 'nginx-ingress-controller';
/** How often addresses are written into the Ingresses, ms (--status-update-interval). */
const INTERVAL = 60_000;
/** The generation of each Ingress that was last taken over. */
const SYNCED = 'ingress-nginx/synced';
const KEY = 'sync';

type Addresses = NonNullable<NonNullable<NonNullable<Ingress['status']>['loadBalancer']>['ingress']>;

/** What clients connect to: the balancer of the controllers' service, or else the machines they run on. */
function addresses({ client }: ActorWorld): Addresses | undefined {
  const pods = client.list('pods').filter((pod) => isIngressController(pod) && isPodReady(pod));
  if (pods.length === 0) return undefined;
  const published = pods[0]!.spec?.containers[0]?.args
    ?.find((arg) => arg.startsWith('--publish-service='))
    ?.split('=')[1];
  if (published) {
    const [namespace = '', name = ''] = published.replace('$(POD_NAMESPACE)', pods[0]!.metadata.namespace!).split('/');
    const service = client.get('services', namespace, name);
    const balancers = service?.status?.loadBalancer?.ingress ?? [];
    if (service?.spec?.type === 'LoadBalancer')
      return balancers.map(({ ip, hostname }) => ({ ...(ip && { ip }), ...(hostname && { hostname }) }));
    if (service?.spec?.clusterIP) return [{ ip: service.spec.clusterIP }];
  }
  return [...new Set(pods.map(({ status }) => status!.hostIP!))].sort().map((ip) => ({ ip }));
}

/** What ingress-nginx does to the cluster's objects while one of its pods is ready; its traffic is the network's (network/ingress.ts). */
export const ingressNginx: Actor = {
  name: 'ingress-nginx',
  user: 'system:serviceaccount:ingress-nginx:ingress-nginx',
  manager: NAME,
  latency: 200,
  watches: [
    { resource: 'ingresses.networking.k8s.io', keys: () => [KEY] },
    { resource: 'pods', keys: ({ object }) => (isIngressController(object) ? [KEY] : []) },
  ],
  settles: () => false,
  reconcile(_, world) {
    const wanted = addresses(world);
    if (!wanted) return;
    const { client, events, state } = world;
    const synced = state.section<number>(SYNCED);
    const [pod] = client.list('pods').filter((one) => isIngressController(one) && isPodReady(one));
    const served = servedIngresses(world);
    for (const uid of synced.keys()) if (!served.some(({ metadata }) => metadata.uid === uid)) synced.delete(uid);
    for (const ingress of served) {
      const { namespace = '', name = '', uid = '', generation = 0 } = ingress.metadata;
      const first = synced.get(uid) === undefined;
      if (synced.get(uid) !== generation) {
        synced.set(uid, generation);
        events.event(ingress, 'Normal', 'Sync', 'Scheduled for sync', { component: NAME });
      }
      if (sameJson(ingress.status?.loadBalancer?.ingress ?? [], wanted)) continue;
      // A new Ingress gets its address with the next round.
      const due = nextRound(world, Date.parse(pod!.status!.startTime!));
      if (first && wanted.length > 0) world.wake(KEY, due);
      else
        client.patch(
          'ingresses.networking.k8s.io',
          namespace,
          name,
          { status: { loadBalancer: { ingress: wanted } } },
          'status',
        );
    }
  },
};

const nextRound = (world: ActorWorld, start: number): number =>
  start + Math.ceil((world.now() - start + 1) / INTERVAL) * INTERVAL;
