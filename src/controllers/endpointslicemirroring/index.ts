import type { Actor, ActorWorld } from '../../runtime/actor.ts';
import type { EndpointSlice, Endpoints } from '../../types/objects.ts';
import { controller } from '../shared/actor.ts';
import { splitKey } from '../shared/keys.ts';
import { sameJson } from '../shared/objects.ts';
import { controllerRef, isControlledBy, ownKeys } from '../shared/owners.ts';

type Address = NonNullable<NonNullable<Endpoints['subsets']>[number]['addresses']>[number];

const RESOURCE = 'endpointslices.discovery.k8s.io';
const MANAGED_BY = 'endpointslice.kubernetes.io/managed-by';
const MANAGER = 'endpointslicemirroring-controller.k8s.io';
const SERVICE_NAME = 'kubernetes.io/service-name';

const endpoint = ({ ip, hostname, nodeName, targetRef }: Address, ready: boolean) => ({
  addresses: [ip],
  conditions: { ready },
  ...(hostname && { hostname }),
  ...(targetRef && { targetRef }),
  ...(nodeName && { nodeName }),
});

/** The slices that say what the subsets of `endpoints` say: one each. */
function wantedSlices(endpoints: Endpoints): Pick<EndpointSlice, 'endpoints' | 'ports' | 'addressType'>[] {
  return (endpoints.subsets ?? []).map(({ addresses = [], notReadyAddresses = [], ports = [] }) => ({
    addressType: addresses.concat(notReadyAddresses)[0]?.ip.includes(':') ? 'IPv6' : 'IPv4',
    endpoints: [
      ...addresses.map((address) => endpoint(address, true)),
      ...notReadyAddresses.map((address) => endpoint(address, false)),
    ],
    ports: ports.map(({ name = '', protocol = 'TCP', port, appProtocol }) => ({
      name,
      protocol,
      port,
      ...(appProtocol && { appProtocol }),
    })),
  }));
}

function reconcile(key: string, { client }: ActorWorld): void {
  const [namespace, name] = splitKey(key);
  const endpoints = client.get('endpoints', namespace, name);
  const service = client.get('services', namespace, name);
  const existing = client
    .list(RESOURCE, namespace)
    .filter(({ metadata }) => metadata.labels?.[SERVICE_NAME] === name && metadata.labels[MANAGED_BY] === MANAGER);
  const mirrored =
    endpoints &&
    service &&
    !service.spec?.selector &&
    !endpoints.metadata.labels?.['endpointslice.kubernetes.io/skip-mirror'];
  const wanted = mirrored ? wantedSlices(endpoints) : [];
  for (const [index, content] of wanted.entries()) {
    const old = existing[index];
    if (
      old &&
      isControlledBy(old, endpoints!) &&
      sameJson([old.endpoints, old.ports], [content.endpoints, content.ports])
    )
      continue;
    const metadata = old?.metadata ?? {
      generateName: `${name}-`,
      namespace,
      labels: { ...endpoints!.metadata.labels, [MANAGED_BY]: MANAGER, [SERVICE_NAME]: name },
      ownerReferences: [controllerRef(endpoints!)],
    };
    const slice = { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata, ...content } as EndpointSlice;
    if (old) client.update(RESOURCE, slice);
    else client.create(RESOURCE, slice);
  }
  for (const { metadata } of existing.slice(wanted.length)) client.delete(RESOURCE, namespace, metadata.name!);
}

/** Mirrors endpoints that people write themselves into slices (pkg/controller/endpointslicemirroring). */
export const endpointSliceMirroringController: Actor = controller({
  name: 'endpointslicemirroring-controller',
  watches: [ownKeys('endpoints'), ownKeys('services')],
  reconcile,
});
