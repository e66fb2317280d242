import type { DnsRecord, DnsType } from '../../../network/dns/message.ts';
import { lookUp, resolverConfig } from '../../resolver.ts';
import { ok, type Tool, type ToolContext, type ToolResult, unlines } from '../tool.ts';
import { isIpv4, pointerName, search } from './queries.ts';

const TYPES = /^(A|AAAA|SRV|PTR|CNAME|ANY|MX|NS|TXT|SOA)$/i;
const VERSION = '9.18.28';

/** A number that stays the same for the same question. */
const numberOf = (text: string): number => [...text].reduce((sum, char) => (sum * 31 + char.charCodeAt(0)) & 0xffff, 7);

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** dig's columns: a short name is filled up with tabs to the 24th place. */
const owner = (text: string): string => {
  const tabs = Math.ceil((24 - text.length) / 8);
  return tabs > 0 ? text + '\t'.repeat(tabs) : `${text} `;
};

const recordLine = ({ name, type, ttl, data }: DnsRecord): string =>
  `${owner(`${name}.`)}${ttl}\tIN\t${type}\t${data}\n`;
const questionLine = (name: string, type: string): string => {
  const text = `;${name}.`;
  const tabs = Math.ceil((32 - text.length) / 8);
  return `${tabs > 0 ? text + '\t'.repeat(tabs) : `${text} `}IN\t${type}\n`;
};

export const dig: Tool = (context): ToolResult => {
  const words = context.argv.slice(1);
  const flags = new Set(words.filter((word) => word.startsWith('+')).map((word) => word.slice(1)));
  const serverName =
    words.find((word) => word.startsWith('@'))?.slice(1) ?? resolverConfig(context.machine).servers[0]!;
  const plain = words.filter((word, index, all) => !/^[@+-]/.test(word) && !/^-[xtpbf]$/.test(all[index - 1] ?? ''));
  const turned = words[words.indexOf('-x') + 1];
  const isTurned = words.includes('-x') && turned !== undefined && isIpv4(turned);
  const flagged = words.includes('-t') ? words[words.indexOf('-t') + 1] : undefined;
  const type = (isTurned ? 'PTR' : (flagged ?? plain.find((word) => TYPES.test(word)) ?? 'A')).toUpperCase() as DnsType;
  const name = isTurned ? pointerName(turned) : (plain.find((word) => !TYPES.test(word)) ?? '.');
  const found = lookUp(context.machine, serverName);
  if ('failure' in found)
    return { ...ok(''), stderr: `dig: couldn't get address for '${serverName}': not found\n`, code: 10 };
  const server = found.addresses[0]!;
  const { name: asked, outcome } = search(context, server, name, type, !flags.has('search'));
  const head = `\n; <<>> DiG ${VERSION} <<>> ${words.join(' ')}\n${words.some((word) => word.startsWith('@')) ? '; (1 server found)\n' : ''};; global options: +cmd\n`;
  if ('failure' in outcome) {
    const seconds = Number([...flags].find((flag) => /^(time|timeout)=/.test(flag))?.split('=')[1] ?? 5);
    const tries = Number([...flags].find((flag) => /^tries=/.test(flag))?.split('=')[1] ?? 3);
    const reason = outcome.failure === 'refused' ? 'connection refused' : 'timed out';
    const errors = `;; communications error to ${server}#53: ${reason}\n`.repeat(tries);
    return {
      ...ok(
        flags.has('short')
          ? `${errors};; no servers could be reached\n`
          : `${errors}${head.replace(/;; global.*\n/, ';; global options: +cmd\n')};; no servers could be reached\n`,
      ),
      code: 9,
      ...(outcome.failure === 'timeout' && { after: seconds * tries * 1000 }),
    };
  }
  const { answers, authority, rcode, authoritative } = outcome;
  if (flags.has('short')) return ok(unlines(answers.map(({ data }) => data)));
  const lines = answers.map(recordLine).join('');
  if (flags.has('noall')) return ok(flags.has('answer') ? lines : '');
  return ok(
    head + body(context, { asked, type, server, lines, authority, rcode, authoritative, count: answers.length }),
  );
};

function body(
  context: ToolContext,
  {
    asked,
    type,
    server,
    lines,
    authority,
    rcode,
    authoritative,
    count,
  }: {
    asked: string;
    type: string;
    server: string;
    lines: string;
    authority: DnsRecord[];
    rcode: string;
    authoritative: boolean;
    count: number;
  },
): string {
  const id = numberOf(asked + type);
  const date = new Date(context.machine.now());
  const [, , , , time] = date.toUTCString().split(' ');
  const when = `${DAYS[date.getUTCDay()]} ${MONTHS[date.getUTCMonth()]} ${String(date.getUTCDate()).padStart(2, '0')} ${time} UTC ${date.getUTCFullYear()}`;
  const local = asked.endsWith('.local')
    ? ';; WARNING: .local is reserved for Multicast DNS\n;; You are currently testing what happens when an mDNS query is leaked to DNS\n'
    : '';
  const cookie = `; COOKIE: ${id.toString(16).padStart(4, '0').repeat(4)} (echoed)\n`;
  return [
    `;; Got answer:\n${local}`,
    `;; ->>HEADER<<- opcode: QUERY, status: ${rcode}, id: ${id}\n`,
    `;; flags: qr ${authoritative ? 'aa rd' : 'rd ra'}; QUERY: 1, ANSWER: ${count}, AUTHORITY: ${authority.length}, ADDITIONAL: 1\n`,
    authoritative ? ';; WARNING: recursion requested but not available\n\n' : '\n',
    `;; OPT PSEUDOSECTION:\n; EDNS: version: 0, flags:; udp: 1232\n${authoritative ? cookie : ''}`,
    `;; QUESTION SECTION:\n${questionLine(asked, type)}\n`,
    lines && `;; ANSWER SECTION:\n${lines}\n`,
    authority.length > 0 ? `;; AUTHORITY SECTION:\n${authority.map(recordLine).join('')}\n` : '',
    `;; Query time: 0 msec\n;; SERVER: ${server}#53(${server}) (UDP)\n;; WHEN: ${when}\n;; MSG SIZE  rcvd: ${73 + asked.length * (1 + count)}\n\n`,
  ].join('');
}

/** How `host` words a record. */
const WORDS: Partial<Record<DnsType, string>> = {
  A: 'has address',
  AAAA: 'has IPv6 address',
  CNAME: 'is an alias for',
  PTR: 'domain name pointer',
  SRV: 'has SRV record',
  NS: 'name server',
  MX: 'mail is handled by',
  TXT: 'descriptive text',
};

export const host: Tool = (context): ToolResult => {
  const words = context.argv.slice(1);
  const [name = '', given] = words.filter(
    (word, index, all) => !word.startsWith('-') && !/^-[tWRN]$/.test(all[index - 1] ?? ''),
  );
  const type = (
    words.includes('-t') ? words[words.indexOf('-t') + 1]! : isIpv4(name) ? 'PTR' : 'A'
  ).toUpperCase() as DnsType;
  const server = given ?? resolverConfig(context.machine).servers[0]!;
  const { name: asked, outcome } = search(context, server, isIpv4(name) ? pointerName(name) : name, type, isIpv4(name));
  if ('failure' in outcome) {
    const reason = outcome.failure === 'refused' ? 'connection refused' : 'timed out';
    return {
      ...ok(`${`;; communications error to ${server}#53: ${reason}\n`.repeat(2)};; no servers could be reached\n`),
      code: 1,
      ...(outcome.failure === 'timeout' && { after: 10_000 }),
    };
  }
  const head = given ? `Using domain server:\nName: ${given}\nAddress: ${server}#53\nAliases: \n\n` : '';
  if (outcome.rcode !== 'NOERROR')
    return { ...ok(`${head}Host ${isIpv4(name) ? `${asked}.` : name} not found: 3(NXDOMAIN)\n`), code: 1 };
  if (outcome.answers.length === 0)
    return { ...ok(`${head}${asked} has no ${type} record\n`), code: type === 'A' ? 0 : 1 };
  return ok(
    head +
      unlines(outcome.answers.map((record) => `${record.name} ${WORDS[record.type] ?? record.type} ${record.data}`)),
  );
};
