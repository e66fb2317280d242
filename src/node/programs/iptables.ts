import { createHash } from 'node:crypto';
import type { EndpointSlice, Service } from '../../types/objects.ts';
import type { NodeHost } from '../host.ts';

/** A rule, with what `-L` and `iptables-save` each show of it. */
export interface Rule {
  chain: string;
  target: string;
  protocol: string;
  source: string;
  destination: string;
  /** What follows the addresses in -L: comments, matches, target options. */
  extra: string;
  /** Of a rule that somebody wrote: the interfaces. */
  matches?: { incoming?: string; outgoing?: string };
}

export interface Chain {
  name: string;
  policy?: string;
  rules: Rule[];
}

/** A port of a service. */
export type Port = NonNullable<NonNullable<Service['spec']>['ports']>[number];

export const ANY = '0.0.0.0/0';

/** A rule for everything that comes through its chain, but for what is said. */
export const rule = (chain: string, target: string, extra = '', more: Partial<Rule> = {}): Rule => ({
  chain,
  target,
  protocol: 'all',
  source: ANY,
  destination: ANY,
  extra,
  ...more,
});

/** The hash in kube-proxy's chain names: base32 of sha256, sixteen letters. Source: pkg/proxy/iptables portProtoHash. */
export function chainHash(...parts: string[]): string {
  const digest = createHash('sha256').update(parts.join('')).digest();
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  let bits = '';
  for (const byte of digest.subarray(0, 10)) bits += byte.toString(2).padStart(8, '0');
  return (bits.match(/.{5}/g) ?? [])
    .map((b) => alphabet[Number.parseInt(b, 2)])
    .join('')
    .slice(0, 16);
}

/** `default/web:http`, or `default/web` for a port without a name. */
export const portName = (service: Service, port: Port): string =>
  `${service.metadata.namespace}/${service.metadata.name}${port.name ? `:${port.name}` : ''}`;

/** Ready addresses and the port number behind one port of a service, in order. */
export function endpointsOf(host: NodeHost, service: Service, port: Port): { ip: string; port: number }[] {
  return host
    .list('endpointslices.discovery.k8s.io', service.metadata.namespace)
    .filter((slice: EndpointSlice) => slice.metadata.labels?.['kubernetes.io/service-name'] === service.metadata.name)
    .flatMap((slice) => {
      const target = slice.ports?.find((p) => (p.name ?? '') === (port.name ?? ''));
      if (!target?.port) return [];
      return slice.endpoints
        .filter((e) => e.conditions?.ready !== false)
        .flatMap((e) => e.addresses.map((ip) => ({ ip, port: target.port! })));
    })
    .sort((a, b) => (a.ip < b.ip ? -1 : 1));
}

/** Rules that choose among endpoints: each takes its share of what the rules before it left. */
function servicePortChains(
  host: NodeHost,
  service: Service,
  port: Port,
): { svc: Chain; seps: Chain[]; entry: Rule[] } | undefined {
  const name = portName(service, port);
  const protocol = (port.protocol ?? 'TCP').toLowerCase();
  const chain = `KUBE-SVC-${chainHash(name, protocol)}`;
  const endpoints = endpointsOf(host, service, port);
  const rule = (chainName: string, target: string, more: Partial<Rule>): Rule => ({
    chain: chainName,
    target,
    protocol: 'all',
    source: ANY,
    destination: ANY,
    extra: '',
    ...more,
  });
  const clusterRule = {
    protocol,
    destination: service.spec!.clusterIP!,
    extra: `/* ${name} cluster IP */ ${protocol} dpt:${port.port}`,
  };
  if (!endpoints.length) return undefined;
  const podCidr = host.node()?.spec?.podCIDR;
  const outside = podCidr ? `!${podCidr.replace(/\d+\.\d+\/24$/, '0.0/16')}` : `!${ANY}`;
  const seps = endpoints.map(({ ip, port: target }) => {
    const sep = `KUBE-SEP-${chainHash(name, protocol, `${ip}:${target}`)}`;
    return {
      name: sep,
      rules: [
        rule(sep, 'KUBE-MARK-MASQ', { source: ip, extra: `/* ${name} */` }),
        rule(sep, 'DNAT', { protocol, extra: `/* ${name} */ ${protocol} to:${ip}:${target}` }),
      ],
    };
  });
  const choices = endpoints.map(({ ip, port: target }, i) => {
    const left = endpoints.length - i;
    const share = left > 1 ? ` statistic mode random probability ${(1 / left).toFixed(11)}` : '';
    return rule(chain, seps[i]!.name, { extra: `/* ${name} -> ${ip}:${target} */${share}` });
  });
  const svc = { name: chain, rules: [rule(chain, 'KUBE-MARK-MASQ', { ...clusterRule, source: outside }), ...choices] };
  return { svc, seps, entry: [rule('KUBE-SERVICES', chain, clusterRule)] };
}

/** The services that have an address of their own. */
export const proxiedServices = (host: NodeHost): Service[] =>
  host
    .list('services')
    .filter((s) => s.spec?.clusterIP && s.spec.clusterIP !== 'None' && s.spec.type !== 'ExternalName');

/** The nat table as kube-proxy in iptables mode keeps it. Source: pkg/proxy/iptables/proxier.go. */
export function iptablesNatTable(host: NodeHost): Chain[] {
  const services = proxiedServices(host);
  const ports = services.flatMap((s) => (s.spec?.ports ?? []).flatMap((p) => servicePortChains(host, s, p) ?? []));
  const portal = '/* kubernetes service portals */';
  const masquerade = '/* kubernetes service traffic requiring SNAT */';
  const opened = services.flatMap((s) =>
    (s.spec?.ports ?? []).flatMap((p) => {
      if (!p.nodePort || !endpointsOf(host, s, p).length) return [];
      const protocol = (p.protocol ?? 'TCP').toLowerCase();
      const name = portName(s, p);
      const hash = chainHash(name, protocol);
      const chain = `KUBE-EXT-${hash}`;
      const entry = { ...rule('KUBE-NODEPORTS', chain, `/* ${name} */ ${protocol} dpt:${p.nodePort}`), protocol };
      const rules = [
        rule(chain, 'KUBE-MARK-MASQ', `/* masquerade traffic for ${name} external destinations */`),
        rule(chain, `KUBE-SVC-${hash}`, ''),
      ];
      return [{ entry, chain: { name: chain, rules } }];
    }),
  );
  return [
    { name: 'PREROUTING', policy: 'ACCEPT', rules: [rule('PREROUTING', 'KUBE-SERVICES', portal)] },
    { name: 'INPUT', policy: 'ACCEPT', rules: [] },
    { name: 'OUTPUT', policy: 'ACCEPT', rules: [rule('OUTPUT', 'KUBE-SERVICES', portal)] },
    {
      name: 'POSTROUTING',
      policy: 'ACCEPT',
      rules: [rule('POSTROUTING', 'KUBE-POSTROUTING', '/* kubernetes postrouting rules */')],
    },
    ...opened.map(({ chain }) => chain).sort((a, b) => (a.name < b.name ? -1 : 1)),
    { name: 'KUBE-KUBELET-CANARY', rules: [] },
    { name: 'KUBE-MARK-MASQ', rules: [rule('KUBE-MARK-MASQ', 'MARK', 'MARK or 0x4000')] },
    { name: 'KUBE-NODEPORTS', rules: opened.map(({ entry }) => entry) },
    {
      name: 'KUBE-POSTROUTING',
      rules: [
        rule('KUBE-POSTROUTING', 'RETURN', 'mark match ! 0x4000/0x4000'),
        rule('KUBE-POSTROUTING', 'MARK', 'MARK xor 0x4000'),
        rule('KUBE-POSTROUTING', 'MASQUERADE', `${masquerade} random-fully`),
      ],
    },
    { name: 'KUBE-PROXY-CANARY', rules: [] },
    ...ports.flatMap((p) => p.seps).sort((a, b) => (a.name < b.name ? -1 : 1)),
    {
      name: 'KUBE-SERVICES',
      rules: [
        ...ports.flatMap((p) => p.entry),
        {
          ...rule(
            'KUBE-SERVICES',
            'KUBE-NODEPORTS',
            '/* kubernetes service nodeports; NOTE: this must be the last rule in this chain */ ADDRTYPE match dst-type LOCAL',
          ),
        },
      ],
    },
    ...ports.map((p) => p.svc).sort((a, b) => (a.name < b.name ? -1 : 1)),
  ];
}

/** `iptables -L [-n]`: chains with their rules; addresses are numbers with -n and "anywhere" without. */
export function listTable(chains: Chain[], numeric: boolean, all: Chain[] = chains): string {
  const references = (name: string) => all.reduce((n, c) => n + c.rules.filter((r) => r.target === name).length, 0);
  const address = (a: string) => (!numeric && a === ANY ? 'anywhere' : a);
  return chains
    .map((chain) => {
      const head = chain.policy ? `policy ${chain.policy}` : `${references(chain.name)} references`;
      const rows = chain.rules.map(
        (r) =>
          `${r.target.padEnd(10)} ${r.protocol.padEnd(4)} --  ${address(r.source).padEnd(20)} ${address(r.destination).padEnd(20)} ${r.extra}`,
      );
      return [
        `Chain ${chain.name} (${head})`,
        'target     prot opt source               destination         ',
        ...rows,
        '',
      ].join('\n');
    })
    .join('\n');
}

/** What `-A` writes of a part of `extra`, before the target or after it. */
const PARTS: [pattern: RegExp, match: string, target?: string][] = [
  [/^\/\* (.*?) \*\//, ' -m comment --comment "$1"'],
  [/^(tcp|udp|sctp) dpt:(\d+)/, ' -m $1 --dport $2'],
  [/^(tcp|udp|sctp) (d|s)pts?:(\d+:\d+)/, ' -m $1 --$2port $3'],
  [/^(tcp|udp|sctp) spt:(\d+)/, ' -m $1 --sport $2'],
  [/^multiport dports (\S+)/, ' -m multiport --dports $1'],
  [/^(! )?state (\S+)/, ' -m state $1--state $2'],
  [/^LOG flags 0 level 4 prefix (".*?")/, '', ' --log-prefix $1'],
  [/^(tcp|udp|sctp) to:(\S+)/, ' -m $1', ' --to-destination $2'],
  [/^match-set (\S+) (\S+)/, ' -m set --match-set $1 $2'],
  [/^(! )?ctstate (\S+)/, ' -m conntrack $1--ctstate $2'],
  [/^mark match (! )?(\S+)/, ' -m mark $1--mark $2'],
  [/^nfacct-name +(\S+)/, ' -m nfacct --nfacct-name  $1'],
  [/^statistic mode random probability (\S+)/, ' -m statistic --mode random --probability $1'],
  [/^ADDRTYPE match dst-type LOCAL/, ' -m addrtype --dst-type LOCAL'],
  [/^MARK or (\S+)/, '', ' --set-xmark $1/$1'],
  [/^MARK xor (\S+)/, '', ' --set-xmark $1/0x0'],
  [/^random-fully/, '', ' --random-fully'],
  [/^reject-with (\S+)/, '', ' --reject-with $1'],
];

/** A rule's matches and target as `-A` writes them. */
function ruleArguments({ chain, target, protocol, source, destination, extra, matches: own }: Rule): string {
  const address = (flag: string, text: string) => {
    if (text === ANY) return '';
    const [, not = '', ip = ''] = /^(!?)(.*)$/.exec(text)!;
    return `${not ? ' !' : ''} ${flag} ${ip.includes('/') ? ip : `${ip}/32`}`;
  };
  let matches = '';
  let options = '';
  for (let rest = extra.trim(); rest !== ''; ) {
    const [pattern, match, option = ''] = PARTS.find(([one]) => one.test(rest))!;
    const [whole] = pattern.exec(rest)!;
    matches += whole.replace(pattern, match);
    options += whole.replace(pattern, option);
    rest = rest.slice(whole.length).trim();
  }
  const spoken = protocol === 'all' ? '' : ` -p ${protocol}`;
  const through = `${own?.incoming ? ` -i ${own.incoming}` : ''}${own?.outgoing ? ` -o ${own.outgoing}` : ''}`;
  const jump = target === '' ? '' : ` -j ${target}`;
  return `-A ${chain}${address('-s', source)}${address('-d', destination)}${through}${spoken}${matches}${jump}${options}`;
}

/** `iptables -S`: a table's chains and rules as commands. */
export function listCommands(chains: Chain[], all: Chain[] = chains): string {
  const heads = chains.map(({ name, policy }) => (policy ? `-P ${name} ${policy}` : `-N ${name}`));
  const bare = chains.length === all.length ? heads : heads.slice(0, 1);
  return `${[...bare, ...chains.flatMap(({ rules }) => rules.map(ruleArguments))].join('\n')}\n`;
}

/** `iptables-save`: a table in the form that iptables-restore reads. */
export function saveTable(name: string, chains: Chain[], now: number): string {
  const time = new Date(now).toUTCString();
  const date = `${time.slice(0, 3)} ${time.slice(8, 11)} ${time.slice(5, 7)} ${time.slice(17, 25)} ${time.slice(12, 16)}`;
  const lines = [
    `# Generated by iptables-save v1.8.10 (nf_tables) on ${date}`,
    `*${name}`,
    ...chains.map(({ name, policy }) => `:${name} ${policy ?? '-'} [0:0]`),
    ...chains.flatMap(({ rules }) => rules.map(ruleArguments)),
    'COMMIT',
    `# Completed on ${date}`,
  ];
  return `${lines.join('\n')}\n`;
}
