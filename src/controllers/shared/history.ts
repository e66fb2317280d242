import { goJson } from '../../base/go-json.ts';
import type { ActorWorld } from '../../runtime/actor.ts';
import type {
  ControllerRevision,
  DaemonSet,
  LabelSelector,
  PodTemplateSpec,
  StatefulSet,
} from '../../types/objects.ts';
import { claim } from './claim.ts';
import { sameJson } from './objects.ts';
import { controllerRef } from './owners.ts';
import { isAlreadyExists } from './pod-control.ts';

export const REVISION_LABEL = 'controller-revision-hash';

type Owner = DaemonSet | StatefulSet;

/** What a revision keeps of its owner: a patch that brings the template back. */
export function revisionData(template: PodTemplateSpec): object {
  const metadata = { creationTimestamp: null, ...template.metadata };
  return { spec: { template: { ...template, metadata, $patch: 'replace' } } };
}

/** A revision's data as its raw bytes, which its hash is of. */
export const rawData = (data: object): string => goJson(data, { sortKeys: true });

/** The label that a stateful set's revisions have their hash in. */
export const HASH_LABEL = 'controller.kubernetes.io/hash';

export const revisionHash = ({ metadata }: ControllerRevision): string => metadata.labels?.[REVISION_LABEL] ?? '';

export const sameRevision = (revision: ControllerRevision, template: PodTemplateSpec): boolean =>
  sameJson(withoutNulls(revision.data), withoutNulls(revisionData(template)));

const withoutNulls = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value ?? null, (_, field) => field ?? undefined));

/** The owner's revisions, oldest first. */
export function revisionsOf(
  world: ActorWorld,
  owner: Owner,
  selector: LabelSelector | undefined,
): ControllerRevision[] {
  return claim(world, 'controllerrevisions.apps', owner, selector).sort((a, b) => a.revision - b.revision);
}

/** Makes a revision; `hash` is asked again with a raised collision count when another one has its name. */
export function createRevision(
  world: ActorWorld,
  owner: Owner,
  revision: number,
  hash: (collisions: number | undefined) => string,
  collisions: number | undefined,
  label = REVISION_LABEL,
): { revision: ControllerRevision; collisions: number | undefined } {
  const { template } = owner.spec!;
  for (let count = collisions; ; count = (count ?? 0) + 1) {
    const suffix = hash(count);
    const wanted = {
      apiVersion: 'apps/v1',
      kind: 'ControllerRevision',
      metadata: {
        name: `${owner.metadata.name}-${suffix}`,
        namespace: owner.metadata.namespace,
        labels: { ...template.metadata?.labels, [label]: suffix },
        ...(owner.metadata.annotations && { annotations: owner.metadata.annotations }),
        ownerReferences: [controllerRef(owner)],
      },
      // In the order of its bytes: the real kubectl compares them.
      data: JSON.parse(rawData(revisionData(template))),
      revision,
    } as ControllerRevision;
    try {
      return { revision: world.client.create('controllerrevisions.apps', wanted), collisions: count };
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
      const { namespace = '', name = '' } = wanted.metadata;
      const found = world.client.get('controllerrevisions.apps', namespace, name);
      if (found && sameRevision(found, template)) return { revision: found, collisions: count };
    }
  }
}

/** Deletes the oldest revisions beyond `limit` that no pod is of. */
export function truncateHistory(world: ActorWorld, old: ControllerRevision[], live: Set<string>, limit: number): void {
  const idle = old.filter((revision) => !live.has(revisionHash(revision)));
  for (const { metadata } of idle.slice(0, Math.max(0, idle.length - limit)))
    world.client.delete('controllerrevisions.apps', metadata.namespace!, metadata.name!);
}
