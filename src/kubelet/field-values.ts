import { goQuote } from '../base/go-quote.ts';
import { fnv132 } from '../base/hash.ts';
import { Quantity } from '../base/quantity.ts';
import type { MachineRecord } from '../types/node-runtime.ts';
import type { Container, Pod } from '../types/objects.ts';
import { ConfigError } from './config-error.ts';

/** What the downward API needs to know beside the pod's object. */
export interface FieldSources {
  pod: Pod;
  machine: MachineRecord;
  podIP: string;
}

/** `key="value"` a line, sorted, as fieldpath.FormatMap writes labels and annotations. */
const formatMap = (map: Record<string, string> | undefined): string =>
  Object.keys(map ?? {})
    .sort()
    .map((key) => `${key}=${goQuote(map![key]!)}`)
    .join('\n');

/** The annotations of the pod that a kubelet has in memory: its own say where the pod came from, and when it was first seen. */
function annotationsOf({ metadata }: Pod): Record<string, string> {
  const nanoseconds = String(fnv132(metadata.uid ?? '') % 1e9)
    .padStart(9, '0')
    .replace(/0+$/, '');
  return {
    'kubernetes.io/config.seen': (metadata.creationTimestamp ?? '').replace(/Z$/, `.${nanoseconds}Z`),
    'kubernetes.io/config.source': 'api',
    ...metadata.annotations,
  };
}

const PLAIN: Record<string, (sources: FieldSources) => string> = {
  'metadata.name': ({ pod }) => pod.metadata.name!,
  'metadata.namespace': ({ pod }) => pod.metadata.namespace!,
  'metadata.uid': ({ pod }) => pod.metadata.uid!,
  'metadata.labels': ({ pod }) => formatMap(pod.metadata.labels),
  'metadata.annotations': ({ pod }) => formatMap(annotationsOf(pod)),
  'spec.nodeName': ({ pod }) => pod.spec!.nodeName!,
  'spec.serviceAccountName': ({ pod }) => pod.spec!.serviceAccountName ?? '',
  'status.hostIP': ({ machine }) => machine.internalIP,
  'status.hostIPs': ({ machine }) => machine.internalIP,
  'status.podIP': ({ podIP }) => podIP,
  'status.podIPs': ({ podIP }) => podIP,
};

/** The value of a fieldRef; `metadata.labels['app']` picks one entry. Throws as fieldpath does. */
export function fieldValue(sources: FieldSources, fieldPath: string): string {
  const subscript = /^(metadata\.(?:labels|annotations))\['(.*)'\]$/.exec(fieldPath);
  if (subscript) {
    const map = subscript[1] === 'metadata.labels' ? sources.pod.metadata.labels : annotationsOf(sources.pod);
    return map?.[subscript[2]!] ?? '';
  }
  const value = PLAIN[fieldPath];
  if (!value) throw new ConfigError(`unsupported fieldPath: ${fieldPath}`);
  return value(sources);
}

const divideUp = (value: number, divisor: number) => Math.ceil(value / divisor);

/** The value of a resourceFieldRef: limits that are not set are the node's allocatable; divided and rounded up. */
export function resourceValue(
  sources: FieldSources,
  container: Container,
  ref: { resource: string; divisor?: string; containerName?: string },
): string {
  const { pod, machine } = sources;
  const named = ref.containerName
    ? [...pod.spec!.containers, ...(pod.spec!.initContainers ?? [])].find((c) => c.name === ref.containerName)
    : container;
  if (!named) throw new ConfigError(`container ${ref.containerName} not found`);
  const [kind, name] = ref.resource.split('.') as ['limits' | 'requests', string];
  const allocatable = (machine.allocatable ?? machine.capacity)[name];
  const own = named.resources?.[kind]?.[name];
  const text = own ?? (kind === 'limits' ? allocatable : undefined) ?? '0';
  const divisor = !ref.divisor || ref.divisor === '0' ? '1' : ref.divisor;
  if (name === 'cpu') return String(divideUp(Quantity.parse(text).milliValue(), Quantity.parse(divisor).milliValue()));
  return String(divideUp(Quantity.parse(text).value(), Quantity.parse(divisor).value()));
}
