import type { Container, ObjectMeta, PodSpec } from '../../../types/objects.ts';

/** What a check holds against a pod: `runAsUser=0`, and who does it. */
export interface Violation {
  reason: string;
  detail: string;
}

export interface Check {
  id: string;
  level: 'baseline' | 'restricted';
  /** Checks that this one makes needless. */
  overrides?: string[];
  check(spec: PodSpec, metadata: ObjectMeta): Violation | undefined;
}

type SecurityContext = NonNullable<Container['securityContext']>;

const quoted = (texts: Iterable<string>): string => [...texts].map((text) => JSON.stringify(text)).join(', ');
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

const SAFE_SYSCTLS = new Set([
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.ping_group_range',
  'net.ipv4.ip_unprivileged_port_start',
  'net.ipv4.ip_local_reserved_ports',
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
  'net.ipv4.tcp_rmem',
  'net.ipv4.tcp_wmem',
]);

const SELINUX_TYPES = new Set(['', 'container_t', 'container_init_t', 'container_kvm_t', 'container_engine_t']);
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
function badSeccomp(spec: PodSpec, allowed: (type: string) => boolean): Violation | undefined {
  const refused = (type: string | undefined) => type !== undefined && !allowed(type);
  const pod = refused(profileType(spec.securityContext));
  const containers = withContext(spec, (context) => refused(profileType(context)));
  if (!pod && containers.length === 0) return undefined;
  const types = [spec.securityContext, ...containersOf(spec).map(({ securityContext }) => securityContext)]
    .map((context) => profileType(context as { seccompProfile?: { type: string } } | undefined))
    .filter((type): type is string => refused(type));
  return {
    reason: 'seccompProfile',
    detail: `${joinSetters(pod, containers)} must not set securityContext.seccompProfile.type to ${quoted(sorted(types))}`,
  };
}

const volumeTypeOf = (volume: object): string => Object.keys(volume).find((key) => key !== 'name') ?? 'unknown';

export const CHECKS: Check[] = [
  {
    id: 'appArmorProfile',
    level: 'baseline',
    check(spec) {
      const refused = (context: { appArmorProfile?: { type: string } } | undefined) =>
        context?.appArmorProfile?.type === 'Unconfined';
      const pod = refused(spec.securityContext);
      const containers = withContext(spec, refused);
      if (!pod && containers.length === 0) return undefined;
      return {
        reason: 'forbidden AppArmor profile',
        detail: `${joinSetters(pod, containers)} must not set AppArmor profile type to "Unconfined"`,
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
    check(spec) {
      const data: string[] = [];
      const refused = (
        context: { seLinuxOptions?: { type?: string; user?: string; role?: string } } | undefined,
      ): boolean => {
        const { type = '', user, role } = context?.seLinuxOptions ?? {};
        if (!SELINUX_TYPES.has(type)) data.push(`type ${JSON.stringify(type)}`);
        if (user) data.push('user may not be set');
        if (role) data.push('role may not be set');
        return !SELINUX_TYPES.has(type) || Boolean(user) || Boolean(role);
      };
      const pod = refused(spec.securityContext);
      const containers = withContext(spec, refused);
      if (!pod && containers.length === 0) return undefined;
      return {
        reason: 'seLinuxOptions',
        detail: `${joinSetters(pod, containers)} set forbidden securityContext.seLinuxOptions: ${[...new Set(data)].join('; ')}`,
      };
    },
  },
  {
    id: 'seccompProfile_baseline',
    level: 'baseline',
    check: (spec) => badSeccomp(spec, (type) => type !== 'Unconfined'),
  },
  {
    id: 'sysctls',
    level: 'baseline',
    check({ securityContext }) {
      const bad = (securityContext?.sysctls ?? []).map(({ name }) => name).filter((name) => !SAFE_SYSCTLS.has(name));
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
    check(spec) {
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
    overrides: ['capabilities_baseline'],
    check(spec) {
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
    overrides: ['seccompProfile_baseline'],
    check(spec) {
      const allowed = (type: string) => type === 'RuntimeDefault' || type === 'Localhost';
      const bad = badSeccomp(spec, allowed);
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
