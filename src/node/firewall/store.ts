import type { State } from '../../store/section.ts';
import type { Chain } from '../programs/iptables.ts';
import type { OwnRule } from './rules.ts';

/** What somebody changed of a chain: rules before and after those of the cluster's own programs. */
export interface OwnChain {
  before: OwnRule[];
  after: OwnRule[];
  policy?: string;
  /** It is nobody else's. */
  made?: true;
}

const SECTION = 'node/firewall';
const EMPTY: OwnChain = { before: [], after: [] };

/** Chains that somebody changed, by `NODE/TABLE/CHAIN`. */
const chainsOf = (state: State) => state.section<OwnChain>(SECTION);

export const ownChain = (state: State, node: string, table: string, name: string): OwnChain =>
  chainsOf(state).get(`${node}/${table}/${name}`) ?? EMPTY;

/** Keeps a chain; one in which nothing is changed is forgotten. */
export function keepChain(state: State, node: string, table: string, name: string, chain: OwnChain | undefined): void {
  const key = `${node}/${table}/${name}`;
  const changed = chain && (chain.made || chain.policy !== undefined || chain.before.length + chain.after.length > 0);
  if (changed) chainsOf(state).set(key, chain);
  else chainsOf(state).delete(key);
}

/** A table as it is: what the cluster's programs keep there, and what somebody added. */
export function withOwn(state: State, node: string, table: string, chains: Chain[]): Chain[] {
  const changed = chainsOf(state).keys(`${node}/${table}/`);
  if (changed.length === 0) return chains;
  const own = (name: string) => ownChain(state, node, table, name);
  const made = changed
    .map((key) => key.slice(node.length + table.length + 2))
    .filter((name) => own(name).made)
    .map((name) => ({ name, rules: own(name).after }));
  const kept = chains.map(({ name, policy, rules }): Chain => {
    const { before, after, policy: chosen } = own(name);
    return { name, ...(policy && { policy: chosen ?? policy }), rules: [...before, ...rules, ...after] };
  });
  return [...kept, ...made];
}

/** Whether anybody wrote rules anywhere. */
export const isAnyFiltering = (state: State): boolean => chainsOf(state).keys().length > 0;

/** Whether anybody wrote rules on a node. */
export const isFiltering = (state: State, node: string): boolean => chainsOf(state).keys(`${node}/filter/`).length > 0;
