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
import { type GoStructType, goStructSyntax } from './go-struct.ts';
import { descendingPath } from './volume-sources.ts';
import { validateWindowsOptions } from './windows.ts';

type SecurityContext = NonNullable<Container['securityContext']>;
type PodSecurityContext = NonNullable<PodSpec['securityContext']>;

const PROFILE_TYPES = ['Localhost', 'RuntimeDefault', 'Unconfined'];
const MAX_PROFILE_PATH = 4095;
const MAX_SYSCTL = 253;
const SYSCTL = '([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?';

const IPC_SYSCTLS = new Set([
  'kernel.sem',
  'kernel.shmall',
  'kernel.shmmax',
  'kernel.shmmni',
  'kernel.shm_rmid_forced',
  'kernel.shm',
  'kernel.msgmax',
  'kernel.msgmnb',
  'kernel.msgmni',
  'kernel.msg',
]);

const SECCOMP_PROFILE: GoStructType = {
  name: 'core.SeccompProfile',
  fields: [
    ['Type', 'type', '""'],
    ['LocalhostProfile', 'localhostProfile', '(*string)(nil)'],
  ],
};
const SECURITY_CONTEXT: GoStructType = {
  name: 'core.SecurityContext',
  fields: [
    ['Capabilities', 'capabilities', '(*core.Capabilities)(nil)'],
    ['Privileged', 'privileged', '(*bool)(nil)'],
    ['SELinuxOptions', 'seLinuxOptions', '(*core.SELinuxOptions)(nil)'],
    ['WindowsOptions', 'windowsOptions', '(*core.WindowsSecurityContextOptions)(nil)'],
    ['RunAsUser', 'runAsUser', '(*int64)(nil)'],
    ['RunAsGroup', 'runAsGroup', '(*int64)(nil)'],
    ['RunAsNonRoot', 'runAsNonRoot', '(*bool)(nil)'],
    ['ReadOnlyRootFilesystem', 'readOnlyRootFilesystem', '(*bool)(nil)'],
    ['AllowPrivilegeEscalation', 'allowPrivilegeEscalation', '(*bool)(nil)'],
    ['ProcMount', 'procMount', '(*core.ProcMountType)(nil)'],
    ['SeccompProfile', 'seccompProfile', '(*core.SeccompProfile)(nil)'],
    ['AppArmorProfile', 'appArmorProfile', '(*core.AppArmorProfile)(nil)'],
  ],
};

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
    errors.push(
      invalid(at, goStructSyntax(SECCOMP_PROFILE, profile), 'can only be set when seccomp type is Localhost'),
    );
  return errors;
}

/** ValidateAppArmorProfileField */
export function validateAppArmor(profile: SecurityContext['appArmorProfile'], path: string): FieldError[] {
  if (!profile) return [];
  const at = `${path}.localhostProfile`;
  const { type, localhostProfile: file } = profile;
  if (!type) return [required(`${path}.type`, 'type is required when appArmorProfile is set')];
  if (!PROFILE_TYPES.includes(type)) return [notSupported(`${path}.type`, type, PROFILE_TYPES)];
  if (type !== 'Localhost')
    return file === undefined ? [] : [invalid(at, file, 'can only be set when AppArmor type is Localhost')];
  if (!file) return [required(at, 'must be set when AppArmor type is Localhost')];
  const errors = file.trim() === file ? [] : [invalid(at, file, 'must not be padded with whitespace')];
  return Buffer.byteLength(file) > MAX_PROFILE_PATH ? [...errors, tooLong(at, '', MAX_PROFILE_PATH)] : errors;
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
      errors.push(
        invalid(
          path,
          goStructSyntax(SECURITY_CONTEXT, context),
          `cannot set \`allowPrivilegeEscalation\` to false and ${what}`,
        ),
      );
    if (context.privileged) refuse('`privileged` to true');
    for (const name of context.capabilities?.add ?? [])
      if (name === 'CAP_SYS_ADMIN') refuse('`capabilities.Add` CAP_SYS_ADMIN');
  }
  return [
    ...errors,
    ...validateWindowsOptions(context.windowsOptions, `${path}.windowsOptions`),
    ...validateAppArmor(context.appArmorProfile, `${path}.appArmorProfile`),
  ];
}

function sysctlName(name: string, isKnown: boolean, path: string): FieldError[] {
  if (name === '') return [required(path)];
  if (name.length > MAX_SYSCTL || !new RegExp(`^${SYSCTL}$`).test(name))
    return [invalid(path, name, `must have at most ${MAX_SYSCTL} characters and match regex ^${SYSCTL}$`)];
  return isKnown ? [duplicate(path, name)] : [];
}

/** `net/ipv4/conf/eno2.100/rp_filter` as `net.ipv4.conf.eno2/100.rp_filter` */
const dotted = (name: string): string =>
  /^[^./]*\//.test(name) ? name.replace(/[./]/g, (separator) => (separator === '.' ? '/' : '.')) : name;

/** A pod in a namespace of the host may not turn the host's knobs. */
function hostSysctl(name: string, { hostNetwork, hostIPC }: PodSpec, path: string): FieldError[] {
  const knob = dotted(name);
  if (hostNetwork && knob.startsWith('net.'))
    return [invalid(path, name, "may not be specified when 'hostNetwork' is true")];
  if (hostIPC && (IPC_SYSCTLS.has(knob) || knob.startsWith('fs.mqueue.')))
    return [invalid(path, name, "may not be specified when 'hostIPC' is true")];
  return [];
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
    ...each(context.sysctls, `${path}.sysctls`, ({ name = '' }, at) => {
      const wrong = sysctlName(name, names.has(name), `${at}.name`);
      names.add(name);
      return [...wrong, ...hostSysctl(name, spec, `${at}.name`)];
    }),
    ...oneOfIfSet(`${path}.fsGroupChangePolicy`, context.fsGroupChangePolicy, ['Always', 'OnRootMismatch']),
    ...validateSeccomp(context.seccompProfile, `${path}.seccompProfile`),
    ...validateWindowsOptions(context.windowsOptions, `${path}.windowsOptions`),
    ...validateAppArmor(context.appArmorProfile, `${path}.appArmorProfile`),
    ...oneOfIfSet(`${path}.supplementalGroupsPolicy`, context.supplementalGroupsPolicy, ['Merge', 'Strict']),
    ...oneOfIfSet(`${path}.seLinuxChangePolicy`, context.seLinuxChangePolicy, ['Recursive']),
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
