import type { DnsType } from '../../../network/dns/message.ts';
import { lookUp, resolverConfig } from '../../resolver.ts';
import { fail, isBusybox, ok, type Tool, type ToolContext, type ToolResult } from '../tool.ts';
import { isIpv4, pointerName, search, wordRecord } from './queries.ts';

interface Question {
  name: string;
  type?: DnsType;
  server: string;
  /** As it was given. */
  serverName: string;
  seconds: number;
}

const USAGE =
  'BusyBox v1.36.1 (2023-05-18 22:34:17 UTC) multi-call binary.\n\nUsage: nslookup [-type=QUERY_TYPE] [-debug] HOST [DNS_SERVER]\n\nQuery DNS about HOST\n\nQUERY_TYPE: soa,ns,a,aaaa,cname,mx,txt,srv,ptr,any\n';

export const nslookup: Tool = (context): ToolResult => {
  const words = context.argv.slice(1);
  const options = words.filter((word) => word.startsWith('-'));
  const [name, given] = words.filter((word) => !word.startsWith('-'));
  if (name === undefined) return isBusybox(context) ? fail(USAGE) : ok('');
  const option = (pattern: RegExp) =>
    options.map((word) => pattern.exec(word)?.[1]).find((value) => value !== undefined);
  const type = option(/^-(?:type|query(?:type)?|q|ty|t)=(.+)$/)?.toUpperCase() as DnsType | undefined;
  const serverName = given ?? resolverConfig(context.machine).servers[0]!;
  const server = lookUp(context.machine, serverName);
  if ('failure' in server)
    return fail(
      isBusybox(context)
        ? `nslookup: bad address '${serverName}'\n`
        : `nslookup: couldn't get address for '${serverName}': not found\n`,
    );
  const question = {
    name,
    serverName,
    server: server.addresses[0]!,
    seconds: Number(option(/^-timeout=(\d+)$/) ?? 5),
    ...(type && { type }),
  };
  if (isBusybox(context)) return isOld(context) ? oldBusybox(context, question) : busybox(context, question);
  return bind(context, question);
};

/** Before 1.29 busybox's nslookup was a small one, on the C library's resolver. */
const isOld = ({ machine }: ToolContext): boolean => {
  const [, minor] = /^1\.(\d+)/.exec(machine.busybox ?? '') ?? [];
  return minor !== undefined && Number(minor) < 29;
};

/** networking/nslookup.c, the variant from LEDE: a name without dots is asked with every search domain, one with dots as it is. */
function busybox(context: ToolContext, { name, type, server, serverName, seconds }: Question): ToolResult {
  const { network } = context.machine;
  const { searches } = resolverConfig(context.machine);
  const turned = isIpv4(name) ? pointerName(name) : undefined;
  const types: DnsType[] = turned ? ['PTR'] : type ? [type] : ['A', 'AAAA'];
  const names = turned
    ? [turned]
    : name.includes('.') || searches.length === 0
      ? [name]
      : searches.map((domain) => `${name}.${domain}`);
  let text = '';
  let code = 0;
  for (const one of types) {
    for (const whole of names) {
      const outcome = network.query(server, whole.replace(/\.$/, ''), one);
      if ('failure' in outcome)
        return outcome.failure === 'refused'
          ? {
              ...fail(`nslookup: read: Connection refused\nnslookup: read: Connection refused\n`),
              stdout: ';; connection timed out; no servers could be reached\n\n',
              after: seconds * 1000,
            }
          : { ...ok(';; connection timed out; no servers could be reached\n\n'), code: 1, after: seconds * 1000 };
      if (outcome.rcode !== 'NOERROR') {
        text += `** server can't find ${whole}: ${outcome.rcode}\n\n`;
        code = 1;
        continue;
      }
      text += `${outcome.authoritative ? '' : 'Non-authoritative answer:\n'}${outcome.answers.map((record) => wordRecord(record, false)).join('')}\n`;
    }
  }
  return { ...ok(`Server:\t\t${serverName}\nAddress:\t${server}:53\n\n${text}`), code };
}

function oldBusybox(context: ToolContext, { name, server }: Question): ToolResult {
  const { network } = context.machine;
  const nameOf = (address: string) => {
    const outcome = network.query(server, pointerName(address), 'PTR');
    return 'failure' in outcome ? '' : (outcome.answers[0]?.data.replace(/\.$/, '') ?? '');
  };
  const line = (address: string, index: number) =>
    `Address ${index + 1}: ${address}${nameOf(address) && ` ${nameOf(address)}`}\n`;
  const head = `Server:    ${server}\n${line(server, 0)}\n`;
  const found = lookUp(context.machine, name);
  if ('failure' in found)
    return {
      stdout: head,
      stderr: `nslookup: can't resolve '${name}'\n`,
      code: 1,
      ...(found.after && { after: found.after }),
    };
  return ok(`${head}Name:      ${name}\n${found.addresses.map(line).join('')}`);
}

/** bind's */
function bind(context: ToolContext, { name, type, server, serverName }: Question): ToolResult {
  const turned = isIpv4(name) ? pointerName(name) : undefined;
  const { name: asked, outcome } = search(
    context,
    server,
    turned ?? name,
    turned ? 'PTR' : (type ?? 'A'),
    turned !== undefined,
  );
  if ('failure' in outcome) {
    const reason = outcome.failure === 'refused' ? 'connection refused' : 'timed out';
    return {
      ...ok(`${`;; communications error to ${server}#53: ${reason}\n`.repeat(3)};; no servers could be reached\n\n`),
      code: 1,
      ...(outcome.failure === 'timeout' && { after: 15_000 }),
    };
  }
  const head = `Server:\t\t${serverName}\nAddress:\t${server}#53\n\n`;
  if (outcome.rcode !== 'NOERROR') {
    const missing = turned ? '' : head;
    return { ...ok(`${missing}** server can't find ${asked}: ${outcome.rcode}\n\n`), code: 1 };
  }
  const records = outcome.answers.map((record) => wordRecord(record, true)).join('');
  if (turned) return ok(`${records}\n`);
  const origin = outcome.authoritative ? '' : 'Non-authoritative answer:\n';
  return ok(`${head}${origin}${records || `*** Can't find ${name}: No answer\n`}\n`);
}
