import { goQuote } from '../../../base/go-quote.ts';
import type { PodSpec } from '../../../types/objects.ts';
import { same, sortedEntries } from '../shared/checks.ts';

type Fields = Record<string, unknown>;

/** Fields of core.PodSpec in their order, by their JSON names; those of the host live in its security context. */
const FIELDS: [go: string, json: string, type: 'string' | 'map' | 'other'][] = [
  ['Volumes', 'volumes', 'other'],
  ['InitContainers', 'initContainers', 'other'],
  ['Containers', 'containers', 'other'],
  ['EphemeralContainers', 'ephemeralContainers', 'other'],
  ['RestartPolicy', 'restartPolicy', 'string'],
  ['TerminationGracePeriodSeconds', 'terminationGracePeriodSeconds', 'other'],
  ['ActiveDeadlineSeconds', 'activeDeadlineSeconds', 'other'],
  ['DNSPolicy', 'dnsPolicy', 'string'],
  ['NodeSelector', 'nodeSelector', 'map'],
  ['ServiceAccountName', 'serviceAccountName', 'string'],
  ['AutomountServiceAccountToken', 'automountServiceAccountToken', 'other'],
  ['NodeName', 'nodeName', 'string'],
  ['SecurityContext', 'securityContext', 'other'],
  ['ImagePullSecrets', 'imagePullSecrets', 'other'],
  ['Hostname', 'hostname', 'string'],
  ['Subdomain', 'subdomain', 'string'],
  ['SetHostnameAsFQDN', 'setHostnameAsFQDN', 'other'],
  ['Affinity', 'affinity', 'other'],
  ['SchedulerName', 'schedulerName', 'string'],
  ['Tolerations', 'tolerations', 'other'],
  ['HostAliases', 'hostAliases', 'other'],
  ['PriorityClassName', 'priorityClassName', 'string'],
  ['Priority', 'priority', 'other'],
  ['PreemptionPolicy', 'preemptionPolicy', 'other'],
  ['DNSConfig', 'dnsConfig', 'other'],
  ['ReadinessGates', 'readinessGates', 'other'],
  ['RuntimeClassName', 'runtimeClassName', 'other'],
  ['Overhead', 'overhead', 'map'],
  ['EnableServiceLinks', 'enableServiceLinks', 'other'],
  ['TopologySpreadConstraints', 'topologySpreadConstraints', 'other'],
  ['OS', 'os', 'other'],
  ['SchedulingGates', 'schedulingGates', 'other'],
  ['ResourceClaims', 'resourceClaims', 'other'],
  ['Resources', 'resources', 'other'],
];

const HOST_FIELDS = ['hostNetwork', 'hostPID', 'hostIPC', 'shareProcessNamespace', 'hostUsers'];
const CONTEXT = 2;

/** The internal form: what v1 keeps in the spec and core in its security context is moved there. */
function internal(spec: PodSpec): Fields {
  const { ...fields } = spec as unknown as Fields;
  const context: Fields = { ...(fields.securityContext as Fields | undefined) };
  for (const name of HOST_FIELDS) {
    if (fields[name] !== undefined && fields[name] !== false) context[name] = fields[name];
    delete fields[name];
  }
  if (fields.securityContext || Object.keys(context).length > 0) fields.securityContext = context;
  delete fields.serviceAccount;
  return fields;
}

const goName = (json: string) => json.charAt(0).toUpperCase() + json.slice(1);

/** A value as cmp.Diff abbreviates it. */
function show(value: unknown, nested = false): string {
  if (value === undefined || value === null) return 'nil';
  if (typeof value === 'string') return goQuote(value);
  if (typeof value !== 'object') return nested ? String(value) : `&${value}`;
  if (Array.isArray(value)) return `{${value.map((item) => show(item, true)).join(', ')}}`;
  const fields = sortedEntries(value as Fields).map(([key, item]) => `${goName(key)}: ${show(item, true)}`);
  return `${nested ? '' : '&'}{${fields.join(', ')}}`;
}

function showField(value: unknown, type: 'string' | 'map' | 'other'): string {
  if (type === 'string') return goQuote((value as string | undefined) ?? '');
  if (type !== 'map' || value === undefined) return show(value);
  const entries = sortedEntries(value as Record<string, string>).map(
    ([key, item]) => `${goQuote(key)}: ${goQuote(item)}`,
  );
  return `map[string]string{${entries.join(', ')}}`;
}

/** cmp.Diff of two core.PodSpec, one level deep: changed fields with two identical ones on either side. */
export function podSpecDiff(before: PodSpec, after: PodSpec): string {
  const [old, now] = [internal(before), internal(after)];
  const changed = FIELDS.map(([, json]) => !same(old[json], now[json]));
  const shown = changed.map((_, index) =>
    changed.slice(Math.max(0, index - CONTEXT), index + CONTEXT + 1).some(Boolean),
  );
  const width = Math.max(0, ...FIELDS.filter((_, index) => shown[index]).map(([go]) => go.length)) + 2;
  const lines: string[] = [];
  let skipped = 0;
  const flush = () => {
    if (skipped > 0) lines.push(`  \t... // ${skipped} identical ${skipped === 1 ? 'field' : 'fields'}`);
    skipped = 0;
  };
  for (const [index, [go, json, type]] of FIELDS.entries()) {
    if (!shown[index]) {
      skipped++;
      continue;
    }
    flush();
    const line = (sign: string, fields: Fields) =>
      lines.push(`${sign} \t${`${go}:`.padEnd(width)}${showField(fields[json], type)},`);
    if (changed[index]) {
      line('-', old);
      line('+', now);
    } else line(' ', now);
  }
  flush();
  return ['  core.PodSpec{', ...lines, '  }', ''].join('\n');
}
