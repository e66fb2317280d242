import { isUnixId } from '../../../base/names.ts';
import type { Container, PodSpec } from '../../../types/objects.ts';
import {
  duplicate,
  type FieldError,
  forbidden,
  invalid,
  notSupported,
  required,
  tooLong,
} from '../../machinery/field-errors.ts';
import { each, invalidEach, oneOfIfSet } from './checks.ts';
import { descendingPath } from './volumes.ts';

type SecurityContext = NonNullable<Container['securityContext']>;
type PodSecurityContext = NonNullable<PodSpec['securityContext']>;

const PROFILE_TYPES = ['Localhost', 'RuntimeDefault', 'Unconfined'];
const MAX_PROFILE_PATH = 4095;
const SYSCTL = '([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?';

const validateId = (id: number | undefined, path: string): FieldError[] =>
  id === undefined ? [] : invalidEach(path, id, isUnixId(id));

function validateSeccomp(profile: SecurityContext['seccompProfile'], path: string): FieldError[] {
  if (!profile) return [];
  const errors: FieldError[] = [];
  if (!profile.type) errors.push(required(`${path}.type`, 'type is required when seccompProfile is set'));
  else if (!PROFILE_TYPES.includes(profile.type))
    errors.push(notSupported(`${path}.type`, profile.type, PROFILE_TYPES));
  const at = `${path}.localhostProfile`;
  if (profile.type === 'Localhost') {
    if (profile.localhostProfile === undefined) errors.push(required(at, 'must be set when seccomp type is Localhost'));
    else errors.push(...descendingPath(profile.localhostProfile, at));
  } else if (profile.localhostProfile !== undefined)
    errors.push(invalid(at, profile, 'can only be set when seccomp type is Localhost'));
  return errors;
}

function validateAppArmor(profile: SecurityContext['appArmorProfile'], path: string): FieldError[] {
  if (!profile) return [];
  const at = `${path}.localhostProfile`;
  const { type, localhostProfile: file } = profile;
  if (!type) return [required(`${path}.type`, 'type is required when appArmorProfile is set')];
  if (!PROFILE_TYPES.includes(type)) return [notSupported(`${path}.type`, type, PROFILE_TYPES)];
  if (type !== 'Localhost')
    return file === undefined ? [] : [invalid(at, file, 'can only be set when AppArmor type is Localhost')];
  if (!file) return [required(at, 'must be set when AppArmor type is Localhost')];
  const errors = file.trim() === file ? [] : [invalid(at, file, 'must not be padded with whitespace')];
  return file.length > MAX_PROFILE_PATH ? [...errors, tooLong(at, '', MAX_PROFILE_PATH)] : errors;
}

/** ValidateSecurityContext of a container. */
export function validateSecurityContext(
  context: SecurityContext | undefined,
  hostUsers: boolean,
  path: string,
): FieldError[] {
  if (!context) return [];
  const errors = [
    ...validateId(context.runAsUser, `${path}.runAsUser`),
    ...validateId(context.runAsGroup, `${path}.runAsGroup`),
    ...oneOfIfSet(`${path}.procMount`, context.procMount, ['Default', 'Unmasked']),
  ];
  if (hostUsers && context.procMount === 'Unmasked')
    errors.push(invalid(`${path}.procMount`, context.procMount, '`hostUsers` must be false to use `Unmasked`'));
  errors.push(...validateSeccomp(context.seccompProfile, `${path}.seccompProfile`));
  if (context.allowPrivilegeEscalation === false) {
    const refuse = (what: string) =>
      errors.push(invalid(path, context, `cannot set \`allowPrivilegeEscalation\` to false and ${what}`));
    if (context.privileged) refuse('`privileged` to true');
    if (context.capabilities?.add?.includes('CAP_SYS_ADMIN')) refuse('`capabilities.Add` CAP_SYS_ADMIN');
  }
  return [...errors, ...validateAppArmor(context.appArmorProfile, `${path}.appArmorProfile`)];
}

/** validatePodSpecSecurityContext */
export function validatePodSecurityContext(spec: PodSpec, path: string): FieldError[] {
  const context: PodSecurityContext = spec.securityContext ?? {};
  const names = new Set<string>();
  const errors = [
    ...validateId(context.fsGroup, `${path}.fsGroup`),
    ...validateId(context.runAsUser, `${path}.runAsUser`),
    ...validateId(context.runAsGroup, `${path}.runAsGroup`),
    ...each(context.supplementalGroups, `${path}.supplementalGroups`, (id, at) => validateId(id, at)),
  ];
  if (spec.shareProcessNamespace && spec.hostPID)
    errors.push(
      invalid(`${path}.shareProcessNamespace`, true, 'ShareProcessNamespace and HostPID cannot both be enabled'),
    );
  errors.push(
    ...each(context.sysctls, `${path}.sysctls`, ({ name }, at) => {
      if (!name) return [required(`${at}.name`)];
      if (name.length > 253 || !new RegExp(`^${SYSCTL}$`).test(name))
        return [invalid(`${at}.name`, name, `must have at most 253 characters and match regex ^${SYSCTL}$`)];
      if (names.has(name)) return [duplicate(`${at}.name`, name)];
      names.add(name);
      return [];
    }),
    ...oneOfIfSet(`${path}.fsGroupChangePolicy`, context.fsGroupChangePolicy, ['Always', 'OnRootMismatch']),
    ...validateSeccomp(context.seccompProfile, `${path}.seccompProfile`),
    ...validateAppArmor(context.appArmorProfile, `${path}.appArmorProfile`),
    ...oneOfIfSet(`${path}.supplementalGroupsPolicy`, context.supplementalGroupsPolicy, ['Merge', 'Strict']),
  );
  return errors;
}

/** A pod with a user namespace of its own may not share the host's others. */
export function validateHostUsers(spec: PodSpec, path: string): FieldError[] {
  if (spec.hostUsers !== false) return [];
  const shared: [string, boolean | undefined][] = [
    ['hostNetwork', spec.hostNetwork],
    ['HostPID', spec.hostPID],
    ['HostIPC', spec.hostIPC],
  ];
  return shared
    .filter(([, set]) => set)
    .map(([name]) => forbidden(`${path}.${name}`, 'when `pod.Spec.HostUsers` is false'));
}
