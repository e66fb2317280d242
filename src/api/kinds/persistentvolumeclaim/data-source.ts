import type { PersistentVolumeClaim } from '../../../types/objects.ts';

export type ClaimSpec = NonNullable<PersistentVolumeClaim['spec']>;

const isClaimOrSnapshot = ({ kind, apiGroup = '' }: NonNullable<ClaimSpec['dataSource']>): boolean =>
  (kind === 'PersistentVolumeClaim' && apiGroup === '') ||
  (kind === 'VolumeSnapshot' && apiGroup === 'snapshot.storage.k8s.io');

/**
 * What is done to a claim's data sources before it is judged: sources of other namespaces are behind a gate that is off, the older
 * field takes claims and snapshots alone, and what one of the two fields says, the other says too.
 */
export function normalizeDataSources(spec: ClaimSpec, old?: ClaimSpec): void {
  if (spec.dataSourceRef?.namespace && !old?.dataSourceRef) delete spec.dataSourceRef;
  const wasInUse = old?.dataSource || old?.dataSourceRef;
  if (!wasInUse && !spec.dataSourceRef && spec.dataSource && !isClaimOrSnapshot(spec.dataSource))
    delete spec.dataSource;
  if (spec.dataSource && !spec.dataSourceRef) spec.dataSourceRef = { ...spec.dataSource };
  else if (spec.dataSourceRef && !spec.dataSource && !spec.dataSourceRef.namespace) {
    const { namespace: _, ...source } = spec.dataSourceRef;
    spec.dataSource = source;
  }
}
