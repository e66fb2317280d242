import type { KubeObject, PersistentVolume, StorageClass } from '../../types/objects.ts';
import { writeEventsOf } from './events.ts';
import {
  formatLabels,
  goSlice,
  printBoolOrUnset,
  rfc1123z,
  since,
  writeAnnotations,
  writeLabels,
  writeMeta,
} from './format.ts';
import { accessModes } from './persistent-volume-claim.ts';
import type { Describer } from './source.ts';
import { type Source, writeVolumeSource } from './volumes.ts';
import { DescribeWriter } from './writer.ts';

type Term = { key: string; operator?: string; values?: string[] };

/** `Term 0:\tkey in [a, b]` */
function writeTerm(w: DescribeWriter, level: number, title: string, requirements: Term[] | undefined): void {
  w.write(level, `${title}:\t`);
  if (!requirements?.length) w.write(0, '<none>\n');
  requirements?.forEach((r, i) => {
    if (i) w.write(level, '\t');
    const values = r.values?.length ? ` [${r.values.join(', ')}]` : '';
    w.write(0, `${r.key} ${(r.operator ?? 'in').toLowerCase()}${values}\n`);
  });
}

/** Source: describePersistentVolume. */
export const describePersistentVolume: Describer<PersistentVolume> = async (pv, source) => {
  const w = new DescribeWriter();
  const { metadata, spec, status } = pv;
  w.row(0, 'Name', metadata.name);
  writeLabels(w, 'Labels', metadata.labels);
  writeAnnotations(w, 'Annotations', metadata.annotations);
  w.row(0, 'Finalizers', goSlice(metadata.finalizers));
  w.row(
    0,
    'StorageClass',
    metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] ?? spec?.storageClassName ?? '',
  );
  w.row(
    0,
    'Status',
    metadata.deletionTimestamp
      ? `Terminating (lasts ${since(metadata.deletionTimestamp, source.now())})`
      : (status?.phase ?? ''),
  );
  w.row(0, 'Claim', spec?.claimRef ? `${spec.claimRef.namespace}/${spec.claimRef.name}` : '');
  w.row(0, 'Reclaim Policy', spec?.persistentVolumeReclaimPolicy ?? '');
  w.row(0, 'Access Modes', accessModes(spec?.accessModes));
  if (spec?.volumeMode) w.row(0, 'VolumeMode', spec.volumeMode);
  w.row(0, 'Capacity', spec?.capacity?.storage ?? '0');
  const terms = spec?.nodeAffinity?.required?.nodeSelectorTerms;
  w.row(0, 'Node Affinity', spec?.nodeAffinity?.required ? '' : '<none>');
  if (spec?.nodeAffinity?.required) {
    w.row(1, 'Required Terms', terms?.length ? '' : '<none>');
    terms?.forEach((term, i) => {
      writeTerm(w, 2, `Term ${i}`, term.matchExpressions);
    });
  }
  w.row(0, 'Message', status?.message ?? '');
  w.write(0, 'Source:\n');
  writeVolumeSource(w, (spec ?? {}) as Source);
  return writeEventsOf(w, pv, source);
};

/** Source: describeStorageClass. */
export const describeStorageClass: Describer<StorageClass> = async (sc, source) => {
  const w = new DescribeWriter();
  const { annotations, name } = sc.metadata;
  const isDefault = ['storageclass', 'storageclass.beta'].some(
    (p) => annotations?.[`${p}.kubernetes.io/is-default-class`] === 'true',
  );
  w.row(0, 'Name', name);
  w.row(0, 'IsDefaultClass', isDefault ? 'Yes' : 'No');
  w.row(0, 'Annotations', formatLabels(annotations));
  w.row(0, 'Provisioner', sc.provisioner);
  w.row(0, 'Parameters', formatLabels(sc.parameters));
  w.row(0, 'AllowVolumeExpansion', printBoolOrUnset(sc.allowVolumeExpansion));
  if (!sc.mountOptions?.length) w.row(0, 'MountOptions', '<none>');
  else w.write(0, 'MountOptions:\n');
  for (const option of sc.mountOptions ?? []) w.write(1, `${option}\n`);
  if (sc.reclaimPolicy) w.row(0, 'ReclaimPolicy', sc.reclaimPolicy);
  if (sc.volumeBindingMode) w.row(0, 'VolumeBindingMode', sc.volumeBindingMode);
  if (sc.allowedTopologies) {
    w.row(0, 'AllowedTopologies', sc.allowedTopologies.length ? '' : '<none>');
    sc.allowedTopologies.forEach((term, i) => {
      writeTerm(w, 1, `Term ${i}`, term.matchLabelExpressions);
    });
  }
  return writeEventsOf(w, sc, source);
};

type Driver = { name: string; nodeID: string; allocatable?: { count?: number }; topologyKeys?: string[] };

/** Source: describeCSINode. */
export const describeCSINode: Describer<KubeObject & { spec: { drivers?: Driver[] } }> = async (node, source) => {
  const w = new DescribeWriter();
  writeMeta(w, node, { namespaced: false });
  w.row(0, 'CreationTimestamp', rfc1123z(node.metadata.creationTimestamp));
  w.write(0, 'Spec:\n');
  if (node.spec.drivers) w.write(1, 'Drivers:\n');
  for (const driver of node.spec.drivers ?? []) {
    w.write(2, `${driver.name}:\n`);
    w.row(3, 'Node ID', driver.nodeID);
    if (driver.allocatable?.count != null) {
      w.write(3, 'Allocatables:\n');
      w.row(4, 'Count', driver.allocatable.count);
    }
    if (driver.topologyKeys) w.row(3, 'Topology Keys', goSlice(driver.topologyKeys));
  }
  return writeEventsOf(w, node, source);
};

/** Source: describeVolumeAttributesClass. */
export const describeVolumeAttributesClass: Describer<
  KubeObject & { driverName: string; parameters?: Record<string, string> }
> = async (vac, source) => {
  const w = new DescribeWriter();
  w.row(0, 'Name', vac.metadata.name);
  w.row(0, 'Annotations', formatLabels(vac.metadata.annotations));
  w.row(0, 'DriverName', vac.driverName);
  w.row(0, 'Parameters', formatLabels(vac.parameters));
  return writeEventsOf(w, vac, source);
};
