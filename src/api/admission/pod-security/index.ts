import type { KubeObject, Namespace, ObjectMeta, Pod, PodSpec } from '../../../types/objects.ts';
import type { ResourceRequest } from '../../world.ts';
import { type AdmissionPlugin, refuse } from '../plugin.ts';
import { CHECKS, type Violation } from './checks.ts';

type Level = 'privileged' | 'baseline' | 'restricted';
type Mode = 'enforce' | 'warn';

const LABEL = 'pod-security.kubernetes.io/';
const LEVELS: readonly Level[] = ['privileged', 'baseline', 'restricted'];

interface Policy {
  level: Level;
  /** `latest`, `v1.33` */
  version: string;
}

function policyOf(metadata: ObjectMeta | undefined, mode: Mode): Policy {
  const level = metadata?.labels?.[LABEL + mode] as Level | undefined;
  const version = metadata?.labels?.[`${LABEL}${mode}-version`] ?? 'latest';
  return { level: level && LEVELS.includes(level) ? level : 'privileged', version };
}

const named = ({ level, version }: Policy): string => JSON.stringify(`${level}:${version}`);

/** Everything that a policy holds against a pod, in upstream's order. */
function evaluate({ level }: Policy, spec: PodSpec, metadata: ObjectMeta): Violation[] {
  if (level === 'privileged') return [];
  const checks = CHECKS.filter((check) => level === 'restricted' || check.level === 'baseline');
  const overridden = new Set(checks.flatMap(({ overrides = [] }) => overrides));
  return checks.filter(({ id }) => !overridden.has(id)).flatMap(({ check }) => check(spec, metadata) ?? []);
}

const told = (violations: Violation[]): string =>
  violations.map(({ reason, detail }) => `${reason} (${detail})`).join(', ');

/** The pod that a workload would make. */
function templateOf(object: KubeObject): { spec: PodSpec; metadata: ObjectMeta } | undefined {
  const { template, spec } = object as unknown as {
    template?: { spec?: PodSpec; metadata?: ObjectMeta };
    spec?: {
      template?: { spec?: PodSpec; metadata?: ObjectMeta };
      jobTemplate?: { spec?: { template?: { spec?: PodSpec } } };
    };
  };
  const found = template ?? spec?.template ?? spec?.jobTemplate?.spec?.template;
  return found?.spec && { spec: found.spec, metadata: {} };
}

/** Pods of a namespace that a tighter policy would not have let in, told as one line for each set of reasons. */
function warnOfExisting(request: ResourceRequest, namespace: Namespace, policy: Policy): void {
  const name = namespace.metadata.name!;
  const groups = new Map<string, string[]>();
  for (const pod of request.world.store.list('pods', name) as Pod[]) {
    const reasons = evaluate(policy, pod.spec!, pod.metadata).map(({ reason }) => reason);
    if (reasons.length === 0) continue;
    const key = reasons.join(', ');
    groups.set(key, [...(groups.get(key) ?? []), pod.metadata.name!]);
  }
  if (groups.size === 0) return;
  request.warnings.push(
    `existing pods in namespace ${JSON.stringify(name)} violate the new PodSecurity enforce level ${named(policy)}`,
  );
  const lines = [...groups].map(([reasons, [first, ...others]]) => {
    const more = others.length === 0 ? '' : ` (and ${others.length} other ${others.length === 1 ? 'pod' : 'pods'})`;
    return `${first}${more}: ${reasons}`;
  });
  request.warnings.push(...lines.sort());
}

/** Holds pods to the policy of their namespace's labels, and warns of workloads whose pods it would refuse. */
export const podSecurity: AdmissionPlugin = {
  name: 'PodSecurity',
  validate(request, object, old) {
    const { verb, resource, subresource, world, namespace } = request;
    if (!object) return;
    if (resource.name === 'namespaces') {
      const policy = policyOf(object.metadata, 'enforce');
      const before = policyOf(old?.metadata, 'enforce');
      const tighter = LEVELS.indexOf(policy.level) > LEVELS.indexOf(before.level);
      if (old && tighter) warnOfExisting(request, object as Namespace, policy);
      return;
    }
    if (!resource.namespaced || (subresource !== '' && subresource !== 'ephemeralcontainers')) return;
    const pod = resource.name === 'pods';
    if (pod && verb !== 'create' && subresource === '') return;
    const target = pod ? { spec: (object as Pod).spec!, metadata: object.metadata } : templateOf(object);
    if (!target) return;
    const { metadata } = world.store.get('namespaces', '', namespace) ?? { metadata: undefined };
    const enforce = policyOf(metadata, 'enforce');
    const refused = pod ? evaluate(enforce, target.spec, target.metadata) : [];
    if (refused.length > 0) throw refuse(request, object, `violates PodSecurity ${named(enforce)}: ${told(refused)}`);
    const warn = policyOf(metadata, 'warn');
    const warned = evaluate(warn, target.spec, target.metadata);
    if (warned.length > 0) request.warnings.push(`would violate PodSecurity ${named(warn)}: ${told(warned)}`);
  },
};
