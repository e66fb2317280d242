import type { Container, ContainerStatus, Pod, Probe } from '../../types/objects.ts';
import { goSlice, printBool, rfc1123z } from './format.ts';
import { containerResourceValue } from './quantities.ts';
import type { DescribeWriter } from './writer.ts';

type Env = NonNullable<Container['env']>[number];
type State = NonNullable<ContainerStatus['state']>;
type Resources = NonNullable<Container['resources']>;
/** The value of an environment variable that comes from a field of the pod. */
export type FieldResolver = (fieldPath: string) => string;

/** Resolves the field paths that kubectl's scheme knows of every kind. */
export const podFieldResolver =
  ({ metadata }: Pod): FieldResolver =>
  (path) =>
    (path === 'metadata.name' && metadata.name) || (path === 'metadata.namespace' && metadata.namespace) || '';

function ports(container: Container, field: 'containerPort' | 'hostPort'): string {
  return (container.ports ?? []).map((p) => `${p[field] ?? 0}/${p.protocol ?? 'TCP'}`).join(', ');
}

const several = (word: string, text: string): [string, string] =>
  text.includes(',') ? [`${word}s`, text] : [word, text || '<none>'];

/** `http-get http://:80/ delay=0s timeout=1s period=10s #success=1 #failure=3` */
export function probeText(probe: Probe): string {
  const n = (v: number | undefined) => v ?? 0;
  const attributes = `delay=${n(probe.initialDelaySeconds)}s timeout=${n(probe.timeoutSeconds)}s period=${n(probe.periodSeconds)}s #success=${n(probe.successThreshold)} #failure=${n(probe.failureThreshold)}`;
  if (probe.exec) return `exec ${goSlice(probe.exec.command)} ${attributes}`;
  if (probe.httpGet) {
    const { scheme = '', host = '', port, path = '' } = probe.httpGet;
    const join = host.includes(':') ? `[${host}]` : host;
    const slash = path && !path.startsWith('/') ? '/' : '';
    return `http-get ${scheme.toLowerCase()}://${join}:${port}${slash}${path} ${attributes}`;
  }
  if (probe.tcpSocket) return `tcp-socket ${probe.tcpSocket.host ?? ''}:${probe.tcpSocket.port} ${attributes}`;
  if (probe.grpc) return `grpc <pod>:${probe.grpc.port} ${probe.grpc.service ?? ''} ${attributes}`;
  return `unknown ${attributes}`;
}

function writeState(w: DescribeWriter, title: string, state: State | undefined): void {
  if (state?.running) {
    w.row(2, title, 'Running');
    return w.row(3, 'Started', rfc1123z(state.running.startedAt));
  }
  if (state?.terminated) {
    const t = state.terminated;
    w.row(2, title, 'Terminated');
    if (t.reason) w.row(3, 'Reason', t.reason);
    if (t.message) w.row(3, 'Message', t.message);
    w.row(3, 'Exit Code', t.exitCode);
    if (t.signal) w.row(3, 'Signal', t.signal);
    w.row(3, 'Started', rfc1123z(t.startedAt));
    return w.row(3, 'Finished', rfc1123z(t.finishedAt));
  }
  w.row(2, title, 'Waiting');
  if (state?.waiting?.reason) w.row(3, 'Reason', state.waiting.reason);
}

/** Limits, then requests, sorted by resource. */
export function writeResources(w: DescribeWriter, resources: Resources | undefined, level: number): void {
  for (const [title, list] of [
    ['Limits', resources?.limits],
    ['Requests', resources?.requests],
  ] as const) {
    const names = Object.keys(list ?? {}).sort();
    if (names.length) w.write(level, `${title}:\n`);
    for (const name of names) w.row(level + 1, name, list?.[name]);
  }
}

function writeLines(w: DescribeWriter, title: string, items: string[] | undefined): void {
  if (!items?.length) return;
  w.write(2, `${title}:\n`);
  for (const line of items.flatMap((item) => item.split('\n'))) w.write(3, `${line}\n`);
}

function writeEnvFrom(w: DescribeWriter, container: Container): void {
  if (!container.envFrom?.length) return;
  w.write(2, 'Environment Variables from:\n');
  for (const { configMapRef, secretRef, prefix } of container.envFrom) {
    const kind = configMapRef ? 'ConfigMap' : secretRef ? 'Secret' : '';
    const source = configMapRef ?? secretRef;
    w.cells(
      3,
      source?.name ?? '',
      prefix ? `${kind} with prefix '${prefix}'` : kind,
      `Optional: ${source?.optional ?? false}`,
    );
  }
}

function writeEnvVar(w: DescribeWriter, e: Env, container: Container, resolve: FieldResolver | undefined): void {
  const from = e.valueFrom;
  if (!from) {
    (e.value ?? '').split('\n').forEach((line, i) => {
      w.write(3, i ? `\t${line}\n` : `${e.name}:\t${line}\n`);
    });
  } else if (from.fieldRef) {
    w.row(
      3,
      e.name,
      `${resolve?.(from.fieldRef.fieldPath) ?? ''} (${from.fieldRef.apiVersion}:${from.fieldRef.fieldPath})`,
    );
  } else if (from.resourceFieldRef) {
    const { resource, divisor } = from.resourceFieldRef;
    const value = containerResourceValue(container, resource, divisor);
    w.row(
      3,
      e.name,
      `${value === '0' && /^limits\.(cpu|memory)$/.test(resource) ? 'node allocatable' : value} (${resource})`,
    );
  } else if (from.secretKeyRef) {
    const { key, name, optional = false } = from.secretKeyRef;
    w.row(3, e.name, `<set to the key '${key}' in secret '${name}'>\tOptional: ${optional}`);
  } else if (from.configMapKeyRef) {
    const { key, name, optional = false } = from.configMapKeyRef;
    w.row(3, e.name, `<set to the key '${key}' of config map '${name}'>\tOptional: ${optional}`);
  }
}

function writeMounts(w: DescribeWriter, container: Container): void {
  const mounts = [...(container.volumeMounts ?? [])].sort((a, b) => (a.mountPath < b.mountPath ? -1 : 1));
  const none = mounts.length ? '' : '\t<none>';
  w.write(2, `Mounts:${none}\n`);
  for (const m of mounts) {
    const flags = [m.readOnly ? 'ro' : 'rw', ...(m.subPath ? [`path=${JSON.stringify(m.subPath)}`] : [])];
    w.write(3, `${m.mountPath} from ${m.name} (${flags.join(',')})\n`);
  }
  const devices = [...(container.volumeDevices ?? [])].sort((a, b) => (a.devicePath < b.devicePath ? -1 : 1));
  if (devices.length) w.write(2, `Devices:${none}\n`);
  for (const d of devices) w.write(3, `${d.devicePath} from ${d.name}\n`);
}

const PROBES = [
  ['Liveness', 'livenessProbe'],
  ['Readiness', 'readinessProbe'],
  ['Startup', 'startupProbe'],
] as const;

function writeContainer(
  w: DescribeWriter,
  container: Container,
  status: ContainerStatus | undefined,
  resolve: FieldResolver | undefined,
  indent: string,
): void {
  w.write(1, `${indent ? ' ' : ''}${container.name}:\n`);
  if (status) w.row(2, 'Container ID', status.containerID ?? '');
  w.row(2, 'Image', container.image ?? '');
  if (status) w.row(2, 'Image ID', status.imageID ?? '');
  w.row(2, ...several('Port', ports(container, 'containerPort')));
  w.row(2, ...several('Host Port', ports(container, 'hostPort')));
  const seccomp = container.securityContext?.seccompProfile;
  if (seccomp) {
    w.row(2, 'SeccompProfile', seccomp.type);
    if (seccomp.type === 'Localhost') w.row(3, 'LocalhostProfile', seccomp.localhostProfile);
  }
  writeLines(w, 'Command', container.command);
  writeLines(w, 'Args', container.args);
  if (status) {
    writeState(w, 'State', status.state);
    if (status.lastState?.terminated) writeState(w, 'Last State', status.lastState);
    w.row(2, 'Ready', printBool(status.ready));
    w.row(2, 'Restart Count', status.restartCount);
  }
  writeResources(w, container.resources, 2);
  for (const [title, field] of PROBES) if (container[field]) w.row(2, title, probeText(container[field]));
  writeEnvFrom(w, container);
  w.write(2, `Environment:${container.env?.length ? '' : '\t<none>'}\n`);
  for (const e of container.env ?? []) writeEnvVar(w, e, container, resolve);
  writeMounts(w, container);
}

/** A titled list of containers; with statuses for a pod, indented for a template. */
export function writeContainers(
  w: DescribeWriter,
  title: string,
  containers: Container[] | undefined,
  { statuses, resolve, indent = '' }: { statuses?: ContainerStatus[]; resolve?: FieldResolver; indent?: string } = {},
): void {
  w.write(0, `${indent}${title}:${containers?.length ? '' : ' <none>'}\n`);
  for (const container of containers ?? [])
    writeContainer(
      w,
      container,
      statuses?.find((s) => s.name === container.name),
      resolve,
      indent,
    );
}
