import type { LimitRange, Namespace, ResourceQuota } from '../../types/objects.ts';
import { rfc1123z, writeMeta } from './format.ts';
import type { Describer } from './source.ts';
import { DescribeWriter } from './writer.ts';

const WHOLE = { whole: true };

const LIMIT_TITLES = ['Type', 'Resource', 'Min', 'Max', 'Default Request', 'Default Limit', 'Max Limit/Request Ratio'];
const LIMIT_DASHES = ['----', '--------', '---', '---', '---------------', '-------------', '-----------------------'];

/** What the scopes of a quota mean. */
const SCOPE_HELP: Record<string, string> = {
  Terminating:
    'Matches all pods that have an active deadline. These pods have a limited lifespan on a node before being actively terminated by the system.',
  NotTerminating:
    'Matches all pods that do not have an active deadline. These pods usually include long running pods whose container command is not expected to terminate.',
  BestEffort:
    'Matches all pods that do not have resource requirements set. These pods have a best effort quality of service.',
  NotBestEffort:
    'Matches all pods that have at least one resource requirement set. These pods have a burstable or guaranteed quality of service.',
};

function writeLimits(w: DescribeWriter, range: LimitRange, prefix = ''): void {
  for (const item of range.spec?.limits ?? []) {
    const columns = [item.min, item.max, item.defaultRequest, item.default, item.maxLimitRequestRatio];
    const names = [...new Set(columns.flatMap((c) => Object.keys(c ?? {})))].sort();
    for (const name of names) w.cells(0, `${prefix}${item.type}`, name, ...columns.map((c) => c?.[name] ?? '-'));
  }
}

function writeScopes(w: DescribeWriter, quota: ResourceQuota, level: number, bullet: string): void {
  const scopes = [...(quota.spec?.scopes ?? [])].sort();
  if (!scopes.length) return;
  w.row(level, 'Scopes', scopes.join(', '));
  for (const scope of scopes) if (SCOPE_HELP[scope]) w.write(level, `${bullet}${SCOPE_HELP[scope]}\n`);
}

function writeUsage(w: DescribeWriter, quota: ResourceQuota, level: number): void {
  for (const name of Object.keys(quota.status?.hard ?? {}).sort())
    w.cells(level, name, quota.status?.used?.[name] ?? '0', quota.status?.hard?.[name]);
}

/** Source: describeQuota. */
export const describeResourceQuota: Describer<ResourceQuota> = async (quota) => {
  const w = new DescribeWriter();
  w.row(0, 'Name', quota.metadata.name);
  w.row(0, 'Namespace', quota.metadata.namespace);
  writeScopes(w, quota, 0, ' * ');
  w.head(0, ['Resource', 'Used', 'Hard'], ['--------', '----', '----']);
  writeUsage(w, quota, 0);
  return w.toString();
};

/** Source: describeLimitRange. */
export const describeLimitRange: Describer<LimitRange> = async (range) => {
  const w = new DescribeWriter();
  w.row(0, 'Name', range.metadata.name);
  w.row(0, 'Namespace', range.metadata.namespace);
  w.head(0, LIMIT_TITLES, LIMIT_DASHES);
  writeLimits(w, range);
  return w.toString();
};

function writeQuotas(w: DescribeWriter, quotas: ResourceQuota[]): void {
  if (!quotas.length) return w.write(0, 'No resource quota.\n');
  w.write(0, 'Resource Quotas\n');
  for (const quota of [...quotas].sort((a, b) => (a.metadata.name! < b.metadata.name! ? -1 : 1))) {
    w.row(1, 'Name', quota.metadata.name);
    writeScopes(w, quota, 1, '* ');
    w.head(1, ['Resource', 'Used', 'Hard'], ['--------', '---', '---']);
    writeUsage(w, quota, 1);
  }
}

function writeLimitRanges(w: DescribeWriter, ranges: LimitRange[]): void {
  if (!ranges.length) return w.write(0, 'No LimitRange resource.\n');
  w.write(0, 'Resource Limits\n');
  const [title, ...titles] = LIMIT_TITLES;
  const [dash, ...dashes] = LIMIT_DASHES;
  w.head(0, [` ${title}`, ...titles], [` ${dash}`, ...dashes]);
  for (const range of ranges) writeLimits(w, range, ' ');
}

/** Source: describeNamespace. */
export const describeNamespace: Describer<Namespace> = async (ns, source) => {
  const w = new DescribeWriter();
  writeMeta(w, ns, { namespaced: false });
  w.row(0, 'Status', ns.status?.phase ?? '');
  if (ns.status?.conditions?.length) {
    w.write(0, 'Conditions:\n');
    w.head(1, ['Type', 'Status', 'LastTransitionTime', 'Reason', 'Message']);
    for (const c of ns.status.conditions)
      w.cells(1, c.type, c.status, rfc1123z(c.lastTransitionTime), c.reason ?? '', c.message ?? '');
  }
  const path = `/api/v1/namespaces/${ns.metadata.name}`;
  w.write(0, '\n');
  writeQuotas(w, await source.list<ResourceQuota>(`${path}/resourcequotas`, {}, WHOLE));
  w.write(0, '\n');
  writeLimitRanges(w, await source.list<LimitRange>(`${path}/limitranges`, {}, WHOLE));
  return w.toString();
};
