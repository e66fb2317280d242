import type { JsonObject } from '../../../api/machinery/patch/json-value.ts';
import { strategicMergePatch } from '../../../api/machinery/patch/strategic-merge.ts';
import { formatSelector } from '../../../api/machinery/selectors.ts';
import { alignTabs, DESCRIBE_TABS } from '../../../base/tabwriter.ts';
import type { ControllerRevision, KubeObject, PodTemplateSpec, ReplicaSet } from '../../../types/objects.ts';
import type { Factory } from '../../client/factory.ts';
import { writePodTemplate } from '../../describe/pod-parts.ts';
import { DescribeWriter } from '../../describe/writer.ts';
import { CommandError } from '../../errors.ts';
import { strategicSchema } from '../../patch-schema.ts';
import { type Info, infoPath } from '../../resource/info.ts';

const REVISION = 'deployment.kubernetes.io/revision';
const CHANGE_CAUSE = 'kubernetes.io/change-cause';

/** A deployment, daemon set or stateful set. */
export type Workload = KubeObject & {
  spec: { template: PodTemplateSpec; selector?: { matchLabels?: Record<string, string> }; paused?: boolean };
};

/** One revision of a workload: what it is kept in, why it came about, and its pods. */
export interface Revision {
  number: number;
  changeCause: string;
  /** The replica set, or the workload as it was. */
  object: KubeObject;
  template: PodTemplateSpec;
  /** The patch that a controller revision holds; none for replica sets. */
  patch?: JsonObject;
}

const KINDS_WITH_PODS = [
  'DaemonSet',
  'Deployment',
  'Job',
  'Pod',
  'ReplicationController',
  'ReplicaSet',
  'StatefulSet',
  'CronJob',
];

const groupKind = ({ type }: Info): string => (type.group ? `${type.kind}.${type.group}` : type.kind);

/** Throws for kinds that have no revisions; `what` is `history viewer` or `rollbacker`. */
export function requireRevisions(info: Info, what: string, retrieving: string): void {
  const { group, kind } = info.type;
  if (['Deployment', 'DaemonSet', 'StatefulSet'].includes(kind) && group === 'apps') return;
  const name = JSON.stringify(groupKind(info));
  if (KINDS_WITH_PODS.includes(kind)) throw new CommandError(`no ${what} has been implemented for ${name}`);
  throw new CommandError(`error retrieving ${retrieving} for ${name}, no visitor method exists for {${group} ${kind}}`);
}

const controlledBy = (owner: KubeObject) => (object: KubeObject) =>
  object.metadata.ownerReferences?.some(({ controller, uid }) => controller && uid === owner.metadata.uid) ?? false;

/** The revisions that the cluster keeps of a workload, oldest first. */
export async function revisionsOf(factory: Factory, info: Info): Promise<Revision[]> {
  const workload = info.object as Workload;
  const client = await factory.client();
  const resource = workload.kind === 'Deployment' ? 'replicasets' : 'controllerrevisions';
  const labelSelector = formatSelector(workload.spec.selector);
  await factory.askForLog(infoPath(info));
  const path = `/apis/apps/v1/namespaces/${info.namespace}/${resource}`;
  const objects = (await client.list<KubeObject>(path, { labelSelector }, 0)).filter(controlledBy(workload));
  const revisions =
    workload.kind === 'Deployment'
      ? (objects as ReplicaSet[]).map(replicaSetRevision)
      : (objects as ControllerRevision[]).map((object) => controllerRevision(info, workload, object));
  return revisions.sort((a, b) => a.number - b.number);
}

function replicaSetRevision(object: ReplicaSet): Revision {
  const changeCause = object.metadata.annotations?.[CHANGE_CAUSE] ?? '';
  const template = object.spec!.template!;
  const annotations = { ...template.metadata?.annotations, ...(changeCause && { [CHANGE_CAUSE]: changeCause }) };
  return {
    number: Number(object.metadata.annotations?.[REVISION] ?? 0),
    changeCause,
    object: { ...object, apiVersion: 'apps/v1', kind: 'ReplicaSet' },
    template: { ...template, metadata: { ...template.metadata, annotations } },
  };
}

function controllerRevision({ type }: Info, workload: Workload, object: ControllerRevision): Revision {
  const patch = object.data as JsonObject;
  const before = workload as unknown as JsonObject;
  const past = strategicMergePatch(before, patch, strategicSchema(type)!) as unknown as Workload;
  return {
    number: object.revision,
    changeCause: object.metadata.annotations?.[CHANGE_CAUSE] ?? '',
    object: past,
    template: past.spec.template,
    patch,
  };
}

/** A pod template as `rollout` prints it: describe's text, its tabs unaligned. */
export function templateText(template: PodTemplateSpec): string {
  const writer = new DescribeWriter();
  writePodTemplate(writer, template);
  return writer.unaligned;
}

/** The table of revisions. */
export function revisionTable(revisions: Revision[]): string {
  const rows = revisions.map(({ number, changeCause }) => `${number}\t${changeCause || '<none>'}\n`);
  return alignTabs(`REVISION\tCHANGE-CAUSE\n${rows.join('')}`, DESCRIBE_TABS);
}
