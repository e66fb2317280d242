import type { Actor, ActorWorld } from '../../runtime/actor.ts';
import type { EndpointSlice, Endpoints } from '../../types/objects.ts';
import { controller } from '../shared/actor.ts';
import { keyOf, splitKey } from '../shared/keys.ts';
import { sameJson } from '../shared/objects.ts';
import { controllerRef, isControlledBy, ownKeys } from '../shared/owners.ts';
import { type Address, entriesOf, repack } from '../shared/subsets.ts';

const RESOURCE = 'endpointslices.discovery.k8s.io';
const COMPONENT = 'endpoint-slice-mirroring-controller';
const MANAGED_BY = 'endpointslice.kubernetes.io/managed-by';
const MANAGER = 'endpointslicemirroring-controller.k8s.io';
const SERVICE_NAME = 'kubernetes.io/service-name';
const SKIP = 'endpointslice.kubernetes.io/skip-mirror';
/** What the API server and kubectl note of an object is no part of its mirror image. */
const UNMIRRORED = [
  'endpoints.kubernetes.io/last-change-trigger-time',
  'kubectl.kubernetes.io/last-applied-configuration',
];
const LEADER = 'control-plane.alpha.kubernetes.io/leader';
/** --mirroring-max-endpoints-per-subset */
const MAX_ADDRESSES = 1_000;
/** How long a sync that failed waits (defaultSyncBackOff and maxSyncBackOff), ms. */
const RETRY = { base: 1_000, limit: 100_000 };

/** A slice that is there, and whether it is of the same ports. */
interface Taken {
  old: EndpointSlice | undefined;
  alike: boolean;
}

type Content = Pick<EndpointSlice, 'addressType' | 'endpoints' | 'ports'>;

const endpoint = ({ ip, hostname, nodeName, targetRef }: Address, ready: boolean) => ({
  addresses: [ip],
  conditions: { ready },
  ...(hostname && { hostname }),
  ...(targetRef && { targetRef }),
  ...(nodeName && { nodeName }),
});

/** The slices that say what the subsets of `endpoints` say: one for each family of addresses; and how many addresses are too many. */
function imageOf(endpoints: Endpoints): { contents: Content[]; skipped: number } {
  let skipped = 0;
  const contents = repack(entriesOf(endpoints.subsets ?? [])).flatMap((subset) => {
    const all = entriesOf([subset]);
    skipped += Math.max(0, all.length - MAX_ADDRESSES);
    const kept = all.slice(0, MAX_ADDRESSES);
    const ports = (subset.ports ?? []).map(({ name = '', protocol = 'TCP', port, appProtocol }) => ({
      name,
      protocol,
      port,
      ...(appProtocol && { appProtocol }),
    }));
    return (['IPv4', 'IPv6'] as const).flatMap((addressType) => {
      const own = kept.filter(({ address }) => address.ip.includes(':') === (addressType === 'IPv6'));
      const mirrored = own.map(({ address, ready }) => endpoint(address, ready));
      return mirrored.length > 0 ? [{ addressType, endpoints: mirrored, ports }] : [];
    });
  });
  return { contents, skipped };
}

const shouldMirror = ({ metadata }: Endpoints): boolean =>
  metadata.labels?.[SKIP] !== 'true' && metadata.annotations?.[LEADER] === undefined;

function metadataFor(endpoints: Endpoints, { old, alike }: Taken): EndpointSlice['metadata'] {
  const { name, namespace, labels, annotations = {} } = endpoints.metadata;
  const own = Object.entries(annotations).filter(([key]) => !UNMIRRORED.includes(key));
  return {
    ...old?.metadata,
    namespace,
    // An update of what is there names it alone.
    generateName: alike ? undefined : `${name}-`,
    labels: { ...labels, [MANAGED_BY]: MANAGER, [SERVICE_NAME]: name! },
    annotations: own.length > 0 ? Object.fromEntries(own) : undefined,
    ownerReferences: [controllerRef(endpoints)],
  };
}

/** The slice that is to become `content`: the one with its ports, or one whose ports are no more wanted. */
function takeSlice(content: Content, wanted: Content[], free: EndpointSlice[]): Taken {
  const isAlike = (one: Content, other: Content) =>
    one.addressType === other.addressType && sameJson(one.ports ?? [], other.ports ?? []);
  const alike = free.find((slice) => isAlike(slice, content));
  const old =
    alike ??
    free.find((slice) => slice.addressType === content.addressType && !wanted.some((other) => isAlike(slice, other)));
  if (old) free.splice(free.indexOf(old), 1);
  return { old, alike: alike !== undefined };
}

function reconcile(key: string, { client, events }: ActorWorld): void {
  const [namespace, name] = splitKey(key);
  const endpoints = client.get('endpoints', namespace, name);
  const service = client.get('services', namespace, name);
  const free = client
    .list(RESOURCE, namespace)
    .filter(({ metadata }) => metadata.labels?.[SERVICE_NAME] === name && metadata.labels[MANAGED_BY] === MANAGER);
  if (endpoints && shouldMirror(endpoints) && service && !service.spec?.selector) {
    const { contents, skipped } = imageOf(endpoints);
    if (skipped > 0) {
      const message = `A max of ${MAX_ADDRESSES} addresses can be mirrored to EndpointSlices per Endpoints subset. ${skipped} addresses were skipped`;
      events.event(endpoints, 'Warning', 'TooManyAddressesToMirror', message, { component: COMPONENT });
    }
    for (const content of contents) {
      const taken = takeSlice(content, contents, free);
      const { old } = taken;
      const metadata = metadataFor(endpoints, taken);
      const same =
        old &&
        isControlledBy(old, endpoints) &&
        sameJson([old.endpoints, old.ports], [content.endpoints, content.ports]) &&
        sameJson([old.metadata.labels, old.metadata.annotations], [metadata.labels, metadata.annotations]);
      if (same) continue;
      const slice = { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata, ...content } as EndpointSlice;
      if (old) client.update(RESOURCE, slice);
      else client.create(RESOURCE, slice);
    }
  }
  for (const { metadata } of free) client.delete(RESOURCE, namespace, metadata.name!);
}

/** Mirrors endpoints that people write themselves into slices (pkg/controller/endpointslicemirroring). */
export const endpointSliceMirroringController: Actor = controller({
  name: 'endpointslicemirroring-controller',
  retry: RETRY,
  watches: [
    {
      resource: 'endpoints',
      keys: ({ object, previous }) =>
        shouldMirror(object as Endpoints) || (previous && shouldMirror(previous as Endpoints)) ? [keyOf(object)] : [],
    },
    ownKeys('services'),
    {
      resource: RESOURCE,
      keys({ type, object: { metadata } }) {
        const name = metadata.labels?.[MANAGED_BY] === MANAGER ? metadata.labels[SERVICE_NAME] : undefined;
        return name && type !== 'ADDED' ? [`${metadata.namespace}/${name}`] : [];
      },
    },
  ],
  reconcile,
});
