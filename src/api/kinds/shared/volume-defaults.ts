import type { PersistentVolumeClaim, PodSpec } from '../../../types/objects.ts';
import { roundUpAll } from './resources.ts';

export type Volume = NonNullable<PodSpec['volumes']>[number];
type FieldItem = { fieldRef?: { apiVersion?: string } };

const DEFAULT_MODE = 0o644;
const HOUR_SECONDS = 3600;

function defaultFieldRefs(items: FieldItem[] | undefined): void {
  for (const { fieldRef } of items ?? []) if (fieldRef) fieldRef.apiVersion ||= 'v1';
}

function defaultProjected(projected: NonNullable<Volume['projected']>): void {
  projected.defaultMode ??= DEFAULT_MODE;
  for (const { downwardAPI, serviceAccountToken } of projected.sources ?? []) {
    defaultFieldRefs(downwardAPI?.items);
    if (serviceAccountToken) serviceAccountToken.expirationSeconds ??= HOUR_SECONDS;
  }
}

/** Defaults of the sources that pods and persistent volumes share. */
export function defaultVolumeSource(
  source: Pick<Volume, 'hostPath' | 'iscsi' | 'rbd' | 'azureDisk' | 'scaleIO'>,
): void {
  if (source.hostPath) source.hostPath.type ??= '';
  if (source.iscsi) source.iscsi.iscsiInterface ||= 'default';
  if (source.rbd) {
    source.rbd.pool ||= 'rbd';
    source.rbd.user ||= 'admin';
    source.rbd.keyring ||= '/etc/ceph/keyring';
  }
  if (source.azureDisk) {
    source.azureDisk.cachingMode ??= 'ReadWrite';
    source.azureDisk.fsType ??= 'ext4';
    source.azureDisk.readOnly ??= false;
    source.azureDisk.kind ??= 'Shared';
  }
  if (source.scaleIO) {
    source.scaleIO.storageMode ||= 'ThinProvisioned';
    source.scaleIO.fsType ||= 'xfs';
  }
}

/** SetDefaults_Volume: one that says nothing of its source is an emptyDir. */
export function defaultVolume(volume: Volume): void {
  const sources = Object.entries(volume).filter(
    ([key, value]) => key !== 'name' && value !== undefined && value !== null,
  );
  if (sources.length === 0) volume.emptyDir = {};
  defaultVolumeSource(volume);
  if (volume.secret) volume.secret.defaultMode ??= DEFAULT_MODE;
  if (volume.configMap) volume.configMap.defaultMode ??= DEFAULT_MODE;
  if (volume.downwardAPI) {
    volume.downwardAPI.defaultMode ??= DEFAULT_MODE;
    defaultFieldRefs(volume.downwardAPI.items);
  }
  if (volume.projected) defaultProjected(volume.projected);
  const claim = volume.ephemeral?.volumeClaimTemplate?.spec;
  if (claim) defaultClaimSpec(claim);
}

/** SetDefaults_PersistentVolumeClaimSpec */
export function defaultClaimSpec(spec: NonNullable<PersistentVolumeClaim['spec']>): void {
  spec.volumeMode ??= 'Filesystem';
  spec.resources ??= {};
  roundUpAll(spec.resources.limits, spec.resources.requests);
}
