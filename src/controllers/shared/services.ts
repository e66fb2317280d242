import { matchesLabels, requirementsOf } from '../../api/machinery/selectors.ts';
import type { WatchRule } from '../../runtime/actor.ts';
import type { Pod, Service } from '../../types/objects.ts';
import { keyOf } from './keys.ts';
import { sameJson } from './objects.ts';
import { isPodFinished, isPodReady } from './pods.ts';

type ServicePort = NonNullable<NonNullable<Service['spec']>['ports']>[number];

const selectsPod = ({ spec }: Service, labels: Record<string, string> | undefined): boolean =>
  !!spec?.selector && matchesLabels(requirementsOf({ matchLabels: spec.selector })!, labels);

/** Whether what services know of a pod has changed (endpointslice/util.podEndpointsChanged). */
function concernsServices(pod: Pod, before: Pod): boolean {
  const { hostname, subdomain } = pod.spec ?? {};
  return (
    pod.metadata.deletionTimestamp !== undefined ||
    isPodReady(pod) !== isPodReady(before) ||
    !sameJson(pod.status?.podIPs, before.status?.podIPs) ||
    !sameJson(pod.metadata.labels, before.metadata.labels) ||
    hostname !== before.spec?.hostname ||
    subdomain !== before.spec?.subdomain
  );
}

/** Wakes the services that select a changed pod, or did before. */
export const servicesOfPods: WatchRule = {
  resource: 'pods',
  keys({ type, object, previous }, { client }) {
    if (type === 'MODIFIED' && previous && !concernsServices(object as Pod, previous as Pod)) return [];
    return client
      .list('services', object.metadata.namespace)
      .filter(
        (service) => selectsPod(service, object.metadata.labels) || selectsPod(service, previous?.metadata.labels),
      )
      .map(keyOf);
  },
};

/** The pods that a service selects. */
export const selectedBy = (service: Service, pods: Pod[]): Pod[] =>
  pods.filter((pod) => selectsPod(service, pod.metadata.labels));

/** Of the pods that a service selects, those that have an address and have not ended. */
export const withAddress = (pods: Pod[]): Pod[] => pods.filter((pod) => pod.status?.podIP && !isPodFinished(pod));

/** The number of a service's port in a pod: a named one is looked up; undefined if the pod has none of the name. */
export function targetPort(
  { port, targetPort: target = port, protocol = 'TCP' }: ServicePort,
  pod: Pod,
): number | undefined {
  if (typeof target === 'number') return target;
  const sidecars = (pod.spec?.initContainers ?? []).filter((container) => container.restartPolicy === 'Always');
  const ports = [...(pod.spec?.containers ?? []), ...sidecars].flatMap((container) => container.ports ?? []);
  return ports.find((one) => one.name === target && (one.protocol ?? 'TCP') === protocol)?.containerPort;
}
