import { goQuote } from '../../../base/go-quote.ts';
import { Quantity } from '../../../base/quantity.ts';
import type { Container, ObjectMeta, PodSpec, PodTemplateSpec } from '../../../types/objects.ts';
import { sortedEntries } from './checks.ts';
import { deprecatedLabel, termWarnings } from './node-label-warnings.ts';

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
      termWarnings(preference, `${at}.preferredDuringSchedulingIgnoredDuringExecution[${index}].preference`),
    ),
  ];
}

const spreadWarnings = (spec: PodSpec, path: string): string[] =>
  (spec.topologySpreadConstraints ?? []).flatMap(({ topologyKey, labelSelector }, index) => {
    const at = `${path}topologySpreadConstraints[${index}]`;
    const deprecated = deprecatedLabel(topologyKey);
    return [
      ...(deprecated ? [`${at}.topologyKey: ${topologyKey} is ${deprecated}`] : []),
      ...(labelSelector ? [] : [`${at}.labelSelector: a null labelSelector results in matching no pod`]),
    ];
  });

function volumeWarnings(spec: PodSpec, path: string): string[] {
  return (spec.volumes ?? []).flatMap((volume, index) =>
    Object.keys(volume).flatMap((source) =>
      DEPRECATED_VOLUMES[source]
        ? [`${path}volumes[${index}].${source === 'storageos' ? 'storageOS' : source}: ${DEPRECATED_VOLUMES[source]}`]
        : [],
    ),
  );
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

const byteWarnings = (list: Record<string, string> | undefined, path: string): string[] =>
  BYTES.flatMap((name) => {
    const value = list?.[name];
    return value === undefined || Quantity.parse(value).isInteger()
      ? []
      : [`${path}[${name}]: fractional byte value ${goQuote(value)} is invalid, must be an integer`];
  });

function containerWarnings(container: Container, path: string): string[] {
  const { limits, requests } = (container.resources ?? {}) as Record<string, Record<string, string>>;
  return [
    ...byteWarnings(limits, `${path}.resources.limits`),
    ...byteWarnings(requests, `${path}.resources.requests`),
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

function portWarnings(containers: [string, Container][]): string[] {
  const ports = containers.flatMap(([path, container]) =>
    (container.ports ?? []).map((port, index) => ({ at: `${path}.ports[${index}]`, port })),
  );
  const clashes = ports.flatMap(({ at, port }, index) =>
    ports.slice(0, index).flatMap((other) => {
      const samePort = other.port.containerPort === port.containerPort && other.port.protocol === port.protocol;
      const clash = samePort && portClash(port, other.port);
      return clash ? [`${at}: ${clash} port definition with ${other.at}`] : [];
    }),
  );
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

/** Warnings for a pod (`prefix` empty) or a template (`prefix` its path and a dot): pkg/api/pod GetWarningsForPod. */
export function podWarnings(spec: PodSpec, metadata: ObjectMeta | undefined, prefix = ''): string[] {
  const path = `${prefix}spec.`;
  const containers = (['initContainers', 'containers', 'ephemeralContainers'] as const).flatMap((list) =>
    (spec[list] ?? []).map((container, index): [string, Container] => [
      `${path}${list}[${index}]`,
      container as Container,
    ]),
  );
  const secrets = spec.imagePullSecrets ?? [];
  return [
    ...labelWarnings(Object.keys(spec.nodeSelector ?? {}).sort(), `${path}nodeSelector`),
    ...nodeAffinityWarnings(spec, path),
    ...spreadWarnings(spec, path),
    ...sortedEntries(metadata?.annotations).flatMap(([key]) =>
      DEPRECATED_ANNOTATIONS[key] ? [`${prefix}metadata.annotations[${key}]: ${DEPRECATED_ANNOTATIONS[key]}`] : [],
    ),
    ...volumeWarnings(spec, path),
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
    ...containers.flatMap(([at, container]) => containerWarnings(container, at)),
    ...portWarnings(containers),
    ...((spec.terminationGracePeriodSeconds ?? 0) < 0
      ? [`${path}terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1`]
      : []),
  ];
}

/** The same of a workload's template, at `spec.template`. */
export const templateWarnings = (template: PodTemplateSpec | undefined, path = 'spec.template'): string[] =>
  template?.spec ? podWarnings(template.spec, template.metadata, `${path}.`) : [];
