import { Quantity } from '../../../base/quantity.ts';
import { type FieldError, forbidden, invalid, notSupported, required } from '../../machinery/field-errors.ts';
import { oneOfIfSet, sortedEntries, subdomain1123 } from '../shared/checks.ts';
import { VOLUME_MODES, validateAccessModes } from '../shared/claim-spec.ts';
import { goResourceList } from '../shared/go-resource-list.ts';
import { validateNodeSelector } from '../shared/scheduling.ts';
import { sourcePaths, sourcesOf, type VolumeSpec, validateVolumeSource } from './sources.ts';

const RECLAIM_POLICIES = ['Delete', 'Recycle', 'Retain'];
const INLINE = 'in the context of inline volumes';

function validateCapacity(capacity: Record<string, string> | undefined, at: string): FieldError[] {
  const names = Object.keys(capacity ?? {});
  const errors: FieldError[] = names.length === 0 ? [required(at)] : [];
  if (names.length !== 1 || names[0] !== 'storage')
    errors.push(notSupported(at, goResourceList(capacity), ['storage']));
  for (const [name, value] of sortedEntries(capacity)) {
    const quantity = Quantity.parse(value);
    if (quantity.value() < 0)
      errors.push(invalid(`${at}[${name}]`, quantity.value(), 'must be a valid resource quantity'));
    if (quantity.sign() <= 0) errors.push(invalid(`${at}[${name}]`, value, 'must be greater than zero'));
  }
  return errors;
}

function validateNodeAffinity(
  { required: selector }: NonNullable<VolumeSpec['nodeAffinity']>,
  at: string,
): FieldError[] {
  return selector
    ? validateNodeSelector(selector, `${at}.required`)
    : [required(`${at}.required`, 'must specify required node constraints')];
}

/** What only a volume with an object of its own may say. */
function validateInline(spec: VolumeSpec, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const refuse = (field: string, wrong: unknown, detail = `may not be specified ${INLINE}`) => {
    if (wrong) errors.push(forbidden(`${path}.${field}`, detail));
  };
  refuse('claimRef', spec.claimRef);
  refuse('capacity', Object.keys(spec.capacity ?? {}).length > 0);
  if (!spec.csi) errors.push(required(`${path}.csi`, `has to be specified ${INLINE}`));
  if (!spec.accessModes?.length) errors.push(required(`${path}.accessModes`));
  errors.push(...validateAccessModes(spec.accessModes ?? [], `${path}.accessModes`));
  const policy = spec.persistentVolumeReclaimPolicy;
  refuse('persistentVolumeReclaimPolicy', policy && policy !== 'Retain', `may only be Retain ${INLINE}`);
  refuse('nodeAffinity', spec.nodeAffinity);
  return errors;
}

function validateOwn(spec: VolumeSpec, path: string): FieldError[] {
  const errors: FieldError[] = spec.accessModes?.length ? [] : [required(`${path}.accessModes`)];
  const policy = spec.persistentVolumeReclaimPolicy;
  return [
    ...errors,
    ...validateAccessModes(spec.accessModes ?? [], `${path}.accessModes`),
    ...validateCapacity(spec.capacity as Record<string, string> | undefined, `${path}.capacity`),
    ...(policy ? oneOfIfSet(`${path}.persistentVolumeReclaimPolicy`, policy, RECLAIM_POLICIES) : []),
    ...(spec.nodeAffinity ? validateNodeAffinity(spec.nodeAffinity, `${path}.nodeAffinity`) : []),
  ];
}

function validateSources(spec: VolumeSpec, name: string, path: string): FieldError[] {
  const sources = sourcesOf(spec);
  if (sources.length === 0) return [required(path, 'must specify a volume type')];
  return sources.flatMap((source, index) => {
    // Flex volumes are judged even as a second source: the real one forgets to count there.
    const errors =
      index === 0 || source === 'flexVolume'
        ? validateVolumeSource(spec, source, path, name)
        : [forbidden(`${path}.${sourcePaths(source).second ?? source}`, 'may not specify more than 1 volume type')];
    return source === 'local' && index === 0 && !spec.nodeAffinity
      ? [...errors, required(`${path}.nodeAffinity`, 'Local volume requires node affinity')]
      : errors;
  });
}

/** ValidatePersistentVolumeSpec of the volume `name`, or of a spec that stands `inline` in another object. */
export function validateVolumeSpec(spec: VolumeSpec, name: string, path: string, inline = false): FieldError[] {
  const errors = [
    ...(inline ? validateInline(spec, path) : validateOwn(spec, path)),
    ...validateSources(spec, name, path),
  ];
  const root = /^\/+(\.?\/*)*$/.test(spec.hostPath?.path ?? '');
  if (root && spec.persistentVolumeReclaimPolicy === 'Recycle')
    errors.push(forbidden(`${path}.persistentVolumeReclaimPolicy`, "may not be 'recycle' for a hostPath mount of '/'"));
  const { storageClassName, volumeMode } = spec;
  if (!inline)
    return [
      ...errors,
      ...(storageClassName ? subdomain1123(`${path}.storageClassName`, storageClassName) : []),
      ...oneOfIfSet(`${path}.volumeMode`, volumeMode, VOLUME_MODES),
    ];
  if (storageClassName) errors.push(forbidden(`${path}.storageClassName`, `may not be specified ${INLINE}`));
  if (volumeMode !== undefined && volumeMode !== 'Filesystem')
    errors.push(forbidden(`${path}.volumeMode`, `may not specify volumeMode other than Filesystem ${INLINE}`));
  return errors;
}
