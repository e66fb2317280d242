import { parseIp } from '../../../base/ip.ts';
import type { Machine } from '../../process.ts';
import { lookUp } from '../../resolver.ts';
import { checkDirectives } from './directives.ts';
import { type Directive, NginxError, parseConfiguration } from './syntax.ts';

/** Where a server listens. */
export interface Listen {
  port: number;
  /** It takes requests whose host nobody has. */
  isDefault: boolean;
  tls: boolean;
}

/** A server of the configuration; directives of the blocks around it count where it has none of its own. */
export interface NginxServer {
  listens: Listen[];
  names: string[];
  directives: Directive[];
}

export interface NginxConfiguration {
  servers: NginxServer[];
  /** Directives of the block `http`. */
  http: Directive[];
  upstreams: Record<string, string[]>;
}

const blocks = (directives: Directive[], name: string): Directive[] => directives.filter((one) => one.name === name);

function listenOf({ args: [address = '80', ...flags] }: Directive): Listen {
  const port = /(?:^|:)(\d+)$/.exec(address.replace(/^\[[^\]]*\]$/, '80'))?.[1];
  return {
    port: Number(port ?? 80),
    isDefault: flags.includes('default_server') || flags.includes('default'),
    tls: flags.includes('ssl'),
  };
}

function serverOf({ block = [] }: Directive): NginxServer {
  const listens = blocks(block, 'listen').map(listenOf);
  return {
    listens: listens.length > 0 ? listens : [{ port: 80, isDefault: false, tls: false }],
    names: blocks(block, 'server_name').flatMap(({ args }) => args),
    directives: block,
  };
}

/** Reads, checks and understands what nginx is told. Throws NginxError. */
export function readConfiguration(
  machine: Pick<Machine, 'files' | 'network' | 'flavour'>,
  path: string,
): NginxConfiguration {
  const directives = parseConfiguration(machine.files, path);
  checkDirectives(directives);
  if (blocks(directives, 'events').length === 0) throw new NginxError('no "events" section in configuration');
  const http = blocks(directives, 'http').flatMap(({ block = [] }) => block);
  const upstreams = Object.fromEntries(
    blocks(http, 'upstream').map(({ args: [name = ''], block = [] }) => [
      name,
      blocks(block, 'server').map(({ args: [address = ''] }) => address),
    ]),
  );
  const configuration = {
    servers: blocks(http, 'server').map(serverOf),
    http: http.filter(({ block }) => !block),
    upstreams,
  };
  checkHosts(machine, configuration, http);
  checkCertificates(machine, configuration);
  return configuration;
}

const everywhere = (directives: Directive[]): Directive[] =>
  directives.flatMap((one) => [one, ...everywhere(one.block ?? [])]);

/** Names of upstreams are looked up once, when nginx starts. */
function checkHosts(
  machine: Pick<Machine, 'files' | 'network' | 'flavour'>,
  { upstreams }: NginxConfiguration,
  http: Directive[],
): void {
  for (const { name, args, at, block } of everywhere(http)) {
    const [target = ''] = args;
    const isMember = name === 'server' && !block;
    if (name !== 'proxy_pass' && !isMember) continue;
    const host = target.replace(/^https?:\/\//, '').replace(/[:/].*$/, '');
    if (host.startsWith('$') || target.includes('$') || upstreams[host] || parseIp(host) || host === 'unix') continue;
    if ('failure' in lookUp(machine, host))
      throw new NginxError(`host not found in upstream "${isMember ? target : host}" in ${at}`);
  }
}

function checkCertificates({ files }: Pick<Machine, 'files'>, { servers }: NginxConfiguration): void {
  for (const { listens, directives } of servers) {
    for (const { name, args } of directives) {
      if (name !== 'ssl_certificate' && name !== 'ssl_certificate_key') continue;
      const [path = ''] = args;
      const file = path.startsWith('/') ? path : `/etc/nginx/${path}`;
      if (files.stat(file)) continue;
      const what = name === 'ssl_certificate' ? 'load certificate' : 'load certificate key';
      throw new NginxError(
        `cannot ${what} "${file}": BIO_new_file() failed (SSL: error:80000002:system library::No such file or directory:calling fopen(${file}, r) error:10000080:BIO routines::no such file)`,
      );
    }
    if (listens.some(({ tls }) => tls) && blocks(directives, 'ssl_certificate').length === 0)
      throw new NginxError(
        `no "ssl_certificate" is defined for the "listen ... ssl" directive in ${blocks(directives, 'listen')[0]!.at}`,
      );
  }
}
