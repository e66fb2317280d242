import type { Actor, ActorWorld } from '../../runtime/actor.ts';
import type { Endpoints, Pod, Service } from '../../types/objects.ts';
import { controller } from '../shared/actor.ts';
import { splitKey } from '../shared/keys.ts';
import { sameJson } from '../shared/objects.ts';
import { ownKeys } from '../shared/owners.ts';
import { isPodReady } from '../shared/pods.ts';
import { podsBehind, servicesOfPods, targetPort } from '../shared/services.ts';
import { forgetTriggerTimes, lastTriggerTime } from '../shared/trigger-times.ts';

type Subset = NonNullable<Endpoints['subsets']>[number];
type Address = NonNullable<Subset['addresses']>[number];

const NAME = 'endpoint-controller';
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

type Port = NonNullable<Subset['ports']>[number];
interface Entry {
  address: Address;
  ready: boolean;
  ports: Port[];
}

/** RepackSubsets: the ports that the same addresses have together, ordered. */
function repack(entries: Entry[]): Subset[] {
  const byIp = [...entries].sort((a, b) => (a.address.ip < b.address.ip ? -1 : 1));
  const holders = new Map<string, Entry[]>();
  for (const entry of byIp)
    for (const port of entry.ports.length > 0 ? entry.ports : [null]) {
      const key = JSON.stringify(port);
      holders.set(key, [...(holders.get(key) ?? []), entry]);
    }
  const groups = new Map<string, { having: Entry[]; ports: Port[] }>();
  for (const [text, having] of holders) {
    const key = having.map(({ address }) => `${address.ip}/${address.targetRef!.uid}`).join();
    const port = JSON.parse(text) as Port | null;
    groups.set(key, { having, ports: [...(groups.get(key)?.ports ?? []), ...(port ? [port] : [])] });
  }
  return [...groups.values()].map(({ having, ports }) => {
    const of = (isReady: boolean) => having.filter(({ ready }) => ready === isReady).map(({ address }) => address);
    const [addresses, notReadyAddresses] = [of(true), of(false)];
    return {
      ...(addresses.length > 0 && { addresses }),
      ...(notReadyAddresses.length > 0 && { notReadyAddresses }),
      ...(ports.length > 0 && { ports }),
    };
  });
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
  const pods = podsBehind(service, client.list('pods', namespace));
  const subsets = subsetsOf(service, pods);
  const triggered = lastTriggerTime(world, NAME, service, pods);
  const headless = service.spec.clusterIP === 'None';
  const labels: Record<string, string> = {
    ...service.metadata.labels,
    'endpoints.kubernetes.io/managed-by': NAME,
    ...(headless && { 'service.kubernetes.io/headless': '' }),
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
  watches: [ownKeys('services'), ownKeys('endpoints'), servicesOfPods],
  reconcile,
});
