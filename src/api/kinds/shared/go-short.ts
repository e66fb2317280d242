import { goQuote } from '../../../base/go-quote.ts';
import { sortedEntries } from './checks.ts';

/** Fields whose Go name is not the JSON name with its first letter raised. */
const NAMES: Record<string, string> = {
  apiVersion: 'APIVersion',
  httpGet: 'HTTPGet',
  httpHeaders: 'HTTPHeaders',
  tcpSocket: 'TCPSocket',
  grpc: 'GRPC',
  ip: 'IP',
  tty: 'TTY',
  csi: 'CSI',
  nfs: 'NFS',
  dnsPolicy: 'DNSPolicy',
  seLinuxOptions: 'SELinuxOptions',
};

/** Fields that Go holds by pointer. */
const POINTERS = new Set([
  'allowPrivilegeEscalation',
  'capabilities',
  'configMap',
  'configMapKeyRef',
  'configMapRef',
  'csi',
  'defaultMode',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'exec',
  'fieldRef',
  'grpc',
  'hostPath',
  'httpGet',
  'lifecycle',
  'livenessProbe',
  'mode',
  'nfs',
  'optional',
  'persistentVolumeClaim',
  'postStart',
  'preStop',
  'privileged',
  'projected',
  'readOnlyRootFilesystem',
  'readinessProbe',
  'resourceFieldRef',
  'runAsGroup',
  'runAsNonRoot',
  'runAsUser',
  'seccompProfile',
  'secret',
  'secretKeyRef',
  'secretRef',
  'securityContext',
  'serviceAccountToken',
  'sizeLimit',
  'startupProbe',
  'tcpSocket',
  'tolerationSeconds',
  'valueFrom',
]);

/** Go's order of fields where it is not the alphabet's. */
const ORDER = [
  'name',
  'image',
  'command',
  'args',
  'workingDir',
  'ports',
  'envFrom',
  'env',
  'resources',
  'resizePolicy',
  'restartPolicy',
  'volumeMounts',
  'volumeDevices',
  'livenessProbe',
  'readinessProbe',
  'startupProbe',
  'lifecycle',
  'terminationMessagePath',
  'terminationMessagePolicy',
  'imagePullPolicy',
  'securityContext',
  'stdin',
  'stdinOnce',
  'tty',
  'hostPort',
  'containerPort',
  'protocol',
  'key',
  'operator',
  'value',
  'effect',
  'readOnly',
  'mountPath',
  'expirationSeconds',
  'path',
  'scheme',
  'sources',
  'secretName',
  'items',
  'defaultMode',
];

const VOLUME_SOURCES = new Set([
  'emptyDir',
  'hostPath',
  'configMap',
  'secret',
  'projected',
  'downwardAPI',
  'persistentVolumeClaim',
  'nfs',
  'csi',
  'ephemeral',
]);
/** Sources that name their object through an embedded LocalObjectReference. */
const NAMED_SOURCES = new Set(['configMap', 'configMapKeyRef', 'secretKeyRef', 'configMapRef', 'secretRef']);

type Fields = Record<string, unknown>;

const goName = (json: string) => NAMES[json] ?? json.charAt(0).toUpperCase() + json.slice(1);
const rank = (key: string) => (ORDER.indexOf(key) + ORDER.length + 1) % (ORDER.length + 1);
const isEmpty = (value: unknown) =>
  value === false ||
  value === 0 ||
  value === '' ||
  (typeof value === 'object' && value !== null && Object.keys(value).length === 0);

function fieldTexts(object: Fields, parent?: string): string[] {
  const entries = sortedEntries(object).sort(([a], [b]) => rank(a) - rank(b));
  return entries.flatMap(([key, value]) => {
    if (isEmpty(value) && !POINTERS.has(key)) return [];
    const text = `${goName(key)}: ${POINTERS.has(key) ? '&' : ''}${goShort(value, key)}`;
    if (key === 'name' && parent && NAMED_SOURCES.has(parent)) return [`LocalObjectReference: {${text}}`];
    return VOLUME_SOURCES.has(key) && 'name' in object ? [`VolumeSource: {${text}}`] : [text];
  });
}

/** cmp.Diff shows four of what did not change, and that there is more. */
const MAX_SHOWN = 4;
const braced = (texts: string[]): string =>
  `{${(texts.length > MAX_SHOWN ? [...texts.slice(0, MAX_SHOWN), '...'] : texts).join(', ')}}`;

/** A value below a field as cmp.Diff abbreviates it: without types, and without what is empty. */
export function goShort(value: unknown, key?: string): string {
  if (value === undefined || value === null) return 'nil';
  if (typeof value === 'string') return goQuote(value);
  if (typeof value !== 'object') return String(value);
  if (Array.isArray(value)) return braced(value.map((item) => goShort(item)));
  return braced(fieldTexts(value as Fields, key));
}
