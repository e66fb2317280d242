import { inclusiveRangeError } from '../../../base/names.ts';
import type { Container, Pod, PodSpec, Toleration } from '../../../types/objects.ts';
import { type FieldError, forbidden, invalid, required } from '../../machinery/field-errors.ts';
import { each, same } from '../shared/checks.ts';
import { validateImageSpace } from '../shared/containers.ts';
import { validatePodSpec } from '../shared/pod-spec.ts';
import { validateTolerations } from '../shared/scheduling.ts';
import { podSpecDiff } from './spec-diff.ts';

const MIRROR = 'kubernetes.io/config.mirror';
const DELETION_COST = 'controller.kubernetes.io/pod-deletion-cost';
const MAX_INT32 = 2 ** 31 - 1;
const UPDATABLE = [
  '`spec.containers[*].image`',
  '`spec.initContainers[*].image`',
  '`spec.activeDeadlineSeconds`',
  '`spec.tolerations` (only additions to existing tolerations)',
  '`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
].join(',');

const specOf = (pod: Pod): PodSpec => pod.spec ?? { containers: [] };

function validateAnnotations(pod: Pod): FieldError[] {
  const annotations = pod.metadata.annotations ?? {};
  const errors: FieldError[] = [];
  const at = (key: string) => `metadata.annotations[${key}]`;
  if (annotations[MIRROR] !== undefined && !pod.spec?.nodeName)
    errors.push(invalid(at(MIRROR), annotations[MIRROR], 'must set spec.nodeName if mirror pod annotation is set'));
  const cost = annotations[DELETION_COST];
  if (cost !== undefined && !(/^(0|-?[1-9][0-9]*)$/.test(cost) && Math.abs(Number(cost)) <= MAX_INT32))
    errors.push(invalid(at(DELETION_COST), cost, 'must be a 32bit integer'));
  return errors;
}

/** ValidatePodCreate without its metadata. */
export function validate(pod: Pod): FieldError[] {
  const spec = specOf(pod);
  const errors = [...validateAnnotations(pod), ...validatePodSpec(spec, 'spec', pod.metadata)];
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
  return [
    ...errors,
    ...each(spec.containers, 'spec.containers', validateImageSpace),
    ...each(spec.initContainers, 'spec.initContainers', validateImageSpace),
  ];
}

/** What a new pod may not have, though a running one may. */
export function validateCreate(pod: Pod): FieldError[] {
  const spec = specOf(pod);
  const errors: FieldError[] = [];
  if (spec.ephemeralContainers?.length) errors.push(forbidden('spec.ephemeralContainers', 'cannot be set on create'));
  if (spec.nodeName && spec.schedulingGates?.length)
    errors.push(forbidden('spec.nodeName', 'cannot be set until all schedulingGates have been cleared'));
  return errors;
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
  if (old.schedulingGates?.length) {
    munged.nodeSelector = old.nodeSelector;
    munged.affinity = old.affinity && { ...spec.affinity, nodeAffinity: old.affinity.nodeAffinity };
  }
  return munged;
}

/** ValidatePodUpdate without its metadata and the checks that a create makes too. */
export function validateUpdate(pod: Pod, oldPod: Pod): FieldError[] {
  const spec = specOf(pod);
  const old = specOf(oldPod);
  for (const list of ['containers', 'initContainers'] as const)
    if ((spec[list]?.length ?? 0) !== (old[list]?.length ?? 0))
      return [forbidden(`spec.${list}`, 'pod updates may not add or remove containers')];
  const errors = (['containers', 'initContainers'] as const).flatMap((list) =>
    each(spec[list], `spec.${list}`, (container, at) => [
      ...(container.image ? [] : [required(`${at}.image`)]),
      ...validateImageSpace(container, at),
    ]),
  );
  const deadline = validateDeadlineChange(spec.activeDeadlineSeconds, old.activeDeadlineSeconds);
  errors.push(...deadline);
  if (deadline.length > 0 && spec.activeDeadlineSeconds !== undefined) return errors;
  errors.push(...validateTolerationChange(spec.tolerations, old.tolerations), ...validateGateChange(spec, old));
  if (same(spec, old)) return errors;
  const munged = munge(spec, old);
  if (!same(munged, old))
    errors.push(
      forbidden('spec', `pod updates may not change fields other than ${UPDATABLE}\n${podSpecDiff(old, munged)}`),
    );
  return errors;
}

const TERMINATED_ONCE = 'status.containerStatuses';

/** A container of a pod that does not restart it may not leave its terminated state. */
export function validateStatusUpdate(pod: Pod, old: Pod): FieldError[] {
  const errors: FieldError[] = [];
  const nodeName = pod.spec?.nodeName;
  if (pod.status?.nominatedNodeName && nodeName !== old.spec?.nodeName)
    errors.push(forbidden('status.nominatedNodeName', 'may not be changed directly'));
  if (old.spec?.restartPolicy === 'Always') return errors;
  for (const [index, before] of (old.status?.containerStatuses ?? []).entries()) {
    const { terminated } = before.state ?? {};
    if (!terminated || (terminated.exitCode !== 0 && old.spec?.restartPolicy === 'OnFailure')) continue;
    const now = pod.status?.containerStatuses?.find(({ name }) => name === before.name);
    if (now && !now.state?.terminated)
      errors.push(forbidden(`${TERMINATED_ONCE}[${index}].state`, 'may not be transitioned to non-terminated state'));
  }
  return errors;
}
