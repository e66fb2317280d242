import { describe, expect, it } from 'vitest';
import type { ObjectMeta, PodSpec } from '../../../types/objects.ts';
import { evaluate, policiesOf, policyName, told } from './policy.ts';

const container = (securityContext?: object) => ({
  name: 'c',
  image: 'nginx',
  ...(securityContext && { securityContext }),
});
const SAFE = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  runAsNonRoot: true,
  seccompProfile: { type: 'RuntimeDefault' },
};

type Level = 'baseline' | 'restricted';

const CASES: [
  what: string,
  level: Level,
  version: string,
  spec: object,
  annotations: Record<string, string>,
  told: string,
][] = [
  [
    'a plain pod',
    'restricted',
    'latest',
    {},
    {},
    'allowPrivilegeEscalation != false (container "c" must set securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (container "c" must set securityContext.capabilities.drop=["ALL"]), runAsNonRoot != true (pod or container "c" must set securityContext.runAsNonRoot=true), seccompProfile (pod or container "c" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")',
  ],
  ['a careful pod', 'restricted', 'latest', { containers: [container(SAFE)] }, {}, ''],
  [
    'a pod of Windows',
    'restricted',
    'v1.25',
    { os: { name: 'windows' } },
    {},
    'runAsNonRoot != true (pod or container "c" must set securityContext.runAsNonRoot=true)',
  ],
  ['a plain pod, judged as before 1.8', 'restricted', 'v1.7', { securityContext: { runAsNonRoot: true } }, {}, ''],
  [
    'a root user',
    'restricted',
    'v1.23',
    { containers: [container({ ...SAFE, runAsUser: 0 })] },
    {},
    'runAsUser=0 (container "c" must not set runAsUser=0)',
  ],
  [
    'a root user, judged as before 1.23',
    'restricted',
    'v1.22',
    { containers: [container({ ...SAFE, runAsUser: 0 })] },
    {},
    '',
  ],
  [
    'profiles in annotations',
    'baseline',
    'v1.18',
    {},
    { 'seccomp.security.alpha.kubernetes.io/pod': 'unconfined' },
    'seccompProfile (forbidden annotation seccomp.security.alpha.kubernetes.io/pod="unconfined")',
  ],
  [
    'AppArmor off, in fields and annotations',
    'baseline',
    'latest',
    { securityContext: { appArmorProfile: { type: 'Unconfined' } } },
    { 'container.apparmor.security.beta.kubernetes.io/c': 'unconfined' },
    'forbidden AppArmor profiles (pod and annotation must not set AppArmor profile type to "Unconfined", "container.apparmor.security.beta.kubernetes.io/c="unconfined"")',
  ],
  [
    'SELinux types and users',
    'baseline',
    'v1.30',
    { containers: [container({ seLinuxOptions: { type: 'container_engine_t', user: 'u' } })] },
    {},
    'seLinuxOptions (container "c" set forbidden securityContext.seLinuxOptions: type "container_engine_t"; user may not be set)',
  ],
  [
    'sysctls that were not safe yet',
    'baseline',
    'v1.28',
    { securityContext: { sysctls: [{ name: 'net.ipv4.tcp_keepalive_time', value: '1' }] } },
    {},
    'forbidden sysctls (net.ipv4.tcp_keepalive_time)',
  ],
  [
    "the host's namespaces, ports and paths",
    'baseline',
    'latest',
    {
      hostNetwork: true,
      hostPID: true,
      containers: [{ ...container({ privileged: true }), ports: [{ containerPort: 80, hostPort: 80 }] }],
      volumes: [{ name: 'v', hostPath: { path: '/' } }],
    },
    {},
    'host namespaces (hostNetwork=true, hostPID=true), hostPath volumes (volume "v"), hostPort (container "c" uses hostPort 80), privileged (container "c" must not set securityContext.privileged=true)',
  ],
];

describe('a policy holds against', () => {
  it.each(CASES)('%s (%s, %s)', (_, level, version, spec, annotations, expected) => {
    const pod = { containers: [container()], ...spec } as unknown as PodSpec;
    expect(told(evaluate({ level, version }, pod, { annotations }))).toBe(expected);
  });
});

const labelled = (labels: Record<string, string>): ObjectMeta => ({
  labels: Object.fromEntries(
    Object.entries(labels).map(([key, value]) => [`pod-security.kubernetes.io/${key}`, value]),
  ),
});

describe('labels ask for', () => {
  it.each([
    [{}, 'privileged:latest', 'privileged:latest'],
    [{ enforce: 'restricted' }, 'restricted:latest', 'restricted:latest'],
    [{ enforce: 'baseline', 'enforce-version': 'v1.30' }, 'baseline:v1.30', 'baseline:v1.30'],
    [{ enforce: 'baseline', warn: 'privileged' }, 'baseline:latest', 'privileged:latest'],
    [{ enforce: 'baseline', 'warn-version': 'v1.2' }, 'baseline:latest', 'baseline:v1.2'],
    [{ warn: 'restricted' }, 'privileged:latest', 'restricted:latest'],
    [{ enforce: 'strict' }, 'restricted:latest', 'privileged:latest'],
  ])('%j', (labels, enforced, warned) => {
    const { enforce, warn } = policiesOf(labelled(labels));
    expect([policyName(enforce), policyName(warn)]).toEqual([`"${enforced}"`, `"${warned}"`]);
  });
});
