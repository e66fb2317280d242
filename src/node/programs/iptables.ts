import { createHash } from 'node:crypto';
import type { EndpointSlice, Service } from '../../types/objects.ts';
import type { NodeHost } from '../host.ts';

/** A rule of the nat table, with what `-L` and `iptables-save` each show of it. */
interface Rule {
  chain: string;
  target: string;
  protocol: string;
  source: string;
  destination: string;
  /** What follows the addresses in -L: comments, matches, target options. */
  extra: string;
}

interface Chain {
  name: string;
  policy?: string;
  rules: Rule[];
}

type Port = NonNullable<NonNullable<Service['spec']>['ports']>[number];

const ANY = '0.0.0.0/0';

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
const portName = (service: Service, port: Port): string =>
  `${service.metadata.namespace}/${service.metadata.name}${port.name ? `:${port.name}` : ''}`;

/** Ready addresses and the port number behind one port of a service, in order. */
function endpointsOf(host: NodeHost, service: Service, port: Port): { ip: string; port: number }[] {
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

/** The nat table as kube-proxy in iptables mode keeps it. Source: pkg/proxy/iptables/proxier.go. */
export function natTable(host: NodeHost): Chain[] {
  const services = host
    .list('services')
    .filter((s) => s.spec?.clusterIP && s.spec.clusterIP !== 'None' && s.spec.type !== 'ExternalName');
  const ports = services.flatMap((s) => (s.spec?.ports ?? []).flatMap((p) => servicePortChains(host, s, p) ?? []));
  const jump = (chain: string, target: string, extra: string): Rule => ({
    chain,
    target,
    protocol: 'all',
    source: ANY,
    destination: ANY,
    extra,
  });
  const portal = '/* kubernetes service portals */';
  const masquerade = '/* kubernetes service traffic requiring SNAT */';
  const nodePorts: Rule[] = services.flatMap((s) =>
    (s.spec?.ports ?? []).flatMap((p) => {
      if (!p.nodePort || !endpointsOf(host, s, p).length) return [];
      const protocol = (p.protocol ?? 'TCP').toLowerCase();
      const chain = `KUBE-EXT-${chainHash(portName(s, p), protocol)}`;
      return [{ ...jump('KUBE-NODEPORTS', chain, `/* ${portName(s, p)} */ ${protocol} dpt:${p.nodePort}`), protocol }];
    }),
  );
  return [
    { name: 'PREROUTING', policy: 'ACCEPT', rules: [jump('PREROUTING', 'KUBE-SERVICES', portal)] },
    { name: 'INPUT', policy: 'ACCEPT', rules: [] },
    { name: 'OUTPUT', policy: 'ACCEPT', rules: [jump('OUTPUT', 'KUBE-SERVICES', portal)] },
    {
      name: 'POSTROUTING',
      policy: 'ACCEPT',
      rules: [jump('POSTROUTING', 'KUBE-POSTROUTING', '/* kubernetes postrouting rules */')],
    },
    { name: 'KUBE-KUBELET-CANARY', rules: [] },
    { name: 'KUBE-MARK-MASQ', rules: [jump('KUBE-MARK-MASQ', 'MARK', 'MARK or 0x4000')] },
    { name: 'KUBE-NODEPORTS', rules: nodePorts },
    {
      name: 'KUBE-POSTROUTING',
      rules: [
        jump('KUBE-POSTROUTING', 'RETURN', 'mark match ! 0x4000/0x4000'),
        jump('KUBE-POSTROUTING', 'MARK', 'MARK xor 0x4000'),
        jump('KUBE-POSTROUTING', 'MASQUERADE', `${masquerade} random-fully`),
      ],
    },
    { name: 'KUBE-PROXY-CANARY', rules: [] },
    ...ports.flatMap((p) => p.seps).sort((a, b) => (a.name < b.name ? -1 : 1)),
    {
      name: 'KUBE-SERVICES',
      rules: [
        ...ports.flatMap((p) => p.entry),
        {
          ...jump(
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

/** `iptables -t nat -L [-n]`: chains with their rules; addresses are numbers with -n and "anywhere" without. */
export function listTable(chains: Chain[], numeric: boolean): string {
  const references = (name: string) => chains.reduce((n, c) => n + c.rules.filter((r) => r.target === name).length, 0);
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

/** A rule's matches and target as `-A` writes them. */
function ruleArguments({ chain, target, protocol, source, destination, extra }: Rule): string {
  const comment = /\/\* (.*?) \*\//.exec(extra)?.[1];
  const port = /dpt:(\d+)/.exec(extra)?.[1];
  const share = /probability ([\d.]+)/.exec(extra)?.[1];
  const to = /to:(\S+)/.exec(extra)?.[1];
  const address = (flag: string, text: string) => {
    if (text === ANY) return '';
    const [, not = '', ip = ''] = /^(!?)(.*)$/.exec(text)!;
    return `${not ? ' !' : ''} ${flag} ${ip.includes('/') ? ip : `${ip}/32`}`;
  };
  const mark = /MARK (or|xor) (0x[0-9a-f]+)/.exec(extra);
  return [
    `-A ${chain}${address('-s', source)}${address('-d', destination)}`,
    protocol === 'all' ? '' : ` -p ${protocol}`,
    comment ? ` -m comment --comment ${JSON.stringify(comment)}` : '',
    extra.includes('ADDRTYPE') ? ' -m addrtype --dst-type LOCAL' : '',
    extra.includes('mark match') ? ' -m mark ! --mark 0x4000/0x4000' : '',
    protocol === 'all' || (!port && !to) ? '' : ` -m ${protocol}`,
    port ? ` --dport ${port}` : '',
    share ? ` -m statistic --mode random --probability ${share}` : '',
    ` -j ${target}`,
    mark ? (mark[1] === 'or' ? ' --set-xmark 0x4000/0x4000' : ' --set-xmark 0x4000/0x0') : '',
    to ? ` --to-destination ${to}` : '',
    extra.includes('random-fully') ? ' --random-fully' : '',
  ].join('');
}

/** `iptables-save`: the nat table in the form that iptables-restore reads. */
export function saveTable(chains: Chain[], now: number): string {
  const time = new Date(now).toUTCString();
  const date = `${time.slice(0, 3)} ${time.slice(8, 11)} ${time.slice(5, 7)} ${time.slice(17, 25)} ${time.slice(12, 16)}`;
  const lines = [
    `# Generated by iptables-save v1.8.10 (nf_tables) on ${date}`,
    '*nat',
    ...chains.map(({ name, policy }) => `:${name} ${policy ?? '-'} [0:0]`),
    ...chains.flatMap(({ rules }) => rules.map(ruleArguments)),
    'COMMIT',
    `# Completed on ${date}`,
  ];
  return `${lines.join('\n')}\n`;
}
