import type { Container, Pod } from '../../types/objects.ts';
import { podFieldResolver, writeContainers, writeResources } from './containers.ts';
import { writeEvents } from './events.ts';
import { controlledBy, rfc1123z, since, writeAnnotations, writeLabels } from './format.ts';
import { writeNodeSelectorAndTolerations, writeTopologySpread } from './pod-parts.ts';
import { type Describer, findEvents } from './source.ts';
import { writeVolumes } from './volumes.ts';
import { DescribeWriter } from './writer.ts';

const MIRROR = 'kubernetes.io/config.mirror';

function writeStatus(w: DescribeWriter, pod: Pod, now: number): void {
  const { metadata, status, spec } = pod;
  const ended = status?.phase === 'Failed' || status?.phase === 'Succeeded';
  if (metadata.deletionTimestamp && !ended) {
    w.row(0, 'Status', `Terminating (lasts ${since(metadata.deletionTimestamp, now)})`);
    w.row(0, 'Termination Grace Period', `${metadata.deletionGracePeriodSeconds}s`);
  } else w.row(0, 'Status', status?.phase ?? '');
  if (status?.reason) w.row(0, 'Reason', status.reason);
  if (status?.message) w.row(0, 'Message', status.message);
  const seccomp = spec?.securityContext?.seccompProfile;
  if (seccomp) {
    w.row(0, 'SeccompProfile', seccomp.type);
    if (seccomp.type === 'Localhost') w.row(0, 'LocalhostProfile', seccomp.localhostProfile);
  }
  w.row(0, 'IP', status?.podIP ?? '');
  if (!status?.podIPs?.length) w.row(0, 'IPs', '<none>');
  else w.write(0, 'IPs:\n');
  for (const { ip } of status?.podIPs ?? []) w.row(1, 'IP', ip);
}

function writeConditions(w: DescribeWriter, pod: Pod): void {
  const { conditions = [] } = pod.status ?? {};
  const table = (title: string, rows: [string, string][]) => {
    if (!rows.length) return;
    w.write(0, `${title}:\n`);
    w.cells(1, 'Type', 'Status');
    for (const [type, status] of rows) w.write(1, `${type} \t${status} \n`);
  };
  const gates = pod.spec?.readinessGates ?? [];
  table(
    'Readiness Gates',
    gates.map((g) => [g.conditionType, conditions.find((c) => c.type === g.conditionType)?.status ?? '<none>']),
  );
  table(
    'Conditions',
    conditions.map((c) => [c.type, c.status]),
  );
}

/** Source: describePod. */
export const describePod: Describer<Pod> = async (pod, source) => {
  const w = new DescribeWriter();
  const { metadata, spec, status } = pod;
  w.row(0, 'Name', metadata.name);
  w.row(0, 'Namespace', metadata.namespace);
  if (spec?.priority != null) w.row(0, 'Priority', spec.priority);
  if (spec?.priorityClassName) w.row(0, 'Priority Class Name', spec.priorityClassName);
  if (spec?.runtimeClassName) w.row(0, 'Runtime Class Name', spec.runtimeClassName);
  if (spec?.serviceAccountName) w.row(0, 'Service Account', spec.serviceAccountName);
  w.row(0, 'Node', spec?.nodeName ? `${spec.nodeName}/${status?.hostIP ?? ''}` : '<none>');
  if (status?.startTime) w.row(0, 'Start Time', rfc1123z(status.startTime));
  writeLabels(w, 'Labels', metadata.labels);
  writeAnnotations(w, 'Annotations', metadata.annotations);
  writeStatus(w, pod, source.now());
  const owner = controlledBy(pod);
  if (owner) w.row(0, 'Controlled By', owner);
  if (status?.nominatedNodeName) w.row(0, 'NominatedNodeName', status.nominatedNodeName);
  if (spec?.resources) {
    w.write(0, 'Resources:\n');
    writeResources(w, spec.resources, 1);
  }
  const resolve = podFieldResolver(pod);
  if (spec?.initContainers?.length)
    writeContainers(w, 'Init Containers', spec.initContainers, { statuses: status?.initContainerStatuses, resolve });
  writeContainers(w, 'Containers', spec?.containers, { statuses: status?.containerStatuses, resolve });
  if (spec?.ephemeralContainers?.length)
    writeContainers(w, 'Ephemeral Containers', spec.ephemeralContainers as Container[], {
      statuses: status?.ephemeralContainerStatuses,
      resolve,
    });
  writeConditions(w, pod);
  writeVolumes(w, spec?.volumes);
  w.row(0, 'QoS Class', status?.qosClass ?? 'BestEffort');
  writeNodeSelectorAndTolerations(w, spec);
  if (spec) writeTopologySpread(w, spec);
  writeEvents(w, await findEvents(pod, source, { kind: '', uid: metadata.annotations?.[MIRROR] }), source.now());
  return w.toString();
};
