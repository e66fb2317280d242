import { matchesLabels, requirementsOf } from '../../api/machinery/selectors.ts';
import type { WatchRule } from '../../runtime/actor.ts';
import type { Pod, Service } from '../../types/objects.ts';
import { keyOf } from './keys.ts';
import { isPodFinished } from './pods.ts';

type ServicePort = NonNullable<NonNullable<Service['spec']>['ports']>[number];

const selectsPod = ({ spec }: Service, labels: Record<string, string> | undefined): boolean =>
  !!spec?.selector && matchesLabels(requirementsOf({ matchLabels: spec.selector })!, labels);

/** Wakes the services that select a changed pod, or did before. */
export const servicesOfPods: WatchRule = {
  resource: 'pods',
  keys({ object, previous }, { client }) {
    return client
      .list('services', object.metadata.namespace)
      .filter(
        (service) => selectsPod(service, object.metadata.labels) || selectsPod(service, previous?.metadata.labels),
      )
      .map(keyOf);
  },
};

/** The pods behind a service that have an address and have not ended. */
export function podsBehind(service: Service, pods: Pod[]): Pod[] {
  return pods.filter((pod) => selectsPod(service, pod.metadata.labels) && pod.status?.podIP && !isPodFinished(pod));
}

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
