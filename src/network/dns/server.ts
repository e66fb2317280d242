import type { NetworkWorld } from '../world.ts';
import { type Plugin, parseCorefile, type ServerBlock } from './corefile.ts';
import { type DnsReply, type DnsType, reply, reversed } from './message.ts';
import { zoneReply } from './zone.ts';

const within = (name: string, zone: string): boolean => zone === '' || name === zone || name.endsWith(`.${zone}`);

/** What CoreDNS answers with this Corefile; without one it serves the cluster's domain and asks others for the rest. */
export function serverReply(world: NetworkWorld, corefile: string | undefined, name: string, type: DnsType): DnsReply {
  if (!corefile) return zoneReply(world, name, type) ?? world.upstream(name, type);
  const block = blockFor(parseCorefile(corefile, ''), name);
  if (!block) return reply('REFUSED');
  const of = (plugin: string) => block.plugins.filter((one) => one.name === plugin);
  const asked = of('rewrite').reduce(rewritten, name);
  const found =
    fromHosts(of('hosts'), asked, type) ??
    fromCluster(world, of('kubernetes'), asked, type) ??
    forwarded(world, of('forward'), asked, type);
  if (asked === name) return found;
  // Answers bear the name that was asked for.
  return { ...found, answers: found.answers.map((record) => (record.name === asked ? { ...record, name } : record)) };
}

function blockFor(blocks: ServerBlock[], name: string): ServerBlock | undefined {
  const longest = ({ zones }: ServerBlock) =>
    Math.max(-1, ...zones.filter((zone) => within(name, zone)).map((zone) => zone.length));
  return blocks.filter((block) => longest(block) >= 0).sort((a, b) => longest(b) - longest(a))[0];
}

/** `rewrite name [exact|prefix|suffix|substring|regex] FROM TO` */
function rewritten(name: string, { args }: Plugin): string {
  const words = args.filter((word) => !['stop', 'continue', 'answer', 'auto'].includes(word));
  if (words[0] !== 'name') return name;
  const [kind, from, to] =
    words.length > 3 ? [words[1]!, words[2]!, words[3]!] : ['exact', words[1] ?? '', words[2] ?? ''];
  const bare = (text: string) => text.replace(/\.$/, '');
  switch (kind) {
    case 'prefix':
      return name.startsWith(from) ? to + name.slice(from.length) : name;
    case 'suffix':
      return name.endsWith(bare(from)) ? name.slice(0, -bare(from).length) + bare(to) : name;
    case 'substring':
      return name.replace(bare(from), bare(to));
    case 'regex':
      return `${name}.`
        .replace(
          new RegExp(from),
          to.replace(/\{(\d)\}/g, (_, digit: string) => `$${digit}`),
        )
        .replace(/\.$/, '');
    default:
      return name === bare(from) ? bare(to) : name;
  }
}

/** Lines of `hosts` are those of /etc/hosts. */
function fromHosts(plugins: Plugin[], name: string, type: DnsType): DnsReply | undefined {
  const [plugin] = plugins;
  if (!plugin) return undefined;
  const rows = plugin.lines.filter(([address]) => /^[\d.]+$/.test(address ?? ''));
  const found = rows.filter(([, ...names]) => names.some((one) => one.replace(/\.$/, '') === name));
  if (found.length === 0)
    return plugin.lines.some(([word]) => word === 'fallthrough') ? undefined : reply('NXDOMAIN', [], true);
  const answers = type === 'A' ? found.map(([address]) => ({ name, type, ttl: 3600, data: address! })) : [];
  return reply('NOERROR', answers, true);
}

function fromCluster(world: NetworkWorld, plugins: Plugin[], name: string, type: DnsType): DnsReply | undefined {
  for (const { args } of plugins) {
    const zone = args.find((candidate) => within(name, candidate.replace(/\.$/, '')) && !/\.arpa\.?$/.test(candidate));
    if (zone === undefined && !(reversed(name) && args.some((candidate) => /in-addr\.arpa\.?$/.test(candidate))))
      continue;
    const found = zoneReply(
      zone === undefined ? world : { ...world, clusterDomain: zone.replace(/\.$/, '') },
      name,
      type,
    );
    if (found) return found;
  }
  return undefined;
}

/** `forward . /etc/resolv.conf`: servers that nobody reaches fail the question, and without the plugin nobody is asked. */
function forwarded(world: NetworkWorld, plugins: Plugin[], name: string, type: DnsType): DnsReply {
  const plugin = plugins.find(({ args }) => within(name, (args[0] ?? '.').replace(/\.$/, '')));
  if (!plugin) return reply('REFUSED');
  const servers = plugin.args.slice(1).map((server) => server.replace(/^(dns|tls):\/\//, '').replace(/:\d+$/, ''));
  const reached = servers.some((server) => server.startsWith('/') || world.isNameServer(server));
  return reached ? world.upstream(name, type) : reply('SERVFAIL');
}
