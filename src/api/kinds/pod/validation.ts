import { inclusiveRangeError } from '../../../base/names.ts';
import type { Container, Pod, PodSpec, Toleration } from '../../../types/objects.ts';
import { type FieldError, forbidden, invalid, required } from '../../machinery/field-errors.ts';
import type { StrategyContext } from '../kind.ts';
import { each, same, sortedEntries } from '../shared/checks.ts';
import { validateImageSpace } from '../shared/containers.ts';
import {
  APPARMOR_CONTAINER,
  MIRROR,
  validatePodAnnotations,
  validateProfilesMatch,
} from '../shared/pod-annotations.ts';
import { validatePodSpec } from '../shared/pod-spec.ts';
import { validateTolerations } from '../shared/scheduling.ts';
import { validateAffinityGrowth, validateSelectorGrowth } from './affinity.ts';
import { podSpecDiff } from './spec-diff.ts';

const MAX_INT32 = 2 ** 31 - 1;
const UPDATABLE = [
  '`spec.containers[*].image`',
  '`spec.initContainers[*].image`',
  '`spec.activeDeadlineSeconds`',
  '`spec.tolerations` (only additions to existing tolerations)',
  '`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
].join(',');
const LISTS = ['containers', 'initContainers'] as const;
const ANNOTATIONS = 'metadata.annotations';

export const specOf = (pod: Pod): PodSpec => pod.spec ?? { containers: [] };

/** Annotations that stay as they are once the pod is there. */
const FIXED: [is: (key: string) => boolean, what: string][] = [
  [(key) => key.startsWith(APPARMOR_CONTAINER), 'AppArmor annotations'],
  [(key) => key === MIRROR, 'mirror pod annotation'],
];

/** ValidatePodSpecificAnnotationUpdates without the checks that a create makes too. */
export function validateAnnotationChanges(pod: Pod, old: Pod): FieldError[] {
  const now = pod.metadata.annotations ?? {};
  const before = old.metadata.annotations ?? {};
  const refuse = (key: string, verb: string) =>
    FIXED.filter(([is]) => is(key)).map(([, what]) => forbidden(`${ANNOTATIONS}[${key}]`, `may not ${verb} ${what}`));
  return [
    ...sortedEntries(before).flatMap(([key, value]) => (now[key] === value ? [] : refuse(key, 'remove or update'))),
    ...sortedEntries(now).flatMap(([key]) => (key in before ? [] : refuse(key, 'add'))),
  ];
}

/** validatePodMetadataAndSpec without the metadata that all kinds have. */
export function validate(pod: Pod, _?: StrategyContext, old?: Pod): FieldError[] {
  const { metadata } = pod;
  const spec = specOf(pod);
  const annotationErrors = validatePodAnnotations(metadata.annotations, spec, ANNOTATIONS);
  const errors = [...annotationErrors, ...validatePodSpec(spec, 'spec', metadata)];
  if (!spec.serviceAccountName)
    errors.push(
      ...each(spec.volumes, 'spec.volumes', ({ projected }, at) =>
        each(projected?.sources, `${at}.projected.sources`, ({ serviceAccountToken }, sourceAt) =>
          serviceAccountToken
            ? [forbidden(`${sourceAt}.serviceAccountToken`, 'must not be specified when serviceAccountName is not set')]
            : [],
        ),
      ),
    );
  for (const list of LISTS) errors.push(...each(spec[list], `spec.${list}`, validateImageSpace));
  return old ? [...errors, ...validateAnnotationChanges(pod, old), ...annotationErrors] : errors;
}

/** What a new pod may not have, though a running one may. */
export function validateCreate(pod: Pod): FieldError[] {
  const spec = specOf(pod);
  const errors: FieldError[] = [];
  if (spec.ephemeralContainers?.length) errors.push(forbidden('spec.ephemeralContainers', 'cannot be set on create'));
  if (spec.nodeName && spec.schedulingGates?.length)
    errors.push(forbidden('spec.nodeName', 'cannot be set until all schedulingGates have been cleared'));
  return [...errors, ...validateProfilesMatch(pod.metadata, spec, 'spec')];
}

function validateTolerationChange(now: Toleration[] | undefined, before: Toleration[] | undefined): FieldError[] {
  const kept = (old: Toleration) =>
    (now ?? []).some((toleration) => same({ ...old, tolerationSeconds: toleration.tolerationSeconds }, toleration));
  if (!(before ?? []).every(kept))
    return [forbidden('spec.tolerations', 'existing toleration can not be modified except its tolerationSeconds')];
  return validateTolerations(now, 'spec.tolerations');
}

function validateGateChange(spec: PodSpec, old: PodSpec): FieldError[] {
  const known = new Set((old.schedulingGates ?? []).map(({ name }) => name));
  return each(spec.schedulingGates, 'spec.schedulingGates', ({ name }, at) =>
    known.has(name)
      ? []
      : [forbidden(`${at}.name`, `only deletion is allowed, but found new scheduling gate '${name}'`)],
  );
}

function validateDeadlineChange(now: number | undefined, before: number | undefined): FieldError[] {
  const at = 'spec.activeDeadlineSeconds';
  if (now === undefined)
    return before === undefined ? [] : [invalid(at, null, 'must not update from a positive integer to nil value')];
  if (now < 0 || now > MAX_INT32) return [invalid(at, now, inclusiveRangeError(0, MAX_INT32))];
  return before !== undefined && before < now ? [invalid(at, now, 'must be less than or equal to previous value')] : [];
}

const withImagesOf = (containers: Container[] | undefined, old: Container[] | undefined) =>
  containers?.map((container, index) => ({ ...container, image: old?.[index]?.image }));

const withoutEmpty = <T extends object>(value: T): T | undefined =>
  Object.values(value).some((field) => field !== undefined) ? value : undefined;

/** The new spec with everything that an update may change put back. */
function munge(spec: PodSpec, old: PodSpec): PodSpec {
  const munged = {
    ...spec,
    containers: withImagesOf(spec.containers, old.containers),
    initContainers: withImagesOf(spec.initContainers, old.initContainers),
    activeDeadlineSeconds: old.activeDeadlineSeconds,
    schedulingGates: old.schedulingGates,
    tolerations: old.tolerations,
  } as PodSpec;
  if ((old.terminationGracePeriodSeconds ?? 0) < 0 && spec.terminationGracePeriodSeconds === 1)
    munged.terminationGracePeriodSeconds = old.terminationGracePeriodSeconds;
  if (!old.schedulingGates?.length) return munged;
  munged.nodeSelector = old.nodeSelector;
  const nodeAffinity = old.affinity?.nodeAffinity;
  if (!same(spec.affinity?.nodeAffinity, nodeAffinity))
    munged.affinity = old.affinity
      ? { ...spec.affinity, nodeAffinity }
      : withoutEmpty({ ...spec.affinity, nodeAffinity });
  return munged;
}

/** What a pod that waits at scheduling gates may do about where it runs. */
function validateGatedChange(spec: PodSpec, old: PodSpec): FieldError[] {
  if (!old.schedulingGates?.length) return [];
  return [
    ...validateSelectorGrowth(spec.nodeSelector, old.nodeSelector),
    ...validateAffinityGrowth(spec.affinity?.nodeAffinity, old.affinity?.nodeAffinity),
  ];
}

/** ValidatePodUpdate without its metadata and the checks that a create makes too. */
export function validateUpdate(pod: Pod, oldPod: Pod): FieldError[] {
  const spec = specOf(pod);
  const old = specOf(oldPod);
  const errors: FieldError[] = [];
  for (const list of LISTS) {
    if ((spec[list]?.length ?? 0) !== (old[list]?.length ?? 0))
      return [...errors, forbidden(`spec.${list}`, 'pod updates may not add or remove containers')];
    errors.push(
      ...each(spec[list], `spec.${list}`, (container, at) => [
        ...(container.image ? [] : [required(`${at}.image`)]),
        ...validateImageSpace(container, at),
      ]),
    );
  }
  const deadline = validateDeadlineChange(spec.activeDeadlineSeconds, old.activeDeadlineSeconds);
  errors.push(...deadline);
  if (deadline.length > 0 && spec.activeDeadlineSeconds !== undefined) return errors;
  errors.push(...validateTolerationChange(spec.tolerations, old.tolerations), ...validateGateChange(spec, old));
  if (same(spec, old)) return errors;
  errors.push(...validateGatedChange(spec, old));
  const munged = munge(spec, old);
  if (!same(munged, old))
    errors.push(
      forbidden('spec', `pod updates may not change fields other than ${UPDATABLE}\n${podSpecDiff(old, munged)}`),
    );
  return errors;
}
