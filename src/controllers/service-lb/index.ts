import { cidrSize, nthAddress, parseCidr } from '../../base/ip.ts';
import type { Actor, ActorWorld } from '../../runtime/actor.ts';
import type { Service } from '../../types/objects.ts';
import { splitKey } from '../shared/keys.ts';
import { ownKeys } from '../shared/owners.ts';

/** Where a cloud takes the addresses of its load balancers from. */
export interface LoadBalancers {
  /** `20.31.64.0/24` */
  cidr: string;
  /** For those that are asked for within the cloud's own network. */
  internalCIDR?: string;
}

const NAME = 'service-controller';
const FINALIZER = 'service.kubernetes.io/load-balancer-cleanup';
/** Services whose balancers are being made, and since when (ms). */
const STARTED = 'service-lb/started';
/** How long a cloud takes to make one, and to take one away, ms. */
const DELAY = 12_000;
const INTERNAL = 'service.beta.kubernetes.io/azure-load-balancer-internal';

const wants = ({ spec, metadata }: Service): boolean =>
  spec?.type === 'LoadBalancer' && !spec.loadBalancerClass && !metadata.deletionTimestamp;

const addressOf = ({ status }: Service): string | undefined => status?.loadBalancer?.ingress?.[0]?.ip;

/** The first address of the range that no service has; the first ones are the network's own. */
function freeAddress({ client }: ActorWorld, service: Service, { cidr, internalCIDR }: LoadBalancers): string {
  const { loadBalancerIP } = service.spec!;
  if (loadBalancerIP) return loadBalancerIP;
  const internal = service.metadata.annotations?.[INTERNAL] === 'true' && internalCIDR;
  const range = parseCidr(internal || cidr)!;
  const taken = new Set(client.list('services').map(addressOf));
  for (let index = 4; index < Number(cidrSize(range)) - 1; index++) {
    const address = nthAddress(range, index);
    if (!taken.has(address)) return address;
  }
  return nthAddress(range, 4);
}

function ensure(key: string, service: Service, world: ActorWorld, balancers: LoadBalancers): void {
  if (addressOf(service)) return;
  const { client, events, state } = world;
  const started = state.section<number>(STARTED);
  const since = started.get(key);
  if (since === undefined) {
    started.set(key, world.now());
    world.wake(key, world.now() + DELAY);
    events.event(service, 'Normal', 'EnsuringLoadBalancer', 'Ensuring load balancer', { component: NAME });
    const { finalizers = [] } = service.metadata;
    if (!finalizers.includes(FINALIZER))
      client.patch('services', service.metadata.namespace!, service.metadata.name!, {
        metadata: { finalizers: [...finalizers, FINALIZER] },
      });
    return;
  }
  if (world.now() < since + DELAY) return world.wake(key, since + DELAY);
  started.delete(key);
  const ingress = [{ ip: freeAddress(world, service, balancers), ipMode: 'VIP' }];
  client.patch(
    'services',
    service.metadata.namespace!,
    service.metadata.name!,
    { status: { loadBalancer: { ingress } } },
    'status',
  );
  events.event(service, 'Normal', 'EnsuredLoadBalancer', 'Ensured load balancer', { component: NAME });
}

function remove(key: string, service: Service, world: ActorWorld): void {
  const { client, events, state } = world;
  const { name = '', namespace = '', finalizers = [] } = service.metadata;
  state.section<number>(STARTED).delete(key);
  if (!finalizers.includes(FINALIZER)) return;
  events.event(service, 'Normal', 'DeletingLoadBalancer', 'Deleting load balancer', { component: NAME });
  if (addressOf(service))
    client.patch('services', namespace, name, { status: { loadBalancer: { ingress: null } } }, 'status');
  events.event(service, 'Normal', 'DeletedLoadBalancer', 'Deleted load balancer', { component: NAME });
  const current = client.get('services', namespace, name)!;
  const rest = finalizers.filter((one) => one !== FINALIZER);
  client.update('services', { ...current, metadata: { ...current.metadata, finalizers: rest } });
}

/** A cloud's service controller (k8s.io/cloud-provider): load balancers get an address, and lose it with their service. */
export const serviceLoadBalancers = (balancers: LoadBalancers): Actor => ({
  name: 'cloud-service-controller',
  user: 'system:serviceaccount:kube-system:cloud-controller-manager',
  manager: 'cloud-controller-manager',
  latency: 10,
  watches: [ownKeys('services')],
  reconcile(key, world) {
    const [namespace, name] = splitKey(key);
    const service = world.client.get('services', namespace, name);
    if (!service) world.state.section<number>(STARTED).delete(key);
    else if (wants(service)) ensure(key, service, world, balancers);
    else remove(key, service, world);
  },
});
