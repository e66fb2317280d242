import type { Container, ObjectMeta, PodSpec } from '../../../types/objects.ts';
import { type FieldError, forbidden, invalid } from '../../machinery/field-errors.ts';
import { sortedEntries } from './checks.ts';
import { visitContainers } from './visit-containers.ts';
import { descendingPath } from './volume-sources.ts';

type SecurityContext = NonNullable<Container['securityContext']>;
type Profile = { type: string; localhostProfile?: string };
type Annotations = Record<string, string>;

const DELETION_COST = 'controller.kubernetes.io/pod-deletion-cost';
const LOCALHOST = 'localhost/';
const DEFAULT = 'runtime/default';
const UNCONFINED = 'unconfined';

export const MIRROR = 'kubernetes.io/config.mirror';
export const SECCOMP_POD = 'seccomp.security.alpha.kubernetes.io/pod';
export const SECCOMP_CONTAINER = 'container.seccomp.security.alpha.kubernetes.io/';
export const APPARMOR_CONTAINER = 'container.apparmor.security.beta.kubernetes.io/';

/** GetDeletionCostFromPodAnnotations: what strconv.ParseInt takes, without a leading zero or plus. */
function isDeletionCost(text: string): boolean {
  if (!/^(0$|[1-9]|-)/.test(text) || !/^-?[0-9]+$/.test(text)) return false;
  const cost = Number(text);
  return cost >= -(2 ** 31) && cost < 2 ** 31;
}

function seccompAnnotation(profile: string, path: string): FieldError[] {
  if ([DEFAULT, 'docker/default', UNCONFINED].includes(profile)) return [];
  if (profile.startsWith(LOCALHOST)) return descendingPath(profile.slice(LOCALHOST.length), path);
  return [invalid(path, profile, 'must be a valid seccomp profile')];
}

function appArmorAnnotation(container: string, profile: string, spec: PodSpec, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (!visitContainers(spec, '').some(([{ name }]) => name === container))
    errors.push(invalid(path, container, 'container not found'));
  if (!['', DEFAULT, UNCONFINED].includes(profile) && !profile.startsWith(LOCALHOST))
    errors.push(invalid(path, profile, `invalid AppArmor profile name: ${JSON.stringify(profile)}`));
  return errors;
}

/** ValidatePodSpecificAnnotations; `path` is that of the annotations. */
export function validatePodAnnotations(annotations: Annotations = {}, spec: PodSpec, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const mirror = annotations[MIRROR];
  if (mirror !== undefined && !spec.nodeName)
    errors.push(invalid(`${path}[${MIRROR}]`, mirror, 'must set spec.nodeName if mirror pod annotation is set'));
  const cost = annotations[DELETION_COST];
  if (cost !== undefined && !isDeletionCost(cost))
    errors.push(invalid(`${path}[${DELETION_COST}]`, cost, 'must be a 32bit integer'));
  const entries = sortedEntries(annotations);
  const ofPod = annotations[SECCOMP_POD];
  if (ofPod !== undefined) errors.push(...seccompAnnotation(ofPod, `${path}.${SECCOMP_POD}`));
  for (const [key, profile] of entries)
    if (key.startsWith(SECCOMP_CONTAINER)) errors.push(...seccompAnnotation(profile, `${path}.${key}`));
  for (const [key, profile] of entries)
    if (key.startsWith(APPARMOR_CONTAINER))
      errors.push(...appArmorAnnotation(key.slice(APPARMOR_CONTAINER.length), profile, spec, `${path}[${key}]`));
  return errors;
}

/** Annotations that mean a type of profile. */
const MEANINGS: Record<string, (kind: string) => string[]> = {
  Unconfined: () => [UNCONFINED],
  RuntimeDefault: (kind) => (kind === 'seccomp' ? [DEFAULT, 'docker/default'] : [DEFAULT]),
};

function mismatch(
  kind: string,
  annotation: string | undefined,
  profile: Profile | undefined,
  path: string,
): FieldError[] {
  if (annotation === undefined || !profile) return [];
  const differ = (field: string, what: string) => [
    forbidden(`${path}.${field}`, `${kind} ${what} in annotation and field must match`),
  ];
  if (profile.type !== 'Localhost') {
    const meant = MEANINGS[profile.type]?.(kind);
    return meant && !meant.includes(annotation) ? differ('type', 'type') : [];
  }
  if (!annotation.startsWith(LOCALHOST)) return differ('type', 'type');
  return annotation.slice(LOCALHOST.length) === profile.localhostProfile ? [] : differ('localhostProfile', 'profile');
}

/** Profiles may stand in annotations and in fields, but must be the same there. */
export function validateProfilesMatch({ annotations = {} }: ObjectMeta, spec: PodSpec, path: string): FieldError[] {
  const containers = visitContainers(spec, path);
  const at = (owner: string, field: keyof SecurityContext) => `${owner}.securityContext.${field}`;
  const { seccompProfile, appArmorProfile } = spec.securityContext ?? {};
  const errors = mismatch('seccomp', annotations[SECCOMP_POD], seccompProfile, at(path, 'seccompProfile'));
  for (const [{ name, securityContext }, owner] of containers)
    errors.push(
      ...mismatch(
        'seccomp',
        annotations[SECCOMP_CONTAINER + name],
        securityContext?.seccompProfile,
        at(owner, 'seccompProfile'),
      ),
    );
  if (spec.os?.name === 'windows') return errors;
  for (const [{ name, securityContext }, owner] of containers)
    errors.push(
      ...mismatch(
        'apparmor',
        annotations[APPARMOR_CONTAINER + name],
        securityContext?.appArmorProfile ?? appArmorProfile,
        at(owner, 'appArmorProfile'),
      ),
    );
  return errors;
}

/** What an annotation says of a container's AppArmor profile; undefined for what no field can hold. */
export function appArmorField(annotation: string): Profile | undefined {
  if (annotation === UNCONFINED) return { type: 'Unconfined' };
  if (annotation === DEFAULT) return { type: 'RuntimeDefault' };
  const file = annotation.startsWith(LOCALHOST) ? annotation.slice(LOCALHOST.length) : '';
  return file === '' ? undefined : { type: 'Localhost', localhostProfile: file };
}

/** The annotation that says the same as a field. */
export function appArmorAnnotationOf({ type, localhostProfile }: Profile): string | undefined {
  if (type === 'Localhost') return localhostProfile === undefined ? undefined : LOCALHOST + localhostProfile;
  return { Unconfined: UNCONFINED, RuntimeDefault: DEFAULT }[type];
}
