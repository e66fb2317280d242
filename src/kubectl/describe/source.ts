import type { CoreEvent, KubeObject, Pod } from '../../types/objects.ts';

/** What a describer asks of the cluster besides the object itself. */
export interface DescribeSource {
  /** GET of one object by its API path; throws what the client throws. */
  get<T>(path: string): Promise<T>;
  /** All items of a collection: page by page, unless `whole`. */
  list<T>(
    path: string,
    selectors?: { labelSelector?: string; fieldSelector?: string },
    options?: { whole: boolean },
  ): Promise<T[]>;
  /** The client's clock, ms. */
  now(): number;
  showEvents: boolean;
}

/** Describes one object of a kind, as pkg/describe of kubectl 1.33 lays it out. */
export type Describer<T extends KubeObject = KubeObject> = (object: T, source: DescribeSource) => Promise<string>;

/** Events about an object, as searchEvents finds them; `kind` '' leaves the kind out of the selector. */
export async function findEvents(
  object: KubeObject,
  source: DescribeSource,
  reference: { kind?: string; uid?: string } = {},
): Promise<CoreEvent[] | undefined> {
  if (!source.showEvents) return undefined;
  const { name = '', namespace, uid } = object.metadata;
  const kind = reference.kind ?? object.kind;
  const terms = [
    `involvedObject.name=${name}`,
    `involvedObject.namespace=${namespace ?? ''}`,
    ...(kind ? [`involvedObject.kind=${kind}`] : []),
    `involvedObject.uid=${reference.uid ?? uid}`,
  ];
  const path = namespace ? `/api/v1/namespaces/${namespace}/events` : '/api/v1/events';
  return source.list<CoreEvent>(path, { fieldSelector: terms.join(',') }).catch(() => []);
}

export interface PodCounts {
  running: number;
  waiting: number;
  succeeded: number;
  failed: number;
}

/** Phases of the pods that a controller owns. */
export async function countPods(owner: KubeObject, labelSelector: string, source: DescribeSource): Promise<PodCounts> {
  const pods = await source.list<Pod>(`/api/v1/namespaces/${owner.metadata.namespace}/pods`, { labelSelector });
  const counts: PodCounts = { running: 0, waiting: 0, succeeded: 0, failed: 0 };
  const column: Record<string, keyof PodCounts> = {
    Running: 'running',
    Pending: 'waiting',
    Succeeded: 'succeeded',
    Failed: 'failed',
  };
  for (const pod of pods) {
    const controller = pod.metadata.ownerReferences?.find((r) => r.controller);
    const key = column[pod.status?.phase ?? ''];
    if (controller?.uid === owner.metadata.uid && key) counts[key]++;
  }
  return counts;
}
