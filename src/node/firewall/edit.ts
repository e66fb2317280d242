import type { State } from '../../store/section.ts';
import type { Chain, Rule } from '../programs/iptables.ts';
import { type OwnRule, RuleError, readRule } from './rules.ts';
import { keepChain, type OwnChain, ownChain } from './store.ts';

/** What a command of iptables changes. */
export interface Change {
  state: State;
  node: string;
  table: string;
  /** The table as it is. */
  chains: Chain[];
  /** The words after the command. */
  words: string[];
}

const NO_CHAIN = new RuleError('No chain/target/match by that name.', 1);
const BAD_RULE = new RuleError('Bad rule (does a matching rule exist in that chain?).', 1);

function chainNamed({ chains }: Change, name: string | undefined): Chain {
  const chain = chains.find((one) => one.name === name);
  if (!chain) throw NO_CHAIN;
  return chain;
}

const same = (a: Rule, b: Rule): boolean =>
  a.target === b.target &&
  a.protocol === b.protocol &&
  a.source === b.source &&
  a.destination === b.destination &&
  a.extra === b.extra &&
  JSON.stringify((a as OwnRule).matches ?? {}) === JSON.stringify((b as OwnRule).matches ?? {});

function edit(change: Change, name: string, work: (chain: OwnChain) => OwnChain): void {
  const { state, node, table } = change;
  keepChain(state, node, table, name, work(ownChain(state, node, table, name)));
}

const BUILT_IN_TARGETS = new Set([
  ...['ACCEPT', 'DROP', 'REJECT', 'RETURN', 'LOG', 'DNAT', 'SNAT', 'MASQUERADE', 'REDIRECT', 'MARK', 'TCPMSS', ''],
]);

function newRule(change: Change, name: string, words: string[]): OwnRule {
  const rule = readRule(name, words);
  if (!BUILT_IN_TARGETS.has(rule.target) && !change.chains.some((one) => one.name === rule.target))
    throw new RuleError(
      `Couldn't load target \`${rule.target}':No such file or directory\n\nTry \`iptables -h' or 'iptables --help' for more information.`,
    );
  return rule;
}

function append(change: Change): void {
  const [name = '', ...words] = change.words;
  chainNamed(change, name);
  const rule = newRule(change, name, words);
  edit(change, name, (own) => ({ ...own, after: [...own.after, rule] }));
}

function insert(change: Change): void {
  const [name = '', ...rest] = change.words;
  const { rules } = chainNamed(change, name);
  const numbered = /^\d+$/.test(rest[0] ?? '');
  const at = numbered ? Number(rest[0]) - 1 : 0;
  if (at > rules.length) throw new RuleError('Index of insertion too big.', 1);
  const rule = newRule(change, name, numbered ? rest.slice(1) : rest);
  edit(change, name, (own) => {
    if (own.made || at > rules.length - own.after.length) {
      const place = own.made ? at : at - (rules.length - own.after.length);
      return { ...own, after: own.after.toSpliced(place, 0, rule) };
    }
    return { ...own, before: own.before.toSpliced(Math.min(at, own.before.length), 0, rule) };
  });
}

/** A rule of somebody's goes; what the cluster's programs keep, they would write anew. */
function remove(change: Change): void {
  const [name = '', ...rest] = change.words;
  const { rules } = chainNamed(change, name);
  const found = /^\d+$/.test(rest[0] ?? '')
    ? rules[Number(rest[0]) - 1]
    : rules.find((rule) => same(rule, readRule(name, rest)));
  if (!found) throw /^\d+$/.test(rest[0] ?? '') ? new RuleError('Index of deletion too big.', 1) : BAD_RULE;
  edit(change, name, (own) => {
    const without = (list: OwnRule[]) => {
      const at = list.findIndex((rule) => same(rule, found));
      return at < 0 ? list : list.toSpliced(at, 1);
    };
    const before = without(own.before);
    return { ...own, before, after: before === own.before ? without(own.after) : own.after };
  });
}

function check(change: Change): void {
  const [name = '', ...words] = change.words;
  const { rules } = chainNamed(change, name);
  const wanted = readRule(name, words);
  if (!rules.some((rule) => same(rule, wanted))) throw BAD_RULE;
}

const flush = (change: Change): void => {
  const [only] = change.words.filter((word) => !word.startsWith('-'));
  if (only !== undefined) chainNamed(change, only);
  for (const { name } of change.chains)
    if (only === undefined || name === only) edit(change, name, (own) => ({ ...own, before: [], after: [] }));
};

function create(change: Change): void {
  const [name = ''] = change.words;
  if (change.chains.some((one) => one.name === name)) throw new RuleError('Chain already exists.', 1);
  edit(change, name, (own) => ({ ...own, made: true }));
}

function removeChain(change: Change): void {
  const [only] = change.words.filter((word) => !word.startsWith('-'));
  const { state, node, table } = change;
  if (only !== undefined) {
    const { rules } = chainNamed(change, only);
    if (rules.length > 0) throw new RuleError(` CHAIN_DEL failed (Device or resource busy): chain ${only}`, 4);
  }
  for (const { name, rules } of change.chains)
    if ((only === undefined || name === only) && rules.length === 0 && ownChain(state, node, table, name).made)
      keepChain(state, node, table, name, undefined);
}

function policy(change: Change): void {
  const [name = '', target = ''] = change.words;
  const chain = chainNamed(change, name);
  if (!chain.policy) throw new RuleError('Bad built-in chain name.', 1);
  if (target !== 'ACCEPT' && target !== 'DROP')
    throw new RuleError("Bad policy name. Run `dmesg' for more information.", 1);
  edit(change, name, ({ policy: _, ...own }) => (target === 'ACCEPT' ? own : { ...own, policy: target }));
}

/** Commands that change tables, by all of their names. */
export const CHANGES: [names: string[], work: (change: Change) => void][] = [
  [['-A', '--append'], append],
  [['-I', '--insert'], insert],
  [['-D', '--delete'], remove],
  [['-C', '--check'], check],
  [['-F', '--flush'], flush],
  [['-N', '--new-chain'], create],
  [['-X', '--delete-chain'], removeChain],
  [['-P', '--policy'], policy],
  [['-Z', '--zero'], () => {}],
];
