import { lookUp } from '../../resolver.ts';
import { fail, ok, type Tool, unlines } from '../tool.ts';
import { curl } from './curl.ts';
import { dig, host } from './dig.ts';
import { ifconfig, ip, routes } from './interfaces.ts';
import { nslookup } from './nslookup.ts';
import { netstat, ss } from './sockets.ts';
import { telnet } from './telnet.ts';
import { wget } from './wget.ts';

/** `getent hosts NAME`, `getent ahosts NAME`: what the C library finds. */
export const getentHosts: Tool = ({ argv: [, database, ...names], machine }) => {
  let after = 0;
  const found = names.map((name) => {
    const lookup = lookUp(machine, name);
    after += 'failure' in lookup ? lookup.after : 0;
    return { name, lookup };
  });
  const missing = names.length === 0 || found.some(({ lookup }) => 'failure' in lookup);
  const rows = found.flatMap(({ name, lookup }) => {
    if ('failure' in lookup) return [];
    const { addresses } = lookup;
    if (database === 'hosts') return addresses.map((address) => `${address.padEnd(15)} ${lookup.name}`);
    return addresses.flatMap((address, index) =>
      ['STREAM', 'DGRAM', 'RAW'].map(
        (kind) => `${address.padEnd(15)} ${kind.padEnd(6)} ${index === 0 && kind === 'STREAM' ? name : ''}`,
      ),
    );
  });
  return { ...(missing ? fail('', 2) : ok('')), stdout: unlines(rows), ...(after > 0 && { after }) };
};

export const NETWORK_TOOLS: Record<string, Tool> = {
  wget,
  curl,
  nslookup,
  dig,
  host,
  ip,
  ifconfig,
  route: routes,
  telnet,
  netstat,
  ss,
};
