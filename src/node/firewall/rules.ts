import { ANY, type Rule } from '../programs/iptables.ts';

/** What a rule looks at of a packet, beside what `-L` shows of it. */
export interface Matches {
  port?: string[];
  sourcePort?: string;
  states?: string[];
  incoming?: string;
  outgoing?: string;
}

/** A rule that somebody wrote. */
export interface OwnRule extends Rule {
  matches: Matches;
}

/** A command line that iptables does not take; `message` is what it says after its name. */
export class RuleError extends Error {
  constructor(
    message: string,
    readonly code = 2,
  ) {
    super(message);
  }
}

const PROTOCOLS = ['tcp', 'udp', 'sctp', 'icmp', 'all'];
const HINT = "\nTry `iptables -h' or 'iptables --help' for more information.";

const SERVICES: Record<string, string> = { ssh: '22', domain: '53', http: '80', https: '443' };

/** `10.0.0.0/8`, `10.1.2.3` (with or without /32), `0.0.0.0/0`. */
const address = (text: string): string => {
  const plain = text.replace(/\/32$/, '');
  return plain === '0/0' ? ANY : plain;
};

interface Reading {
  rule: Rule;
  matches: Matches;
  /** What `-L` shows, in the order in which it was given. */
  extra: string[];
  not: boolean;
}

type Option = (reading: Reading, value: string) => unknown;

const portOption =
  (kind: 'dpt' | 'spt'): Option =>
  (reading, value) => {
    const { rule, matches, extra } = reading;
    if (rule.protocol === 'all') throw new RuleError(`unknown option "--${kind === 'dpt' ? 'dport' : 'sport'}"${HINT}`);
    const port = SERVICES[value] ?? value;
    if (!/^\d+(:\d+)?$/.test(port)) throw new RuleError(`invalid port/service \`${value}' specified${HINT}`);
    const ports = port.includes(':') ? `s:${port}` : `:${port}`;
    extra.push(`${rule.protocol} ${kind}${ports}`);
    if (kind === 'dpt') matches.port = [port];
    else matches.sourcePort = port;
  };

const stateOption =
  (word: string): Option =>
  ({ matches, extra, not }, value) => {
    matches.states = value.split(',');
    extra.push(`${not ? '! ' : ''}${word} ${value}`);
  };

/** Options with a value, by all of their names. */
const OPTIONS: [names: string[], use: Option][] = [
  [
    ['-p', '--protocol'],
    ({ rule }, value) => {
      const protocol = value.toLowerCase();
      if (!PROTOCOLS.includes(protocol)) throw new RuleError(`unknown protocol "${value}" specified${HINT}`);
      rule.protocol = protocol;
    },
  ],
  [
    ['-s', '--source', '--src'],
    ({ rule, not }, value) => Object.assign(rule, { source: `${not ? '!' : ''}${address(value)}` }),
  ],
  [
    ['-d', '--destination', '--dst'],
    ({ rule, not }, value) => Object.assign(rule, { destination: `${not ? '!' : ''}${address(value)}` }),
  ],
  [['-i', '--in-interface'], ({ matches }, value) => Object.assign(matches, { incoming: value })],
  [['-o', '--out-interface'], ({ matches }, value) => Object.assign(matches, { outgoing: value })],
  [['-j', '--jump', '-g'], ({ rule }, value) => Object.assign(rule, { target: value })],
  [['-m', '--match'], () => {}],
  [['--dport', '--destination-port'], portOption('dpt')],
  [['--sport', '--source-port'], portOption('spt')],
  [
    ['--dports'],
    ({ matches, extra }, value) => {
      matches.port = value.split(',');
      extra.push(`multiport dports ${value}`);
    },
  ],
  [['--comment'], ({ extra }, value) => void extra.push(`/* ${value} */`)],
  [['--ctstate'], stateOption('ctstate')],
  [['--state'], stateOption('state')],
  [['--reject-with'], ({ extra }, value) => void extra.push(`reject-with ${value}`)],
  [['--to-destination'], ({ extra, rule }, value) => void extra.push(`${rule.protocol} to:${value}`)],
  [['--log-prefix'], ({ extra }, value) => void extra.push(`LOG flags 0 level 4 prefix "${value}"`)],
];

/** Reads the words that follow `-A CHAIN`; throws RuleError. */
export function readRule(chain: string, words: string[]): OwnRule {
  const reading: Reading = {
    rule: { chain, target: '', protocol: 'all', source: ANY, destination: ANY, extra: '' },
    matches: {},
    extra: [],
    not: false,
  };
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!;
    if (word === '!') {
      reading.not = true;
      continue;
    }
    const option = OPTIONS.find(([names]) => names.includes(word));
    if (!option)
      throw new RuleError(word.startsWith('-') ? `unknown option "${word}"${HINT}` : `Bad argument \`${word}'${HINT}`);
    const value = words[++at];
    if (value === undefined) throw new RuleError(`option "${word}" requires an argument${HINT}`);
    option[1](reading, value);
    reading.not = false;
  }
  const { rule, extra, matches } = reading;
  if (rule.target === 'REJECT' && !extra.some((text) => text.startsWith('reject-with')))
    extra.push('reject-with icmp-port-unreachable');
  return { ...rule, extra: extra.join(' '), matches };
}
