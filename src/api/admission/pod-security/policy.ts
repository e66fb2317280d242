import type { ObjectMeta, PodSpec } from '../../../types/objects.ts';
import { CHECKS, type Violation } from './checks.ts';

type Level = 'privileged' | 'baseline' | 'restricted';

/** What a namespace holds pods to: a level, as it was in a version of Kubernetes. */
export interface Policy {
  level: Level;
  /** `latest`, `v1.33` */
  version: string;
}

const LABEL = 'pod-security.kubernetes.io/';
/** From lax to strict. */
const LEVELS: readonly Level[] = ['privileged', 'baseline', 'restricted'];

export const strictness = ({ level }: Policy): number => LEVELS.indexOf(level);

const isLevel = (level: string | undefined): level is Level => LEVELS.includes(level as Level);

/** What a namespace's labels ask for. Whoever enforces a level is warned of it too, unless told otherwise. */
export function policiesOf(metadata: ObjectMeta | undefined): { enforce: Policy; warn: Policy } {
  const label = (name: string): string | undefined => metadata?.labels?.[LABEL + name];
  const [enforced, warned] = [label('enforce'), label('warn')];
  const version = label('enforce-version') ?? 'latest';
  const warnVersion = label('warn-version');
  // A level that cannot be read is enforced as the strictest.
  const enforce: Policy = {
    level: enforced === undefined || isLevel(enforced) ? (enforced ?? 'privileged') : 'restricted',
    version,
  };
  if (warned === undefined && isLevel(enforced) && enforced !== 'privileged')
    return { enforce, warn: { level: enforced, version: warnVersion ?? version } };
  return { enforce, warn: { level: isLevel(warned) ? warned : 'privileged', version: warnVersion ?? 'latest' } };
}

/** `"restricted:latest"` */
export const policyName = ({ level, version }: Policy): string => JSON.stringify(`${level}:${version}`);

/** Everything that a policy holds against a pod, in upstream's order. */
export function evaluate({ level, version }: Policy, spec: PodSpec, metadata: ObjectMeta): Violation[] {
  if (level === 'privileged') return [];
  const minor = version === 'latest' ? Number.POSITIVE_INFINITY : Number(version.replace('v1.', ''));
  const checks = CHECKS.filter(
    (check) => minor >= (check.since ?? 0) && (level === 'restricted' || check.level === 'baseline'),
  );
  const overridden = new Set(checks.flatMap(({ overrides }) => overrides ?? []));
  return checks.filter(({ id }) => !overridden.has(id)).flatMap(({ check }) => check(spec, { metadata, minor }) ?? []);
}

/** The sentence of a refusal or a warning. */
export const told = (violations: Violation[]): string =>
  violations.map(({ reason, detail }) => `${reason} (${detail})`).join(', ');
