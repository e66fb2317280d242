import type { V1IPAddress, V1ServiceCIDR } from '@kubernetes/client-node';
import { type Cidr, cidrContains, parseCidr, parseIp } from '../../base/ip.ts';
import { formatTime, parseTime } from '../../base/time.ts';
import type { Actor, ActorWorld } from '../../runtime/actor.ts';
import type { Resource } from '../../types/objects.ts';
import { controller } from '../shared/actor.ts';

type ServiceCIDR = Resource<V1ServiceCIDR>;
type IPAddress = Resource<V1IPAddress>;

const RANGES = 'servicecidrs.networking.k8s.io';
const ADDRESSES = 'ipaddresses.networking.k8s.io';
const FINALIZER = 'networking.k8s.io/service-cidr-finalizer';
/** Who applies the condition, which is not who writes the finalizer. */
const APPLIER = 'service-cidr-controller';
const MANAGED_BY = 'ipaddress.kubernetes.io/managed-by';
const ALLOCATOR = 'ipallocator.k8s.io';
/** A range stays so long after its deletion, for allocators that have not heard of it, ms. */
const GRACE = 10_000;

const cidrsOf = (range: ServiceCIDR): Cidr[] => (range.spec?.cidrs ?? []).map((cidr) => parseCidr(cidr)!);

const containsAll = (outer: Cidr, inner: Cidr): boolean =>
  outer.prefix <= inner.prefix && cidrContains(outer, inner.address);

/** Whether no other range is needed for the addresses of this one: none is taken, or others hold them, too. */
function isDispensable(range: ServiceCIDR, { client }: ActorWorld): boolean {
  const others = (client.list(RANGES) as ServiceCIDR[]).filter((other) => other.metadata.name !== range.metadata.name);
  const held = (test: (cidr: Cidr) => boolean) => others.some((other) => cidrsOf(other).some(test));
  if (cidrsOf(range).every((cidr) => held((other) => containsAll(other, cidr)))) return true;
  const taken = (client.list(ADDRESSES) as IPAddress[]).filter(
    ({ metadata }) => metadata.labels?.[MANAGED_BY] === ALLOCATOR,
  );
  return taken.every(({ metadata: { name = '' } }) => {
    const address = parseIp(name);
    const inside = (cidr: Cidr) => address !== undefined && cidrContains(cidr, address);
    return !cidrsOf(range).some(inside) || held(inside);
  });
}

function setReady(
  range: ServiceCIDR,
  world: ActorWorld,
  condition: { status: string; reason?: string; message: string },
) {
  const now = range.status?.conditions?.find(({ type }) => type === 'Ready');
  if (now?.status === condition.status && now.message === condition.message) return;
  const { metadata, apiVersion, kind } = range;
  world.client.apply(
    RANGES,
    {
      apiVersion,
      kind,
      metadata: { name: metadata.name! },
      status: { conditions: [{ type: 'Ready', ...condition, lastTransitionTime: formatTime(world.now()) }] },
    } as unknown as ServiceCIDR,
    APPLIER,
    'status',
  );
}

function release(range: ServiceCIDR, world: ActorWorld): void {
  const { name = '', deletionTimestamp, finalizers } = range.metadata;
  if (!isDispensable(range, world)) {
    return setReady(range, world, {
      status: 'False',
      reason: 'Terminating',
      message:
        'There are still IPAddresses referencing the ServiceCIDR, please remove them or create a new ServiceCIDR',
    });
  }
  const due = parseTime(deletionTimestamp!) + GRACE;
  if (world.now() < due) return world.wake(name, due);
  if (finalizers?.includes(FINALIZER))
    world.client.patch(RANGES, '', name, { metadata: { '$deleteFromPrimitiveList/finalizers': [FINALIZER] } });
}

/** Keeps ranges of service addresses while something holds an address of theirs (pkg/controller/servicecidrs). */
export const serviceCidrController: Actor = controller({
  name: 'service-cidrs-controller',
  watches: [
    { resource: RANGES, keys: ({ type, object }) => (type === 'DELETED' ? [] : [object.metadata.name!]) },
    {
      resource: ADDRESSES,
      keys: ({ type }, { client }) =>
        type === 'DELETED'
          ? client.list(RANGES).flatMap(({ metadata }) => (metadata.deletionTimestamp ? [metadata.name!] : []))
          : [],
    },
  ],
  reconcile(name, world) {
    const range = world.client.get(RANGES, '', name) as ServiceCIDR | undefined;
    if (!range) return;
    if (range.metadata.deletionTimestamp) return release(range, world);
    if (!range.metadata.finalizers?.includes(FINALIZER)) {
      // This change brings the controller back.
      world.client.patch(RANGES, '', name, { metadata: { finalizers: [FINALIZER] } });
      return;
    }
    setReady(range, world, { status: 'True', message: 'Kubernetes Service CIDR is ready' });
  },
});
