import type { PersistentVolumeClaim, Pod } from '../../types/objects.ts';
import { writeEventsOf } from './events.ts';
import { goSlice, rfc1123z, since, writeAnnotations, writeLabels } from './format.ts';
import type { Describer } from './source.ts';
import { DescribeWriter } from './writer.ts';

const CLASS_ANNOTATION = 'volume.beta.kubernetes.io/storage-class';
const ACCESS_MODES: [string, string][] = [
  ['ReadWriteOnce', 'RWO'],
  ['ReadOnlyMany', 'ROX'],
  ['ReadWriteMany', 'RWX'],
  ['ReadWriteOncePod', 'RWOP'],
];

/** `RWO,ROX`, always in that order. */
export const accessModes = (modes: string[] | undefined): string =>
  ACCESS_MODES.filter(([mode]) => modes?.includes(mode))
    .map(([, short]) => short)
    .join(',');

type Claim = Pick<PersistentVolumeClaim, 'metadata' | 'spec'>;

export const claimClass = ({ metadata, spec }: Claim): string =>
  metadata?.annotations?.[CLASS_ANNOTATION] ?? spec?.storageClassName ?? '';

/** What a claim and a claim template share; `level` indents, as inside a volume. */
export function writeClaimSpec(
  w: DescribeWriter,
  claim: Claim & Partial<PersistentVolumeClaim>,
  level = 0,
  now?: number,
): void {
  const { metadata, spec, status } = claim;
  const full = now !== undefined;
  const indent = '  '.repeat(level);
  w.row(level, 'StorageClass', claimClass(claim));
  if (full)
    w.row(
      level,
      'Status',
      metadata.deletionTimestamp
        ? `Terminating (lasts ${since(metadata.deletionTimestamp, now)})`
        : (status?.phase ?? ''),
    );
  w.row(level, 'Volume', spec?.volumeName ?? '');
  writeLabels(w, `${indent}Labels`, metadata?.labels);
  writeAnnotations(w, `${indent}Annotations`, metadata?.annotations);
  if (full) w.row(level, 'Finalizers', goSlice(metadata.finalizers));
  w.row(level, 'Capacity', spec?.volumeName ? (status?.capacity?.storage ?? '0') : '');
  w.row(level, 'Access Modes', spec?.volumeName ? accessModes(status?.accessModes) : '');
  if (spec?.volumeMode) w.row(level, 'VolumeMode', spec.volumeMode);
  if (spec?.dataSource) {
    w.write(level, 'DataSource:\n');
    if (spec.dataSource.apiGroup != null) w.row(level + 1, 'APIGroup', spec.dataSource.apiGroup);
    w.row(level + 1, 'Kind', spec.dataSource.kind);
    w.row(level + 1, 'Name', spec.dataSource.name);
  }
}

/** Source: describePersistentVolumeClaim. */
export const describePersistentVolumeClaim: Describer<PersistentVolumeClaim> = async (claim, source) => {
  const w = new DescribeWriter();
  const { name, namespace, ownerReferences } = claim.metadata;
  w.row(0, 'Name', name);
  w.row(0, 'Namespace', namespace);
  writeClaimSpec(w, claim, 0, source.now());
  const pods = await source.list<Pod>(`/api/v1/namespaces/${namespace}/pods`);
  const users = pods.filter(
    (p) =>
      p.spec?.volumes?.some((v) => v.persistentVolumeClaim?.claimName === name) ||
      ownerReferences?.some((r) => r.kind === 'Pod' && r.uid === p.metadata.uid),
  );
  w.multiline('Used By', users.map((p) => p.metadata.name ?? '').sort());
  if (claim.status?.conditions?.length) {
    w.write(0, 'Conditions:\n');
    w.head(
      1,
      ['Type', 'Status', 'LastProbeTime', 'LastTransitionTime', 'Reason', 'Message'],
      ['----', '------', '-----------------', '------------------', '------', '-------'],
    );
    for (const c of claim.status.conditions)
      w.write(
        1,
        `${c.type} \t${c.status} \t${rfc1123z(c.lastProbeTime)} \t${rfc1123z(c.lastTransitionTime)} \t${c.reason ?? ''} \t${c.message ?? ''}\n`,
      );
  }
  return writeEventsOf(w, claim, source);
};
