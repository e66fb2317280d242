import type { Ingress, PersistentVolumeClaim } from '../../types/objects.ts';
import { DEFAULT_STORAGE_CLASS, defaultClass } from '../kinds/shared/default-class.ts';
import { type AdmissionPlugin, creates } from './plugin.ts';

export const defaultStorageClass: AdmissionPlugin = {
  name: 'DefaultStorageClass',
  resources: ['persistentvolumeclaims'],
  admit(request, draft) {
    if (!draft || !creates(request, 'persistentvolumeclaims')) return;
    const claim = draft as PersistentVolumeClaim;
    const chosen =
      claim.spec?.storageClassName ?? claim.metadata.annotations?.['volume.beta.kubernetes.io/storage-class'];
    if (chosen !== undefined && chosen !== null) return;
    const found = defaultClass(request.world.store.list('storageclasses.storage.k8s.io'), DEFAULT_STORAGE_CLASS);
    if (found) claim.spec = { ...claim.spec, storageClassName: found.metadata.name };
  },
};

export const defaultIngressClass: AdmissionPlugin = {
  name: 'DefaultIngressClass',
  resources: ['ingresses.networking.k8s.io'],
  admit(request, draft) {
    if (!draft || !creates(request, 'ingresses.networking.k8s.io')) return;
    const ingress = draft as Ingress;
    if (ingress.spec?.ingressClassName || ingress.metadata.annotations?.['kubernetes.io/ingress.class'] !== undefined)
      return;
    const found = defaultClass(request.world.store.list('ingressclasses.networking.k8s.io'), [
      'ingressclass.kubernetes.io/is-default-class',
    ]);
    if (found) ingress.spec = { ...ingress.spec, ingressClassName: found.metadata.name };
  },
};

const PROTECTED: Record<string, string> = {
  persistentvolumes: 'kubernetes.io/pv-protection',
  persistentvolumeclaims: 'kubernetes.io/pvc-protection',
};

/** Volumes and claims stay while they are used. */
export const storageObjectInUseProtection: AdmissionPlugin = {
  name: 'StorageObjectInUseProtection',
  resources: Object.keys(PROTECTED),
  admit(request, draft) {
    const finalizer = PROTECTED[request.resource.name];
    if (!draft || !finalizer || !creates(request, request.resource.name)) return;
    const { metadata } = draft;
    if (metadata.finalizers?.includes(finalizer)) return;
    draft.metadata = { ...metadata, finalizers: [...(metadata.finalizers ?? []), finalizer] };
  },
};
