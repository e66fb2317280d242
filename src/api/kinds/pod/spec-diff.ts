import type { PodSpec } from '../../../types/objects.ts';
import { type GoStruct, goDiff } from '../shared/go-diff.ts';

type Fields = Record<string, unknown>;

/** core.PodSpec */
const POD_SPEC: GoStruct = {
  struct: 'core.PodSpec',
  fields: [
    ['Volumes', 'volumes', { list: 'core.Volume' }],
    ['InitContainers', 'initContainers', { list: 'core.Container' }],
    ['Containers', 'containers', { list: 'core.Container' }],
    ['EphemeralContainers', 'ephemeralContainers', { list: 'core.EphemeralContainer' }],
    ['RestartPolicy', 'restartPolicy', 'text'],
    ['TerminationGracePeriodSeconds', 'terminationGracePeriodSeconds'],
    ['ActiveDeadlineSeconds', 'activeDeadlineSeconds'],
    ['DNSPolicy', 'dnsPolicy', 'text'],
    ['NodeSelector', 'nodeSelector', { map: 'map[string]string' }],
    ['ServiceAccountName', 'serviceAccountName', 'text'],
    ['AutomountServiceAccountToken', 'automountServiceAccountToken'],
    ['NodeName', 'nodeName', 'text'],
    ['SecurityContext', 'securityContext'],
    ['ImagePullSecrets', 'imagePullSecrets', { list: 'core.LocalObjectReference' }],
    ['Hostname', 'hostname', 'text'],
    ['Subdomain', 'subdomain', 'text'],
    ['SetHostnameAsFQDN', 'setHostnameAsFQDN'],
    ['Affinity', 'affinity'],
    ['SchedulerName', 'schedulerName', 'text'],
    ['Tolerations', 'tolerations', { list: 'core.Toleration' }],
    ['HostAliases', 'hostAliases', { list: 'core.HostAlias' }],
    ['PriorityClassName', 'priorityClassName', 'text'],
    ['Priority', 'priority'],
    ['PreemptionPolicy', 'preemptionPolicy'],
    ['DNSConfig', 'dnsConfig'],
    ['ReadinessGates', 'readinessGates', { list: 'core.PodReadinessGate' }],
    ['RuntimeClassName', 'runtimeClassName'],
    ['Overhead', 'overhead', 'quantities'],
    ['EnableServiceLinks', 'enableServiceLinks'],
    ['TopologySpreadConstraints', 'topologySpreadConstraints', { list: 'core.TopologySpreadConstraint' }],
    ['OS', 'os'],
    ['SchedulingGates', 'schedulingGates', { list: 'core.PodSchedulingGate' }],
    ['ResourceClaims', 'resourceClaims', { list: 'core.PodResourceClaim' }],
    ['Resources', 'resources'],
  ],
};

/** core.EphemeralContainer, whose other fields v1 keeps beside the target's name. */
const EPHEMERAL_CONTAINER: GoStruct = {
  struct: 'core.EphemeralContainer',
  fields: [
    [
      'EphemeralContainerCommon',
      'common',
      {
        struct: 'core.EphemeralContainerCommon',
        fields: [
          ['Name', 'name', 'text'],
          ['Image', 'image', 'text'],
          ['Command', 'command', { list: 'string' }],
          ['Args', 'args', { list: 'string' }],
          ['WorkingDir', 'workingDir', 'text'],
          ['Ports', 'ports', { list: 'core.ContainerPort' }],
          ['EnvFrom', 'envFrom', { list: 'core.EnvFromSource' }],
          ['Env', 'env', { list: 'core.EnvVar' }],
          ['Resources', 'resources'],
          ['ResizePolicy', 'resizePolicy', { list: 'core.ContainerResizePolicy' }],
          ['RestartPolicy', 'restartPolicy'],
          ['VolumeMounts', 'volumeMounts', { list: 'core.VolumeMount' }],
          ['VolumeDevices', 'volumeDevices', { list: 'core.VolumeDevice' }],
          ['LivenessProbe', 'livenessProbe'],
          ['ReadinessProbe', 'readinessProbe'],
          ['StartupProbe', 'startupProbe'],
          ['Lifecycle', 'lifecycle'],
          ['TerminationMessagePath', 'terminationMessagePath', 'text'],
          ['TerminationMessagePolicy', 'terminationMessagePolicy', 'text'],
          ['ImagePullPolicy', 'imagePullPolicy', 'text'],
          ['SecurityContext', 'securityContext'],
          ['Stdin', 'stdin', 'flag'],
          ['StdinOnce', 'stdinOnce', 'flag'],
          ['TTY', 'tty', 'flag'],
        ],
      },
    ],
    ['TargetContainerName', 'targetContainerName', 'text'],
  ],
};

const HOST_FIELDS = ['hostNetwork', 'hostPID', 'hostIPC', 'shareProcessNamespace', 'hostUsers'];

/** The internal form: what v1 keeps in the spec and core in its security context is moved there. */
function internal(spec: PodSpec): Fields {
  const { serviceAccount: _, ...fields } = spec as unknown as Fields;
  const context: Fields = { ...(fields.securityContext as Fields | undefined) };
  for (const name of HOST_FIELDS) {
    if (fields[name] !== undefined && fields[name] !== false) context[name] = fields[name];
    delete fields[name];
  }
  if (fields.securityContext || Object.keys(context).length > 0) fields.securityContext = context;
  return fields;
}

export const podSpecDiff = (before: PodSpec, after: PodSpec): string =>
  goDiff(POD_SPEC, internal(before), internal(after));

type EphemeralContainer = NonNullable<PodSpec['ephemeralContainers']>[number];

export const ephemeralContainerDiff = (before: EphemeralContainer, after: EphemeralContainer): string => {
  const [old, now] = [before, after].map(({ targetContainerName, ...common }) => ({ common, targetContainerName }));
  return goDiff(EPHEMERAL_CONTAINER, old!, now!);
};
