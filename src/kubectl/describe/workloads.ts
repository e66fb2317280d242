import { formatSelector } from '../../api/machinery/selectors.ts';
import { humanDuration } from '../../base/duration.ts';
import type {
  CronJob,
  DaemonSet,
  Deployment,
  Job,
  KubeObject,
  PersistentVolumeClaim,
  ReplicaSet,
  ReplicationController,
  StatefulSet,
} from '../../types/objects.ts';
import { writeEvents, writeEventsOf } from './events.ts';
import {
  controlledBy,
  formatLabels,
  goSlice,
  printBoolOrUnset,
  rfc1123z,
  selectorString,
  writeAnnotations,
  writeLabels,
  writeMeta,
} from './format.ts';
import { claimClass } from './persistent-volume-claim.ts';
import { writePodTemplate } from './pod-parts.ts';
import { countPods, type Describer, findEvents, type PodCounts } from './source.ts';
import { DescribeWriter } from './writer.ts';

const podsStatus = (c: PodCounts): string =>
  `${c.running} Running / ${c.waiting} Waiting / ${c.succeeded} Succeeded / ${c.failed} Failed`;

function writeConditions(
  w: DescribeWriter,
  conditions: { type: string; status: string; reason?: string }[] | undefined,
): void {
  if (!conditions?.length) return;
  w.write(0, 'Conditions:\n');
  w.head(1, ['Type', 'Status', 'Reason']);
  for (const c of conditions) w.write(1, `${c.type} \t${c.status}\t${c.reason ?? ''}\n`);
}

/** Name, namespace and what stands between them and the labels. */
function writeHead(w: DescribeWriter, object: KubeObject, between: [string, unknown][]): void {
  const { name, namespace, labels, annotations } = object.metadata;
  w.row(0, 'Name', name);
  w.row(0, 'Namespace', namespace);
  for (const [key, value] of between) w.row(0, key, value);
  writeLabels(w, 'Labels', labels);
  writeAnnotations(w, 'Annotations', annotations);
}

const replicaSetNames = (sets: ReplicaSet[]): string =>
  sets
    .map((rs) => `${rs.metadata.name} (${rs.status?.replicas ?? 0}/${rs.spec?.replicas} replicas created)`)
    .join(', ') || '<none>';

/** The template without the hash that the controller adds, for comparing. */
function templateText(template: unknown): string {
  const copy = structuredClone(template) as {
    metadata?: { labels?: Record<string, string>; creationTimestamp?: unknown };
  };
  delete copy.metadata?.labels?.['pod-template-hash'];
  delete copy.metadata?.creationTimestamp;
  const sorted = (v: unknown): unknown =>
    Array.isArray(v)
      ? v.map(sorted)
      : v && typeof v === 'object'
        ? Object.fromEntries(
            Object.entries(v)
              .sort(([a], [b]) => (a < b ? -1 : 1))
              .map(([k, x]) => [k, sorted(x)]),
          )
        : v;
  return JSON.stringify(sorted(copy));
}

/** The replica sets of a deployment: the oldest that has its template, and those others that still run pods. */
export function splitReplicaSets(d: Deployment, sets: ReplicaSet[]): { current?: ReplicaSet; old: ReplicaSet[] } {
  const owned = sets.filter((rs) => rs.metadata.ownerReferences?.some((r) => r.controller && r.uid === d.metadata.uid));
  const born = (rs: ReplicaSet) => Date.parse(rs.metadata.creationTimestamp ?? '');
  owned.sort((a, b) => born(a) - born(b) || ((a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1));
  const wanted = templateText(d.spec?.template);
  const current = owned.find((rs) => templateText(rs.spec?.template) === wanted);
  return { current, old: owned.filter((rs) => rs !== current) };
}

/** Source: describeDeployment. */
export const describeDeployment: Describer<Deployment> = async (d, source) => {
  const w = new DescribeWriter();
  const { metadata, spec, status } = d;
  w.row(0, 'Name', metadata.name);
  w.row(0, 'Namespace', metadata.namespace);
  w.row(0, 'CreationTimestamp', rfc1123z(metadata.creationTimestamp));
  writeLabels(w, 'Labels', metadata.labels);
  writeAnnotations(w, 'Annotations', metadata.annotations);
  w.row(0, 'Selector', selectorString(spec?.selector));
  const { updatedReplicas = 0, replicas = 0, availableReplicas = 0, unavailableReplicas = 0 } = status ?? {};
  w.row(
    0,
    'Replicas',
    `${spec?.replicas} desired | ${updatedReplicas} updated | ${replicas} total | ${availableReplicas} available | ${unavailableReplicas} unavailable`,
  );
  w.row(0, 'StrategyType', spec?.strategy?.type ?? '');
  w.row(0, 'MinReadySeconds', spec?.minReadySeconds ?? 0);
  const rolling = spec?.strategy?.rollingUpdate;
  if (rolling)
    w.row(0, 'RollingUpdateStrategy', `${rolling.maxUnavailable} max unavailable, ${rolling.maxSurge} max surge`);
  writePodTemplate(w, spec?.template);
  writeConditions(w, status?.conditions);
  const events = await findEvents(d, source);
  const all = await source.list<ReplicaSet>(`/apis/apps/v1/namespaces/${metadata.namespace}/replicasets`, {
    labelSelector: selectorString(spec?.selector),
  });
  const { current, old } = splitReplicaSets(d, all);
  if (current || old.length) {
    w.row(0, 'OldReplicaSets', replicaSetNames(old));
    w.row(0, 'NewReplicaSet', replicaSetNames(current ? [current] : []));
  }
  writeEvents(w, events, source.now());
  return w.toString();
};

/** Source: describeReplicaSet. */
export const describeReplicaSet: Describer<ReplicaSet> = async (rs, source) => {
  const w = new DescribeWriter();
  writeHead(w, rs, [['Selector', formatSelector(rs.spec?.selector)]]);
  const owner = controlledBy(rs);
  if (owner) w.row(0, 'Controlled By', owner);
  w.row(0, 'Replicas', `${rs.status?.replicas ?? 0} current / ${rs.spec?.replicas} desired`);
  w.row(0, 'Pods Status', podsStatus(await countPods(rs, selectorString(rs.spec?.selector), source)));
  writePodTemplate(w, rs.spec?.template);
  writeConditions(w, rs.status?.conditions);
  return writeEventsOf(w, rs, source);
};

/** Source: describeReplicationController. */
export const describeReplicationController: Describer<ReplicationController> = async (rc, source) => {
  const w = new DescribeWriter();
  const selector = formatLabels(rc.spec?.selector);
  writeHead(w, rc, [['Selector', selector]]);
  w.row(0, 'Replicas', `${rc.status?.replicas ?? 0} current / ${rc.spec?.replicas} desired`);
  w.row(0, 'Pods Status', podsStatus(await countPods(rc, selector, source)));
  writePodTemplate(w, rc.spec?.template);
  writeConditions(w, rc.status?.conditions);
  return writeEventsOf(w, rc, source);
};

/** Source: describeDaemonSet. */
export const describeDaemonSet: Describer<DaemonSet> = async (ds, source) => {
  const w = new DescribeWriter();
  const selector = selectorString(ds.spec?.selector);
  writeHead(w, ds, [
    ['Selector', selector],
    ['Node-Selector', formatLabels(ds.spec?.template.spec?.nodeSelector)],
  ]);
  const s = ds.status;
  const counts: [string, number | undefined][] = [
    ['Desired Number of Nodes Scheduled', s?.desiredNumberScheduled],
    ['Current Number of Nodes Scheduled', s?.currentNumberScheduled],
    ['Number of Nodes Scheduled with Up-to-date Pods', s?.updatedNumberScheduled],
    ['Number of Nodes Scheduled with Available Pods', s?.numberAvailable],
    ['Number of Nodes Misscheduled', s?.numberMisscheduled],
  ];
  for (const [label, n] of counts) w.write(0, `${label}: ${n ?? 0}\n`);
  w.row(0, 'Pods Status', podsStatus(await countPods(ds, selector, source)));
  writePodTemplate(w, ds.spec?.template);
  return writeEventsOf(w, ds, source);
};

function writeVolumeClaimTemplates(
  w: DescribeWriter,
  templates: Pick<PersistentVolumeClaim, 'metadata' | 'spec'>[] | undefined,
): void {
  if (!templates?.length) return w.row(0, 'Volume Claims', '<none>');
  w.write(0, 'Volume Claims:\n');
  for (const claim of templates) {
    w.row(1, 'Name', claim.metadata.name);
    w.row(1, 'StorageClass', claimClass(claim));
    writeLabels(w, 'Labels', claim.metadata.labels, '  ');
    writeLabels(w, 'Annotations', claim.metadata.annotations, '  ');
    w.row(1, 'Capacity', claim.spec?.resources?.requests?.storage ?? '<default>');
    w.row(1, 'Access Modes', goSlice(claim.spec?.accessModes));
  }
}

/** Source: describeStatefulSet. */
export const describeStatefulSet: Describer<StatefulSet> = async (sts, source) => {
  const w = new DescribeWriter();
  const selector = selectorString(sts.spec?.selector);
  writeHead(w, sts, [
    ['CreationTimestamp', rfc1123z(sts.metadata.creationTimestamp)],
    ['Selector', selector],
  ]);
  w.row(0, 'Replicas', `${sts.spec?.replicas} desired | ${sts.status?.replicas ?? 0} total`);
  w.row(0, 'Update Strategy', sts.spec?.updateStrategy?.type ?? '');
  const rolling = sts.spec?.updateStrategy?.rollingUpdate;
  if (rolling?.partition != null) {
    w.row(1, 'Partition', rolling.partition);
    if (rolling.maxUnavailable !== undefined) w.row(1, 'MaxUnavailable', rolling.maxUnavailable);
  }
  w.row(0, 'Pods Status', podsStatus(await countPods(sts, selector, source)));
  writePodTemplate(w, sts.spec?.template);
  writeVolumeClaimTemplates(w, sts.spec?.volumeClaimTemplates as PersistentVolumeClaim[] | undefined);
  return writeEventsOf(w, sts, source);
};

/** At least 50 characters of a list of indexes, up to the next comma. */
function capIndexes(indexes: string | undefined): string {
  if (!indexes) return '<none>';
  const comma = indexes.indexOf(',', 50);
  return comma < 0 ? indexes : `${indexes.slice(0, comma + 1)}...`;
}

/** Source: describeJob. */
export const describeJob: Describer<Job> = async (job, source) => {
  const w = new DescribeWriter();
  const { spec, status } = job;
  writeHead(w, job, [['Selector', selectorString(spec?.selector)]]);
  const owner = controlledBy(job);
  if (owner) w.row(0, 'Controlled By', owner);
  if (spec?.parallelism != null) w.row(0, 'Parallelism', spec.parallelism);
  w.row(0, 'Completions', spec?.completions ?? '<unset>');
  const optional: [string, unknown][] = [
    ['Completion Mode', spec?.completionMode],
    ['Suspend', spec?.suspend],
    ['Backoff Limit', spec?.backoffLimit],
    ['TTL Seconds After Finished', spec?.ttlSecondsAfterFinished],
    ['Start Time', status?.startTime && rfc1123z(status.startTime)],
    ['Completed At', status?.completionTime && rfc1123z(status.completionTime)],
    [
      'Duration',
      status?.startTime &&
        status.completionTime &&
        humanDuration(Date.parse(status.completionTime) - Date.parse(status.startTime)),
    ],
    ['Active Deadline Seconds', spec?.activeDeadlineSeconds == null ? undefined : `${spec.activeDeadlineSeconds}s`],
  ];
  for (const [key, value] of optional) if (value != null) w.row(0, key, value);
  const ready = status?.ready == null ? '' : ` (${status.ready} Ready)`;
  w.row(
    0,
    'Pods Statuses',
    `${status?.active ?? 0} Active${ready} / ${status?.succeeded ?? 0} Succeeded / ${status?.failed ?? 0} Failed`,
  );
  if (spec?.completionMode === 'Indexed') w.row(0, 'Completed Indexes', capIndexes(status?.completedIndexes));
  writePodTemplate(w, spec?.template);
  return writeEventsOf(w, job, source);
};

/** Source: describeCronJob. */
export const describeCronJob: Describer<CronJob> = async (cron, source) => {
  const w = new DescribeWriter();
  const { spec, status } = cron;
  const job = spec?.jobTemplate.spec;
  writeMeta(w, cron);
  const deadline = spec?.startingDeadlineSeconds;
  const rows: [string, unknown][] = [
    ['Schedule', spec?.schedule],
    ['Concurrency Policy', spec?.concurrencyPolicy],
    ['Suspend', printBoolOrUnset(spec?.suspend)],
    ['Successful Job History Limit', spec?.successfulJobsHistoryLimit ?? '<unset>'],
    ['Failed Job History Limit', spec?.failedJobsHistoryLimit ?? '<unset>'],
    ['Starting Deadline Seconds', deadline == null ? '<unset>' : `${deadline}s`],
    ['Selector', job?.selector ? selectorString(job.selector) : '<unset>'],
    ['Parallelism', job?.parallelism ?? '<unset>'],
    ['Completions', job?.completions ?? '<unset>'],
  ];
  for (const [key, value] of rows) w.row(0, key, value);
  if (job?.activeDeadlineSeconds != null) w.row(0, 'Active Deadline Seconds', `${job.activeDeadlineSeconds}s`);
  writePodTemplate(w, job?.template);
  w.row(0, 'Last Schedule Time', status?.lastScheduleTime ? rfc1123z(status.lastScheduleTime) : '<unset>');
  w.row(0, 'Active Jobs', status?.active?.map((a) => a.name).join(', ') || '<none>');
  return writeEventsOf(w, cron, source);
};
