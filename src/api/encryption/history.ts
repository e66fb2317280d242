import type { State } from '../../store/section.ts';
import type { KubeObject } from '../../types/objects.ts';
import type { Provider, Rule } from './configuration.ts';
import { type Seal, sealOf, unreadable } from './sealing.ts';

/** A time in which API servers wrote in one way: what has a later revision than `since` was written so. */
interface Era {
  since: number;
  rules: Rule[];
}

const SECTION = 'api-server/encryption';
const HISTORY = 'history';

const erasOf = (state: State): Era[] => state.section<Era[]>(SECTION).get(HISTORY) ?? [];

/** An API server begins with these rules (none without a configuration) over a store of that revision. */
export function beginEncryption(state: State, revision: number, rules: Rule[]): void {
  const eras = erasOf(state);
  if (JSON.stringify(eras.at(-1)?.rules ?? []) === JSON.stringify(rules)) return;
  state.section<Era[]>(SECTION).set(HISTORY, [...eras, { since: revision, rules }]);
}

/** The providers of a resource (`secrets`, `deployments.apps`): those of its name, its group, or of all. */
function providersOf(rules: Rule[], resource: string): Provider[] {
  const [name = '', group = ''] = resource.split(/\.(.*)/s);
  for (const wanted of [group === '' ? name : resource, `*.${group}`, '*.*']) {
    const found = rules.filter(({ resources }) => resources.includes(wanted)).flatMap(({ providers }) => providers);
    if (found.length > 0) return found;
  }
  return [];
}

const revisionOf = ({ metadata }: KubeObject): number => Number(metadata.resourceVersion ?? 0);

/** What an object was written with. */
export function sealUsed(state: State, resource: string, object: KubeObject): Seal {
  const era = erasOf(state).findLast(({ since }) => since < revisionOf(object));
  const [first] = era ? providersOf(era.rules, resource) : [];
  return first && sealOf(first);
}

/** Whether an object would be written otherwise now: a write that changes nothing is then one all the same. */
export function isStale(state: State, resource: string, object: KubeObject): boolean {
  const eras = erasOf(state);
  if (eras.length === 0) return false;
  const [first] = providersOf(eras.at(-1)!.rules, resource);
  return JSON.stringify(first && sealOf(first)) !== JSON.stringify(sealUsed(state, resource, object));
}

/** Why the API server that runs cannot read an object; undefined if it can. */
export function unreadableNow(state: State, resource: string, object: KubeObject): string | undefined {
  const eras = erasOf(state);
  if (eras.length === 0) return undefined;
  const providers = providersOf(eras.at(-1)!.rules, resource);
  const seal = sealUsed(state, resource, object);
  if (providers.length > 0) return unreadable(providers, seal);
  return seal && 'identity transformer tried to read encrypted data';
}

/** Whether any API server of this cluster was ever told to encrypt. */
export const isEncrypting = (state: State): boolean => erasOf(state).length > 0;
