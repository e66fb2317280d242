import { parseIp } from '../base/ip.ts';
import { type DnsReply, type DnsType, reply } from './dns/message.ts';
import type { HttpExchange, HttpReply } from './world.ts';

interface Site {
  address: string;
  /** Where its plain HTTP sends clients; without it the page is there. */
  moved?: string;
  title?: string;
}

/** What there is of the world outside, for those who look whether a pod reaches it. Nobody really asks it. */
const SITES: Record<string, Site> = {
  'example.com': { address: '93.184.215.14', title: 'Example Domain' },
  'www.example.com': { address: '93.184.215.14', title: 'Example Domain' },
  'info.cern.ch': { address: '188.184.67.127', title: 'http://info.cern.ch - home of the first website' },
  'example.org': { address: '93.184.215.15', title: 'Example Domain' },
  'google.com': { address: '142.250.185.78', moved: 'http://www.google.com/', title: '301 Moved' },
  'www.google.com': { address: '142.250.185.100', title: 'Google' },
  'kubernetes.io': { address: '15.197.167.90', moved: 'https://kubernetes.io/', title: 'Kubernetes' },
  'github.com': { address: '140.82.121.4', moved: 'https://github.com/', title: 'GitHub' },
  'cloudflare.com': { address: '104.16.132.229', moved: 'https://www.cloudflare.com/', title: 'Cloudflare' },
  'registry.k8s.io': { address: '34.96.108.209', title: 'Kubernetes Registry' },
  'deb.debian.org': { address: '151.101.2.132', title: 'deb.debian.org' },
  'archive.ubuntu.com': { address: '185.125.190.81', title: 'Index of /' },
  'dl-cdn.alpinelinux.org': { address: '151.101.66.132', title: 'Welcome to Alpine Linux mirror' },
  'mirrors.fedoraproject.org': { address: '38.145.60.21', title: 'MirrorManager' },
  'dns.google': { address: '8.8.8.8', title: 'Google Public DNS' },
  'one.one.one.one': { address: '1.1.1.1', title: '1.1.1.1' },
};

/** Public name servers beside the sites: they answer on port 53. */
const NAME_SERVERS = new Set(['8.8.8.8', '8.8.4.4', '1.1.1.1', '1.0.0.1', '9.9.9.9', '168.63.129.16']);

export const isNameServer = (ip: string): boolean => NAME_SERVERS.has(ip);

const siteAt = (ip: string): Site | undefined => Object.values(SITES).find(({ address }) => address === ip);

/** Whether an address is of the world outside, and somebody there answers. */
export const isOutside = (ip: string): boolean =>
  parseIp(ip)?.family === 4 && (siteAt(ip) !== undefined || NAME_SERVERS.has(ip));

export const listensOutside = (ip: string, port: number): boolean =>
  (NAME_SERVERS.has(ip) && (port === 53 || port === 443)) ||
  (siteAt(ip) !== undefined && (port === 80 || port === 443));

/** What public name servers say of a name. */
export function askOutside(name: string, type: DnsType): DnsReply {
  const site = SITES[name.toLowerCase()];
  if (!site) return reply('NXDOMAIN');
  return reply('NOERROR', type === 'A' || type === 'ANY' ? [{ name, type: 'A', ttl: 30, data: site.address }] : []);
}

const page = (title: string) =>
  `<!doctype html><html><head><title>${title}</title></head><body><h1>${title}</h1></body></html>\n`;

/** What a site answers; undefined where nothing speaks HTTP. `now`: ms. */
export function serveOutside(ip: string, port: number, request: HttpExchange, now: number): HttpReply | undefined {
  const site = SITES[request.headers.host?.replace(/:\d+$/, '') ?? ''] ?? siteAt(ip);
  if (!site || site.address !== ip || !listensOutside(ip, port)) return undefined;
  const tls = port === 443;
  const moved = !tls && site.moved;
  const body = page(moved ? '301 Moved Permanently' : (site.title ?? ''));
  return {
    ...(moved ? { status: 301, reason: 'Moved Permanently' } : { status: 200, reason: 'OK' }),
    headers: {
      Date: new Date(now).toUTCString(),
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Length': String(Buffer.byteLength(body)),
      ...(moved && { Location: moved }),
    },
    body,
    ...(tls && { tls, trusted: true }),
  };
}
