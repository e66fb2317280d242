import type { V1VolumeAttachment } from '@kubernetes/client-node';
import { goQuote } from '../../../base/go-quote.ts';
import { isDns1123Subdomain } from '../../../base/names.ts';
import type { Resource } from '../../../types/objects.ts';
import { type FieldError, forbidden, invalid, required, tooLong } from '../../machinery/field-errors.ts';
import { GoSyntax } from '../../machinery/invalid.ts';
import type { VolumeSpec } from '../persistentvolume/sources.ts';
import { validateVolumeSpec } from '../persistentvolume/spec.ts';
import { IMMUTABLE, invalidEach, same, subdomain1123 } from '../shared/checks.ts';
import { type KindRules, SPEC_AND_METADATA, USERS_METADATA } from '../shared/strategy.ts';
import { validateDriverName } from '../shared/volume-sources.ts';

type VolumeAttachment = Resource<V1VolumeAttachment>;
type Status = NonNullable<VolumeAttachment['status']>;

const MAX_METADATA_BYTES = 256 * 1024;
const MAX_MESSAGE = 1024;
const ONE = 'must specify exactly one of inlineVolumeSpec and persistentVolumeName';

function validateSource({
  inlineVolumeSpec,
  persistentVolumeName,
}: V1VolumeAttachment['spec']['source']): FieldError[] {
  const at = 'spec.source';
  if (!inlineVolumeSpec && persistentVolumeName === undefined) return [required(at, ONE)];
  if (inlineVolumeSpec && persistentVolumeName !== undefined) return [forbidden(at, ONE)];
  if (inlineVolumeSpec) return validateVolumeSpec(inlineVolumeSpec as VolumeSpec, '', `${at}.inlineVolumeSpec`, true);
  return persistentVolumeName
    ? []
    : [required(`${at}.persistentVolumeName`, 'must specify non empty persistentVolumeName')];
}

function validateStatus({ attachmentMetadata = {}, attachError, detachError }: Status): FieldError[] {
  const entries = Object.entries(attachmentMetadata);
  const bytes = entries.reduce((sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value), 0);
  const long = (message: string | undefined, path: string) =>
    (message ?? '').length > MAX_MESSAGE ? [tooLong(`${path}.message`, '', MAX_METADATA_BYTES)] : [];
  return [
    ...(bytes > MAX_METADATA_BYTES ? [tooLong('status.attachmentMetadata', '', MAX_METADATA_BYTES)] : []),
    ...long(attachError?.message, 'status.attachError'),
    ...long(detachError?.message, 'status.detachError'),
  ];
}

const validate = ({ spec, status }: VolumeAttachment): FieldError[] => [
  ...(spec?.attacher ? [] : [required('spec.attacher')]),
  ...validateSource(spec?.source ?? {}),
  ...subdomain1123('spec.nodeName', spec?.nodeName ?? ''),
  ...(status ? validateStatus(status) : []),
];

const goSpec = ({ attacher, nodeName, source }: V1VolumeAttachment['spec']): GoSyntax =>
  new GoSyntax(
    `storage.VolumeAttachmentSpec{Attacher:${goQuote(attacher)}, Source:storage.VolumeAttachmentSource{PersistentVolumeName:(*string)(${source?.persistentVolumeName === undefined ? 'nil' : '0xc000a1e2d0'}), InlineVolumeSpec:(*core.PersistentVolumeSpec)(nil)}, NodeName:${goQuote(nodeName)}}`,
  );

export const strategy: KindRules<VolumeAttachment> = {
  resource: 'volumeattachments.storage.k8s.io',
  updateChecks: ['object', 'object', 'changes'],
  subresourceChecks: { status: ['object', 'object', 'changes'] },
  statusKeeps: USERS_METADATA,
  resetFields: SPEC_AND_METADATA,
  clusterScoped: true,
  needsVersion: true,
  prepareForCreate: (attachment) => {
    attachment.status = { attached: false };
  },
  prepareForUpdate: (attachment, old) => {
    attachment.status = old.status;
  },
  validate,
  validateCreate: ({ spec }) => {
    const name = spec?.source?.persistentVolumeName;
    return [
      ...validateDriverName(spec?.attacher, 'spec.attacher'),
      ...(name === undefined ? [] : invalidEach('spec.source.persistentVolumeName', name, isDns1123Subdomain(name))),
    ];
  },
  validateUpdate: ({ spec }, { spec: old }) => (same(spec, old) ? [] : [invalid('spec', goSpec(spec), IMMUTABLE)]),
};
