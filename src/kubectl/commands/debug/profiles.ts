import type { Container, Pod } from '../../../types/objects.ts';
import type { FlagValues } from '../../command.ts';
import { CommandError } from '../../errors.ts';

/** How a pod is debugged: in a container of its own, as a copy, or as a pod on a node. */
export type DebugStyle = 'ephemeral' | 'copy' | 'node';

type Security = NonNullable<Container['securityContext']>;

/** A change to the container that debugs, or to its pod. */
interface Profile {
  container?(container: Container, style: DebugStyle): Container;
  pod?(pod: Pod, container: string, style: DebugStyle): Pod;
  /** What of the original a copy loses unless flags keep it. */
  strips?: ('labels' | 'annotations' | 'probes' | 'initContainers')[];
}

const secure =
  (change: (before: Security) => Security) =>
  (container: Container): Container => ({
    ...container,
    securityContext: change(container.securityContext ?? {}),
  });

const addCapabilities = (...names: string[]) =>
  secure((before) => ({
    ...before,
    capabilities: { ...before.capabilities, add: [...(before.capabilities?.add ?? []), ...names] },
  }));

function withoutSecurity(container: Container): Container {
  const { securityContext: _context, ...rest } = container;
  return rest;
}

const withSpec = (pod: Pod, change: Partial<NonNullable<Pod['spec']>>): Pod => ({
  ...pod,
  spec: { ...pod.spec!, ...change },
});

const useHostNamespaces = (pod: Pod): Pod => withSpec(pod, { hostNetwork: true, hostPID: true, hostIPC: true });

function mountRoot(pod: Pod, name: string): Pod {
  const mount = { mountPath: '/host', name: 'host-root' };
  return withSpec(pod, {
    volumes: [...(pod.spec?.volumes ?? []), { name: 'host-root', hostPath: { path: '/' } }],
    containers: pod.spec!.containers.map((container) =>
      container.name === name ? { ...container, volumeMounts: [...(container.volumeMounts ?? []), mount] } : container,
    ),
  });
}

const shareProcesses = (pod: Pod): Pod =>
  withSpec(pod, { shareProcessNamespace: pod.spec?.shareProcessNamespace ?? true });

const nodePod = (root: boolean) => (pod: Pod, name: string, style: DebugStyle) =>
  style === 'node'
    ? useHostNamespaces(root ? mountRoot(pod, name) : pod)
    : style === 'copy'
      ? shareProcesses(pod)
      : pod;

const EVERYTHING = ['labels', 'annotations', 'probes', 'initContainers'] as const;

const PROFILES: Record<string, Profile> = {
  legacy: {
    pod: (pod, name, style) => (style === 'node' ? useHostNamespaces(mountRoot(pod, name)) : pod),
    strips: ['labels'],
  },
  general: {
    container: (container, style) =>
      style === 'node' ? withoutSecurity(container) : addCapabilities('SYS_PTRACE')(container),
    pod: nodePod(true),
    strips: [...EVERYTHING],
  },
  baseline: {
    container: withoutSecurity,
    pod: (pod, _, style) => (style === 'copy' ? shareProcesses(pod) : pod),
    strips: [...EVERYTHING],
  },
  restricted: {
    container: (container) =>
      secure(() => ({
        runAsNonRoot: true,
        capabilities: { drop: ['ALL'] },
        allowPrivilegeEscalation: false,
        seccompProfile: { type: 'RuntimeDefault' },
      }))(container),
    pod: (pod, _, style) => (style === 'copy' ? shareProcesses(pod) : pod),
    strips: [...EVERYTHING],
  },
  netadmin: { container: addCapabilities('NET_ADMIN', 'NET_RAW'), pod: nodePod(false), strips: [...EVERYTHING] },
  sysadmin: {
    container: secure((before) => ({ ...before, privileged: true })),
    pod: nodePod(true),
    strips: [...EVERYTHING],
  },
};

/** Throws for a profile that there is not. */
export function requireProfile(name: string): void {
  if (!PROFILES[name]) throw new CommandError(`unknown profile: ${name}`);
}

/** The container as the profile wants it. */
export const profileContainer = (name: string, container: Container, style: DebugStyle): Container =>
  PROFILES[name]!.container?.(container, style) ?? container;

/** The pod as the profile wants it; a copy without what it must not have of the original. */
export function profilePod(flags: FlagValues, pod: Pod, container: string, style: DebugStyle): Pod {
  const profile = PROFILES[flags.string('profile')]!;
  const stripped = style === 'copy' ? strip(flags, pod, profile.strips ?? []) : pod;
  return profile.pod?.(stripped, container, style) ?? stripped;
}

function strip(flags: FlagValues, pod: Pod, parts: NonNullable<Profile['strips']>): Pod {
  const legacy = flags.string('profile') === 'legacy';
  const loses = (part: (typeof parts)[number], flag: string) => parts.includes(part) && (legacy || !flags.bool(flag));
  const { labels, annotations, ...metadata } = pod.metadata;
  const { initContainers, ...spec } = pod.spec!;
  const probes = parts.includes('probes');
  return {
    ...pod,
    metadata: {
      ...metadata,
      ...(labels && !loses('labels', 'keep-labels') && { labels }),
      ...(annotations && !loses('annotations', 'keep-annotations') && { annotations }),
    },
    spec: {
      ...spec,
      ...(initContainers &&
        !(parts.includes('initContainers') && !flags.bool('keep-init-containers')) && { initContainers }),
      containers: spec.containers.map((container) => (probes ? withoutProbes(flags, container) : container)),
    },
  };
}

function withoutProbes(flags: FlagValues, container: Container): Container {
  const { livenessProbe, readinessProbe, startupProbe, ...rest } = container;
  return {
    ...rest,
    ...(livenessProbe && flags.bool('keep-liveness') && { livenessProbe }),
    ...(readinessProbe && flags.bool('keep-readiness') && { readinessProbe }),
    ...(startupProbe && flags.bool('keep-startup') && { startupProbe }),
  };
}
