import type { Actor, ActorWorld } from '../../runtime/actor.ts';
import type { Endpoints, Pod, Service } from '../../types/objects.ts';
import { controller } from '../shared/actor.ts';
import { keyOf, splitKey } from '../shared/keys.ts';
import { sameJson } from '../shared/objects.ts';
import { ownKeys } from '../shared/owners.ts';
import { isPodReady } from '../shared/pods.ts';
import { selectedBy, servicesOfPods, targetPort, withAddress } from '../shared/services.ts';
import { type Address, repack, type Subset } from '../shared/subsets.ts';
import { forgetTriggerTimes, lastTriggerTime } from '../shared/trigger-times.ts';

const NAME = 'endpoint-controller';
const HEADLESS = 'service.kubernetes.io/headless';
const TRIGGER_TIME = 'endpoints.kubernetes.io/last-change-trigger-time';

function addressOf(service: Service, pod: Pod): Address {
  const { namespace, name, uid } = pod.metadata;
  const { hostname, subdomain, nodeName } = pod.spec!;
  return {
    ip: pod.status!.podIP!,
    ...(hostname && subdomain === service.metadata.name && { hostname }),
    nodeName,
    targetRef: { kind: 'Pod', namespace, name, uid },
  };
}

function subsetsOf(service: Service, pods: Pod[]): Subset[] {
  const entries = pods
    .filter((pod) => !pod.metadata.deletionTimestamp || service.spec?.publishNotReadyAddresses)
    .flatMap((pod) => {
      const address = addressOf(service, pod);
      const ready = service.spec?.publishNotReadyAddresses === true || isPodReady(pod);
      const servicePorts = service.spec?.ports ?? [];
      if (servicePorts.length === 0) return [{ address, ready, ports: [] }];
      const ports = servicePorts.flatMap((port) => {
        const number = targetPort(port, pod);
        if (number === undefined) return [];
        const { name, protocol = 'TCP', appProtocol } = port;
        return [{ ...(name && { name }), port: number, protocol, ...(appProtocol && { appProtocol }) }];
      });
      return ports.length > 0 ? [{ address, ready, ports }] : [];
    });
  return repack(entries);
}

function reconcile(key: string, world: ActorWorld): void {
  const { client } = world;
  const [namespace, name] = splitKey(key);
  const service = client.get('services', namespace, name);
  const current = client.get('endpoints', namespace, name);
  if (!service) {
    if (current) client.delete('endpoints', namespace, name);
    return forgetTriggerTimes(world, NAME, key);
  }
  if (!service.spec?.selector || service.spec.type === 'ExternalName') return;
  const selected = selectedBy(service, client.list('pods', namespace));
  const pods = withAddress(selected);
  const subsets = subsetsOf(service, pods);
  const triggered = lastTriggerTime(world, NAME, service, selected);
  const { [HEADLESS]: _, ...own } = service.metadata.labels ?? {};
  const labels: Record<string, string> = {
    ...own,
    'endpoints.kubernetes.io/managed-by': NAME,
    ...(service.spec.clusterIP === 'None' && { [HEADLESS]: '' }),
  };
  if (current && sameJson(current.subsets, subsets) && sameJson(current.metadata.labels, labels)) return;
  const annotations = { ...current?.metadata.annotations };
  if (triggered) annotations[TRIGGER_TIME] = triggered;
  else delete annotations[TRIGGER_TIME];
  const endpoints = {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: {
      ...(current?.metadata ?? { name, namespace }),
      labels,
      ...(Object.keys(annotations).length > 0 ? { annotations } : { annotations: undefined }),
    },
    ...(subsets.length > 0 && { subsets }),
  } as Endpoints;
  if (current) client.update('endpoints', endpoints);
  else client.create('endpoints', endpoints);
}

export const endpointsController: Actor = controller({
  name: NAME,
  watches: [
    ownKeys('services'),
    // Whoever writes endpoints of its own may keep them.
    { resource: 'endpoints', keys: ({ type, object }) => (type === 'DELETED' ? [keyOf(object)] : []) },
    servicesOfPods,
  ],
  reconcile,
});
