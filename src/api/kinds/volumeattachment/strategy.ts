import type { V1VolumeAttachment } from '@kubernetes/client-node';
import type { Resource } from '../../../types/objects.ts';
import { required } from '../../machinery/field-errors.ts';
import { immutable } from '../shared/checks.ts';
import type { KindRules } from '../shared/strategy.ts';

export const strategy: KindRules<Resource<V1VolumeAttachment>> = {
  resource: 'volumeattachments.storage.k8s.io',
  clusterScoped: true,
  prepareForCreate: (attachment) => {
    attachment.status = { attached: false };
  },
  prepareForUpdate: (attachment, old) => {
    attachment.status = old.status;
  },
  validate: ({ spec }) => [
    ...(spec.attacher ? [] : [required('spec.attacher')]),
    ...(spec.source?.persistentVolumeName === undefined && !spec.source?.inlineVolumeSpec
      ? [required('spec.source', 'must specify exactly one of inlineVolumeSpec and persistentVolumeName')]
      : []),
    ...(spec.nodeName ? [] : [required('spec.nodeName')]),
  ],
  validateUpdate: (attachment, old) => immutable('spec', attachment.spec, old.spec),
};
