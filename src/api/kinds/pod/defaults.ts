import type { Container, Pod } from '../../../types/objects.ts';
import { defaultPodSpec } from '../shared/pod-defaults.ts';

function requestLimits({ resources }: Container): void {
  if (resources?.limits) resources.requests = { ...resources.limits, ...resources.requests };
}

function defaultHostPorts({ ports }: Container): void {
  for (const port of ports ?? []) port.hostPort ||= port.containerPort;
}

/** SetDefaults_Pod: what a pod gets beyond a template. */
export function setDefaults(pod: Pod): void {
  pod.spec ??= { containers: [] };
  const spec = pod.spec;
  defaultPodSpec(spec);
  if (spec.terminationGracePeriodSeconds! < 0) spec.terminationGracePeriodSeconds = 1;
  for (const container of [...(spec.initContainers ?? []), ...(spec.containers ?? [])]) {
    requestLimits(container);
    if (spec.hostNetwork) defaultHostPorts(container);
  }
  spec.enableServiceLinks ??= true;
  const { podIP, podIPs = [] } = pod.status ?? {};
  if (podIP && podIPs[0]?.ip !== podIP) pod.status = { ...pod.status, podIPs: [{ ip: podIP }] };
  else if (!podIP && podIPs[0]) pod.status = { ...pod.status, podIP: podIPs[0].ip };
}
