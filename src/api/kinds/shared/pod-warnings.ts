import { goQuote } from '../../../base/go-quote.ts';
import { isDns1123Label } from '../../../base/names.ts';
import { Quantity } from '../../../base/quantity.ts';
import type { Container, KubeObject, ObjectMeta, PodSpec, PodTemplateSpec } from '../../../types/objects.ts';
import { claimSpecWarnings } from './claim-spec.ts';
import { ipWarnings } from './ips.ts';
import { deprecatedLabel, termWarnings } from './node-label-warnings.ts';
import { APPARMOR_CONTAINER, SECCOMP_CONTAINER, SECCOMP_POD } from './pod-annotations.ts';
import { visitContainers } from './visit-containers.ts';
import { overlappingPathWarnings } from './volume-path-warnings.ts';

const DEPRECATED_VOLUMES: Record<string, string> = {
  photonPersistentDisk: 'deprecated in v1.11, non-functional in v1.16+',
  gitRepo: 'deprecated in v1.11, and disabled by default in v1.33+',
  scaleIO: 'deprecated in v1.16, non-functional in v1.22+',
  flocker: 'deprecated in v1.22, non-functional in v1.25+',
  storageos: 'deprecated in v1.22, non-functional in v1.25+',
  quobyte: 'deprecated in v1.22, non-functional in v1.25+',
  glusterfs: 'deprecated in v1.25, non-functional in v1.26+',
  cephfs: 'deprecated in v1.28, non-functional in v1.31+',
  rbd: 'deprecated in v1.28, non-functional in v1.31+',
};

const DEPRECATED_ANNOTATIONS: Record<string, string> = {
  'scheduler.alpha.kubernetes.io/critical-pod': 'non-functional in v1.16+; use the "priorityClassName" field instead',
  'security.alpha.kubernetes.io/sysctls': 'non-functional in v1.11+; use the "sysctls" field instead',
  'security.alpha.kubernetes.io/unsafe-sysctls': 'non-functional in v1.11+; use the "sysctls" field instead',
};

const BYTES = ['memory', 'ephemeral-storage'];
const NO_SECCOMP = 'non-functional in v1.27+; use the "seccompProfile" field instead';
const NO_SELECTOR = 'a null labelSelector results in matching no pod';

const labelWarnings = (keys: string[], path: string): string[] =>
  keys.flatMap((key) => (deprecatedLabel(key) ? [`${path}[${key}]: ${deprecatedLabel(key)}`] : []));

function nodeAffinityWarnings(spec: PodSpec, path: string): string[] {
  const affinity = spec.affinity?.nodeAffinity;
  const required = affinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  const preferred = affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  const at = `${path}affinity.nodeAffinity`;
  return [
    ...required.flatMap((term, index) =>
      termWarnings(term, `${at}.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[${index}]`),
    ),
    ...preferred.flatMap(({ preference }, index) =>
      termWarnings(preference, `${at}.preferredDuringSchedulingIgnoredDuringExecution[${index}].preference`, true),
    ),
  ];
}

const spreadWarnings = (spec: PodSpec, path: string): string[] =>
  (spec.topologySpreadConstraints ?? []).flatMap(({ topologyKey, labelSelector }, index) => {
    const at = `${path}topologySpreadConstraints[${index}]`;
    const deprecated = deprecatedLabel(topologyKey);
    return [
      ...(deprecated ? [`${at}.topologyKey: ${topologyKey} is ${deprecated}`] : []),
      ...(labelSelector ? [] : [`${at}.labelSelector: ${NO_SELECTOR}`]),
    ];
  });

function volumeWarnings(spec: PodSpec, path: string): string[] {
  return (spec.volumes ?? []).flatMap((volume, index) => {
    const at = `${path}volumes[${index}]`;
    const claim = volume.ephemeral?.volumeClaimTemplate?.spec;
    return Object.entries(DEPRECATED_VOLUMES).flatMap(([source, text]) => [
      ...(source === 'cephfs' && claim ? claimSpecWarnings(claim, `${at}.ephemeral.volumeClaimTemplate.spec`) : []),
      ...(source in volume ? [`${at}.${source === 'storageos' ? 'storageOS' : source}: ${text}`] : []),
    ]);
  });
}

function duplicates<T>(
  list: T[] | undefined,
  key: (item: T) => string,
  warn: (item: T, index: number) => string,
): string[] {
  const seen = new Set<string>();
  return (list ?? []).flatMap((item, index) => {
    if (seen.has(key(item))) return [warn(item, index)];
    seen.add(key(item));
    return [];
  });
}

function envWarnings({ env }: Container, path: string): string[] {
  const seen = new Set<string>();
  return (env ?? []).flatMap(({ name, value = '', valueFrom }, index) => {
    const known = seen.has(name);
    seen.add(name);
    const reference = `$(${name})`;
    if (!known || (!valueFrom && value !== reference && value.includes(reference))) return [];
    return [
      `${path}.env[${index}]: hides previous definition of ${goQuote(name)}, which may be dropped when using apply`,
    ];
  });
}

const byteWarnings = (list: Record<string, string> | undefined, path: string, names = BYTES): string[] =>
  names.flatMap((name) => {
    const value = list?.[name];
    return value === undefined || Quantity.parse(value).isInteger()
      ? []
      : [`${path}[${name}]: fractional byte value ${goQuote(value)} is invalid, must be an integer`];
  });

type Annotations = Record<string, string>;

/** Profiles in annotations that no field repeats; pods (no prefix) hear of AppArmor when they are made. */
function profileWarnings(spec: PodSpec, container: Container, annotations: Annotations, prefix: string): string[] {
  const at = (key: string, text: string) =>
    key in annotations ? [`${prefix}metadata.annotations[${key}]: ${text}`] : [];
  const { seccompProfile, appArmorProfile = spec.securityContext?.appArmorProfile } = container.securityContext ?? {};
  return [
    ...(seccompProfile ? [] : at(SECCOMP_CONTAINER + container.name, NO_SECCOMP)),
    ...(prefix === '' || appArmorProfile
      ? []
      : at(APPARMOR_CONTAINER + container.name, 'deprecated since v1.30; use the "appArmorProfile" field instead')),
  ];
}

function containerWarnings(container: Container, path: string): string[] {
  const { limits, requests } = (container.resources ?? {}) as Record<string, Record<string, string>>;
  return [
    ...BYTES.flatMap((name) => [
      ...byteWarnings(limits, `${path}.resources.limits`, [name]),
      ...byteWarnings(requests, `${path}.resources.requests`, [name]),
    ]),
    ...envWarnings(container, path),
  ];
}

type Port = NonNullable<Container['ports']>[number];

/** What is odd about two definitions of one port; nothing when both can stand. */
function portClash(a: Port, b: Port): string | undefined {
  const [hostA, hostB] = [a.hostPort ?? 0, b.hostPort ?? 0];
  const [ipA, ipB] = [a.hostIP ?? '', b.hostIP ?? ''];
  if (ipA === ipB && hostA === hostB) return 'duplicate';
  if (hostA === 0 || hostB === 0) return 'overlapping';
  return hostA === hostB && (ipA === '') !== (ipB === '') ? 'dangerously ambiguous' : undefined;
}

/** A port as `%+v` prints a core.ContainerPort. */
const goPort = ({ name = '', hostPort = 0, containerPort, protocol = '', hostIP = '' }: Port): string =>
  `{Name:${name} HostPort:${hostPort} ContainerPort:${containerPort} Protocol:${protocol} HostIP:${hostIP}}`;

function portWarnings(containers: [Container, string][]): string[] {
  const ports = containers.flatMap(([container, path]) =>
    (container.ports ?? []).map((port, index) => ({ at: `${path}.ports[${index}]`, port })),
  );
  const clashes = ports.flatMap(({ at, port }, index) => [
    ...(port.hostIP && !port.hostPort ? [`${at}: hostIP set without hostPort: ${goPort(port)}`] : []),
    ...ports.slice(0, index).flatMap((other) => {
      const samePort = other.port.containerPort === port.containerPort && other.port.protocol === port.protocol;
      const clash = samePort && portClash(port, other.port);
      return clash ? [`${at}: ${clash} port definition with ${other.at}`] : [];
    }),
  ]);
  const first = new Map<string, string>();
  const names = ports.flatMap(({ at, port: { name } }) => {
    if (!name) return [];
    const other = first.get(name);
    if (other === undefined) {
      first.set(name, at);
      return [];
    }
    return [
      `${at}: duplicate port name ${goQuote(name)} with ${other}, services and probes that select ports by name will use ${other}`,
    ];
  });
  return [...clashes, ...names];
}

/** Terms of pod affinity that select nothing. */
function podAffinityWarnings(spec: PodSpec, path: string): string[] {
  return (['podAffinity', 'podAntiAffinity'] as const).flatMap((name) => {
    const affinity = spec.affinity?.[name];
    const at = `${path}affinity.${name}`;
    const warn = (term: { labelSelector?: object } | undefined, where: string) =>
      term?.labelSelector ? [] : [`${where}.labelSelector: ${NO_SELECTOR}`];
    const { requiredDuringSchedulingIgnoredDuringExecution, preferredDuringSchedulingIgnoredDuringExecution } =
      affinity ?? {};
    return [
      ...(requiredDuringSchedulingIgnoredDuringExecution ?? []).flatMap((term, index) =>
        warn(term, `${at}.requiredDuringSchedulingIgnoredDuringExecution[${index}]`),
      ),
      ...(preferredDuringSchedulingIgnoredDuringExecution ?? []).flatMap(({ podAffinityTerm }, index) =>
        warn(podAffinityTerm, `${at}.preferredDuringSchedulingIgnoredDuringExecution[${index}].podAffinityTerm`),
      ),
    ];
  });
}

/** Warnings for a pod (`prefix` empty) or a template (`prefix` its path and a dot): pkg/api/pod GetWarningsForPod. */
export function podWarnings(spec: PodSpec, metadata: ObjectMeta | undefined, prefix = ''): string[] {
  const path = `${prefix}spec.`;
  const annotations = metadata?.annotations ?? {};
  const containers = visitContainers(spec, `${prefix}spec`);
  const secrets = spec.imagePullSecrets ?? [];
  return [
    ...labelWarnings(Object.keys(spec.nodeSelector ?? {}).sort(), `${path}nodeSelector`),
    ...nodeAffinityWarnings(spec, path),
    ...spreadWarnings(spec, path),
    ...Object.entries(DEPRECATED_ANNOTATIONS).flatMap(([key, text]) =>
      key in annotations ? [`${prefix}metadata.annotations[${key}]: ${text}`] : [],
    ),
    ...volumeWarnings(spec, path),
    ...overlappingPathWarnings(spec.volumes),
    ...duplicates(
      spec.hostAliases,
      ({ ip }) => ip,
      ({ ip }, index) => `${path}hostAliases[${index}].ip: duplicate ip ${goQuote(ip)}`,
    ),
    ...duplicates(
      secrets,
      ({ name }) => name ?? '',
      ({ name }, index) => `${path}imagePullSecrets[${index}].name: duplicate name ${goQuote(name ?? '')}`,
    ),
    ...secrets.flatMap(({ name }, index) =>
      name ? [] : [`${path}imagePullSecrets[${index}].name: invalid empty name ""`],
    ),
    ...byteWarnings(spec.overhead as Record<string, string> | undefined, `${path}overhead`),
    ...(SECCOMP_POD in annotations && !spec.securityContext?.seccompProfile
      ? [`${prefix}metadata.annotations[${SECCOMP_POD}]: ${NO_SECCOMP}`]
      : []),
    ...containers.flatMap(([container, at]) => [
      ...profileWarnings(spec, container, annotations, prefix),
      ...containerWarnings(container, at),
    ]),
    ...portWarnings(containers),
    ...((spec.terminationGracePeriodSeconds ?? 0) < 0
      ? [`${path}terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1`]
      : []),
    ...podAffinityWarnings(spec, path),
    ...(spec.dnsConfig?.nameservers ?? []).flatMap((ip, index) =>
      ipWarnings(`${path}dnsConfig.nameservers[${index}]`, ip),
    ),
    ...(spec.hostAliases ?? []).flatMap(({ ip }, index) => ipWarnings(`${path}hostAliases[${index}].ip`, ip)),
  ];
}

/** The same of a workload's template, at `spec.template`. */
export const templateWarnings = (template: PodTemplateSpec | undefined, path = 'spec.template'): string[] =>
  template?.spec ? podWarnings(template.spec, template.metadata, `${path}.`) : [];

/** A name that becomes part of host names and is none itself. */
export function nameWarnings({ metadata: { name = '' } }: KubeObject, use = 'Pod names and hostnames'): string[] {
  const wrong = isDns1123Label(name);
  if (wrong.length === 0) return [];
  return [
    `metadata.name: this is used in ${use}, which can result in surprising behavior; a DNS label is recommended: [${wrong.join(' ')}]`,
  ];
}

/**
 * What a workload is warned of: of its name when it is made, of its template then and whenever its generation changes.
 */
export function workloadWarnings(
  object: KubeObject,
  old: KubeObject | undefined,
  template: PodTemplateSpec | undefined,
  path = 'spec.template',
): string[] {
  if (old && old.metadata.generation === object.metadata.generation) return [];
  return [...(old ? [] : nameWarnings(object)), ...templateWarnings(template, path)];
}
