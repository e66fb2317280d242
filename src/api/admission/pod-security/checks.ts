import { goQuote } from '../../../base/go-quote.ts';
import type { Container, ObjectMeta, PodSpec } from '../../../types/objects.ts';

/** What a check holds against a pod: `runAsUser=0`, and who does it. */
export interface Violation {
  reason: string;
  detail: string;
}

/** What a check may look at beside the pod's spec. */
interface CheckContext {
  metadata: ObjectMeta;
  /** Minor version of Kubernetes whose standard holds. */
  minor: number;
}

export interface Check {
  id: string;
  level: 'baseline' | 'restricted';
  /** The minor version in which the standard got this check. */
  since?: number;
  /** Checks that this one makes needless. */
  overrides?: string[];
  check(spec: PodSpec, context: CheckContext): Violation | undefined;
}

type SecurityContext = NonNullable<Container['securityContext']>;

const quoted = (texts: Iterable<string>): string => [...texts].map((text) => `"${text}"`).join(', ');
const sorted = (texts: Iterable<string>): string[] => [...new Set(texts)].sort();
const plural = (one: string, many: string, count: number): string => (count === 1 ? one : many);
const named = (names: string[]): string => `${plural('container', 'containers', names.length)} ${quoted(names)}`;

/** Init containers come first, as upstream visits them. */
const containersOf = (spec: PodSpec): Container[] => [
  ...(spec.initContainers ?? []),
  ...(spec.containers ?? []),
  ...((spec.ephemeralContainers ?? []) as unknown as Container[]),
];

const withContext = (spec: PodSpec, bad: (context: SecurityContext) => boolean): string[] =>
  containersOf(spec)
    .filter(({ securityContext }) => bad(securityContext ?? {}))
    .map(({ name }) => name);

const joinSetters = (pod: boolean, containers: string[]): string =>
  [...(pod ? ['pod'] : []), ...(containers.length > 0 ? [named(containers)] : [])].join(' and ');

const DEFAULT_CAPABILITIES = new Set([
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
]);

/** The version that made a sysctl safe. */
const SAFE_SYSCTLS: Record<string, number> = {
  'kernel.shm_rmid_forced': 0,
  'net.ipv4.ip_local_port_range': 0,
  'net.ipv4.tcp_syncookies': 0,
  'net.ipv4.ping_group_range': 0,
  'net.ipv4.ip_unprivileged_port_start': 0,
  'net.ipv4.ip_local_reserved_ports': 27,
  'net.ipv4.tcp_keepalive_time': 29,
  'net.ipv4.tcp_fin_timeout': 29,
  'net.ipv4.tcp_keepalive_intvl': 29,
  'net.ipv4.tcp_keepalive_probes': 29,
  'net.ipv4.tcp_rmem': 32,
  'net.ipv4.tcp_wmem': 32,
};

/** The version that allowed an SELinux type. */
const SELINUX_TYPES: Record<string, number> = {
  '': 0,
  container_t: 0,
  container_init_t: 0,
  container_kvm_t: 0,
  container_engine_t: 31,
};
const isSince = (versions: Record<string, number>, name: string, minor: number): boolean =>
  Object.hasOwn(versions, name) && minor >= versions[name]!;

/** From 1.25 on, what Windows does not know is not asked of its pods. */
const isExemptWindows = ({ os }: PodSpec, minor: number): boolean => os?.name === 'windows' && minor >= 25;

const APPARMOR = 'container.apparmor.security.beta.kubernetes.io/';
const isSafeAppArmorAnnotation = (profile: string): boolean =>
  profile === '' || profile === 'runtime/default' || profile.startsWith('localhost/');

const SECCOMP_POD = 'seccomp.security.alpha.kubernetes.io/pod';
const SECCOMP_CONTAINER = 'container.seccomp.security.alpha.kubernetes.io/';
const isSafeSeccompAnnotation = (profile: string): boolean =>
  ['runtime/default', 'docker/default'].includes(profile) || profile.startsWith('localhost/');
const isSafeSeccompType = (type: string): boolean => type === 'RuntimeDefault' || type === 'Localhost';

const RESTRICTED_VOLUMES = new Set([
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'image',
  'persistentVolumeClaim',
  'projected',
  'secret',
]);

const addedCapabilities = ({ capabilities }: SecurityContext, allowed: (name: string) => boolean): string[] =>
  (capabilities?.add ?? []).filter((name) => !allowed(name));

function capabilityViolation(spec: PodSpec, allowed: (name: string) => boolean): string | undefined {
  const bad = withContext(spec, (context) => addedCapabilities(context, allowed).length > 0);
  if (bad.length === 0) return undefined;
  const names = sorted(
    containersOf(spec).flatMap(({ securityContext }) => addedCapabilities(securityContext ?? {}, allowed)),
  );
  return `${named(bad)} must not include ${quoted(names)} in securityContext.capabilities.add`;
}

const profileType = (context: { seccompProfile?: { type: string } } | undefined): string | undefined =>
  context?.seccompProfile?.type;

/** Who asks for a seccomp profile that is not allowed. */
function badSeccomp(spec: PodSpec): Violation | undefined {
  const refused = (type: string | undefined): type is string => type !== undefined && !isSafeSeccompType(type);
  const pod = refused(profileType(spec.securityContext));
  const containers = withContext(spec, (context) => refused(profileType(context)));
  if (!pod && containers.length === 0) return undefined;
  const types = [spec.securityContext, ...containersOf(spec).map(({ securityContext }) => securityContext)]
    .map((context) => profileType(context as { seccompProfile?: { type: string } } | undefined))
    .filter(refused);
  return {
    reason: 'seccompProfile',
    detail: `${joinSetters(pod, containers)} must not set securityContext.seccompProfile.type to ${quoted(sorted(types))}`,
  };
}

/** Before 1.19 profiles stood in annotations. */
function badSeccompAnnotations(spec: PodSpec, { annotations = {} }: ObjectMeta): Violation | undefined {
  const keys = [SECCOMP_POD, ...containersOf(spec).map(({ name }) => SECCOMP_CONTAINER + name)];
  const bad = keys.filter((key) => annotations[key] !== undefined && !isSafeSeccompAnnotation(annotations[key]));
  if (bad.length === 0) return undefined;
  const told = sorted(bad.map((key) => `${key}=${goQuote(annotations[key]!)}`));
  return {
    reason: 'seccompProfile',
    detail: `forbidden ${plural('annotation', 'annotations', told.length)} ${told.join(', ')}`,
  };
}

const volumeTypeOf = (volume: object): string => Object.keys(volume).find((key) => key !== 'name') ?? 'unknown';

export const CHECKS: Check[] = [
  {
    id: 'appArmorProfile',
    level: 'baseline',
    check(spec, { metadata }) {
      const typeOf = (context: { appArmorProfile?: { type: string } } | undefined) => context?.appArmorProfile?.type;
      const refused = (type: string | undefined): type is string =>
        type !== undefined && type !== 'RuntimeDefault' && type !== 'Localhost';
      const pod = refused(typeOf(spec.securityContext));
      const containers = withContext(spec, (context) => refused(typeOf(context)));
      const contexts = [spec.securityContext, ...containersOf(spec).map(({ securityContext }) => securityContext)];
      const annotations = Object.entries(metadata.annotations ?? {})
        .filter(([key, profile]) => key.startsWith(APPARMOR) && !isSafeAppArmorAnnotation(profile))
        .map(([key, profile]) => `${key}="${profile}"`);
      if (!pod && containers.length === 0 && annotations.length === 0) return undefined;
      const values = [...sorted(contexts.map(typeOf).filter(refused)), ...sorted(annotations)];
      const setters = [
        ...(pod || containers.length > 0 ? [joinSetters(pod, containers)] : []),
        ...(annotations.length > 0 ? [plural('annotation', 'annotations', annotations.length)] : []),
      ];
      return {
        reason: plural('forbidden AppArmor profile', 'forbidden AppArmor profiles', values.length),
        detail: `${setters.join(' and ')} must not set AppArmor profile type to ${quoted(values)}`,
      };
    },
  },
  {
    id: 'capabilities_baseline',
    level: 'baseline',
    check(spec) {
      const detail = capabilityViolation(spec, (name) => DEFAULT_CAPABILITIES.has(name));
      return detail === undefined ? undefined : { reason: 'non-default capabilities', detail };
    },
  },
  {
    id: 'hostNamespaces',
    level: 'baseline',
    check({ hostNetwork, hostPID, hostIPC }) {
      const set = Object.entries({ hostNetwork, hostPID, hostIPC }).filter(([, value]) => value);
      return set.length === 0
        ? undefined
        : { reason: 'host namespaces', detail: set.map(([name]) => `${name}=true`).join(', ') };
    },
  },
  {
    id: 'hostPathVolumes',
    level: 'baseline',
    check({ volumes = [] }) {
      const bad = volumes.filter(({ hostPath }) => hostPath).map(({ name }) => name);
      return bad.length === 0
        ? undefined
        : { reason: 'hostPath volumes', detail: `${plural('volume', 'volumes', bad.length)} ${quoted(bad)}` };
    },
  },
  {
    id: 'hostPorts',
    level: 'baseline',
    check(spec) {
      const uses = containersOf(spec).filter(({ ports }) => ports?.some(({ hostPort }) => hostPort));
      if (uses.length === 0) return undefined;
      const ports = sorted(
        uses.flatMap(({ ports: all }) => (all ?? []).flatMap(({ hostPort }) => (hostPort ? [String(hostPort)] : []))),
      );
      const names = uses.map(({ name }) => name);
      const verb = plural('uses', 'use', names.length);
      return {
        reason: 'hostPort',
        detail: `${named(names)} ${verb} ${plural('hostPort', 'hostPorts', ports.length)} ${ports.join(', ')}`,
      };
    },
  },
  {
    id: 'privileged',
    level: 'baseline',
    check(spec) {
      const bad = withContext(spec, ({ privileged }) => privileged === true);
      return bad.length === 0
        ? undefined
        : { reason: 'privileged', detail: `${named(bad)} must not set securityContext.privileged=true` };
    },
  },
  {
    id: 'procMount',
    level: 'baseline',
    check(spec) {
      const other = ({ procMount }: SecurityContext) => procMount !== undefined && procMount !== 'Default';
      const bad = withContext(spec, other);
      if (bad.length === 0) return undefined;
      const types = sorted(
        containersOf(spec).flatMap(({ securityContext }) =>
          other(securityContext ?? {}) ? [securityContext!.procMount!] : [],
        ),
      );
      return {
        reason: 'procMount',
        detail: `${named(bad)} must not set securityContext.procMount to ${quoted(types)}`,
      };
    },
  },
  {
    id: 'seLinuxOptions',
    level: 'baseline',
    check(spec, { minor }) {
      const types = new Set<string>();
      let user = false;
      let role = false;
      const refused = (
        context: { seLinuxOptions?: { type?: string; user?: string; role?: string } } | undefined,
      ): boolean => {
        const options = context?.seLinuxOptions;
        const badType = !isSince(SELINUX_TYPES, options?.type ?? '', minor);
        if (badType) types.add(options!.type!);
        user ||= Boolean(options?.user);
        role ||= Boolean(options?.role);
        return badType || Boolean(options?.user) || Boolean(options?.role);
      };
      const pod = refused(spec.securityContext);
      const containers = withContext(spec, refused);
      if (!pod && containers.length === 0) return undefined;
      const data = [
        ...(types.size > 0 ? [`${plural('type', 'types', types.size)} ${quoted(sorted(types))}`] : []),
        ...(user ? ['user may not be set'] : []),
        ...(role ? ['role may not be set'] : []),
      ];
      return {
        reason: 'seLinuxOptions',
        detail: `${joinSetters(pod, containers)} set forbidden securityContext.seLinuxOptions: ${data.join('; ')}`,
      };
    },
  },
  {
    id: 'seccompProfile_baseline',
    level: 'baseline',
    check: (spec, { metadata, minor }) => (minor < 19 ? badSeccompAnnotations(spec, metadata) : badSeccomp(spec)),
  },
  {
    id: 'sysctls',
    level: 'baseline',
    check({ securityContext }, { minor }) {
      const bad = (securityContext?.sysctls ?? [])
        .map(({ name }) => name)
        .filter((name) => !isSince(SAFE_SYSCTLS, name, minor));
      return bad.length === 0 ? undefined : { reason: 'forbidden sysctls', detail: bad.join(', ') };
    },
  },
  {
    id: 'windowsHostProcess',
    level: 'baseline',
    check(spec) {
      const refused = (context: { windowsOptions?: { hostProcess?: boolean } } | undefined) =>
        context?.windowsOptions?.hostProcess === true;
      const pod = refused(spec.securityContext);
      const containers = withContext(spec, refused);
      if (!pod && containers.length === 0) return undefined;
      return {
        reason: 'hostProcess',
        detail: `${joinSetters(pod, containers)} must not set securityContext.windowsOptions.hostProcess=true`,
      };
    },
  },
  {
    id: 'allowPrivilegeEscalation',
    level: 'restricted',
    since: 8,
    check(spec, { minor }) {
      if (isExemptWindows(spec, minor)) return undefined;
      const bad = withContext(spec, ({ allowPrivilegeEscalation }) => allowPrivilegeEscalation !== false);
      return bad.length === 0
        ? undefined
        : {
            reason: 'allowPrivilegeEscalation != false',
            detail: `${named(bad)} must set securityContext.allowPrivilegeEscalation=false`,
          };
    },
  },
  {
    id: 'capabilities_restricted',
    level: 'restricted',
    since: 22,
    overrides: ['capabilities_baseline'],
    check(spec, { minor }) {
      if (isExemptWindows(spec, minor)) return undefined;
      const keeps = withContext(spec, ({ capabilities }) => !capabilities?.drop?.includes('ALL'));
      const adds = capabilityViolation(spec, (name) => name === 'NET_BIND_SERVICE');
      const details = [
        ...(keeps.length > 0 ? [`${named(keeps)} must set securityContext.capabilities.drop=["ALL"]`] : []),
        ...(adds === undefined ? [] : [adds]),
      ];
      return details.length === 0 ? undefined : { reason: 'unrestricted capabilities', detail: details.join('; ') };
    },
  },
  {
    id: 'restrictedVolumes',
    level: 'restricted',
    overrides: ['hostPathVolumes'],
    check({ volumes = [] }) {
      const bad = volumes.filter((volume) => !RESTRICTED_VOLUMES.has(volumeTypeOf(volume)));
      if (bad.length === 0) return undefined;
      const types = sorted(bad.map(volumeTypeOf));
      const names = bad.map(({ name }) => name);
      return {
        reason: 'restricted volume types',
        detail: `${plural('volume', 'volumes', names.length)} ${quoted(names)} ${plural('uses', 'use', names.length)} ${plural('restricted volume type', 'restricted volume types', types.length)} ${quoted(types)}`,
      };
    },
  },
  {
    id: 'runAsNonRoot',
    level: 'restricted',
    check(spec) {
      const pod = spec.securityContext?.runAsNonRoot;
      const explicit = withContext(spec, ({ runAsNonRoot }) => runAsNonRoot === false);
      const reason = 'runAsNonRoot != true';
      if (pod === false || explicit.length > 0)
        return {
          reason,
          detail: `${joinSetters(pod === false, explicit)} must not set securityContext.runAsNonRoot=false`,
        };
      const silent = pod === true ? [] : withContext(spec, ({ runAsNonRoot }) => runAsNonRoot === undefined);
      return silent.length === 0
        ? undefined
        : { reason, detail: `pod or ${named(silent)} must set securityContext.runAsNonRoot=true` };
    },
  },
  {
    id: 'runAsUser',
    level: 'restricted',
    since: 23,
    check(spec) {
      const pod = spec.securityContext?.runAsUser === 0;
      const containers = withContext(spec, ({ runAsUser }) => runAsUser === 0);
      if (!pod && containers.length === 0) return undefined;
      return { reason: 'runAsUser=0', detail: `${joinSetters(pod, containers)} must not set runAsUser=0` };
    },
  },
  {
    id: 'seccompProfile_restricted',
    level: 'restricted',
    since: 19,
    overrides: ['seccompProfile_baseline'],
    check(spec, { minor }) {
      if (isExemptWindows(spec, minor)) return undefined;
      const bad = badSeccomp(spec);
      if (bad) return bad;
      const silent =
        profileType(spec.securityContext) === undefined
          ? withContext(spec, (context) => profileType(context) === undefined)
          : [];
      return silent.length === 0
        ? undefined
        : {
            reason: 'seccompProfile',
            detail: `pod or ${named(silent)} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"`,
          };
    },
  },
];
