import { Quantity } from '../../base/quantity.ts';
import type { PersistentVolumeClaim, StorageClass } from '../../types/objects.ts';
import { type AdmissionPlugin, refuse, updates } from './plugin.ts';

const CLAIMS = 'persistentvolumeclaims';
const BETA_CLASS = 'volume.beta.kubernetes.io/storage-class';

const sizeOf = ({ spec }: PersistentVolumeClaim): Quantity =>
  Quantity.parse((spec?.resources?.requests as Record<string, string> | undefined)?.storage ?? '0');
const classOf = ({ metadata, spec }: PersistentVolumeClaim): string =>
  metadata.annotations?.[BETA_CLASS] ?? spec?.storageClassName ?? '';

/** Claims grow when they are bound, and their class allows it. */
export const persistentVolumeClaimResize: AdmissionPlugin = {
  name: 'PersistentVolumeClaimResize',
  resources: [CLAIMS],
  validate(request, object, old) {
    if (!object || !old || !updates(request, CLAIMS)) return;
    const [claim, before] = [object as PersistentVolumeClaim, old as PersistentVolumeClaim];
    if (sizeOf(claim).compare(sizeOf(before)) <= 0) return;
    if (before.status?.phase !== 'Bound')
      throw refuse(request, object, 'Only bound persistent volume claims can be expanded');
    const name = classOf(claim);
    const storageClass = request.world.store.get('storageclasses.storage.k8s.io', '', name) as StorageClass | undefined;
    if (name !== classOf(before) || !storageClass?.allowVolumeExpansion)
      throw refuse(
        request,
        object,
        'only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize',
      );
  },
};
