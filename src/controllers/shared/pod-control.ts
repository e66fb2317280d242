import { ApiError } from '../../api/request.ts';
import type { ActorWorld } from '../../runtime/actor.ts';
import type { KubeObject, Pod, PodTemplateSpec } from '../../types/objects.ts';
import { controllerRef } from './owners.ts';

/** What goes wrong for everybody while a namespace is being deleted, and is no news. */
export const isNamespaceTerminating = (error: unknown): boolean =>
  error instanceof ApiError &&
  (error.details?.causes?.some((cause) => cause.reason === 'NamespaceTerminating') ?? false);

export const isNotFound = (error: unknown): boolean => error instanceof ApiError && error.code === 404;
export const isAlreadyExists = (error: unknown): boolean =>
  error instanceof ApiError && error.reason === 'AlreadyExists';

/** controller.GetPodFromTemplate: a pod that `owner` controls. */
export function podFromTemplate(template: PodTemplateSpec, owner: KubeObject): Pod {
  const { labels, annotations, finalizers } = template.metadata ?? {};
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      generateName: `${owner.metadata.name}-`,
      namespace: owner.metadata.namespace,
      ...(labels && { labels }),
      ...(annotations && { annotations }),
      ...(finalizers && { finalizers }),
      ownerReferences: [controllerRef(owner)],
    },
    spec: template.spec,
  } as Pod;
}

/** slowStartBatch: pods are made one, two, four … at a time; a batch that fails is the last, and its first failure is thrown. */
export function slowStart(count: number, create: (index: number) => void): void {
  for (let done = 0, batch = 1; done < count; batch *= 2) {
    const end = Math.min(done + batch, count);
    const failures: unknown[] = [];
    for (; done < end; done++) {
      try {
        create(done);
      } catch (error) {
        if (!isNamespaceTerminating(error)) failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}

/** Creates and deletes pods, and tells of it in events of their owner (controller.RealPodControl). */
export class PodControl {
  constructor(
    private readonly world: ActorWorld,
    private readonly owner: KubeObject,
    /** source.component of the events */
    private readonly component: string,
  ) {}

  create(pod: Pod): Pod {
    try {
      const created = this.world.client.create('pods', pod);
      this.tell('Normal', 'SuccessfulCreate', `Created pod: ${created.metadata.name}`);
      return created;
    } catch (error) {
      if (!isNamespaceTerminating(error))
        this.tell('Warning', 'FailedCreate', `Error creating: ${(error as Error).message}`);
      throw error;
    }
  }

  delete(pod: Pod): void {
    const { namespace = '', name = '' } = pod.metadata;
    try {
      this.world.client.delete('pods', namespace, name);
    } catch (error) {
      if (isNotFound(error)) return;
      this.tell('Warning', 'FailedDelete', `Error deleting: ${(error as Error).message}`);
      throw error;
    }
    this.tell('Normal', 'SuccessfulDelete', `Deleted pod: ${name}`);
  }

  private tell(type: 'Normal' | 'Warning', reason: string, message: string): void {
    this.world.events.event(this.owner, type, reason, message, { component: this.component });
  }
}
