import { CommandError } from '../../errors.ts';
import { type Generator, newMetadata } from './generator.ts';

/** `host/path=service:port[,tls[=secret]]`; kubectl looks for it anywhere from the start on. */
const RULE = /^[\w*\-.]*\/.*=[\w-]+:[\w-]+(,tls=?[\w-]*)?/;

interface Path {
  path: string;
  pathType: string;
  backend: unknown;
}

function backend(text: string): unknown {
  const [name = '', port = ''] = text.split(':');
  return { service: { name, port: /^-?\d+$/.test(port) ? { number: Number(port) } : { name: port } } };
}

function parsePath(text: string): Path {
  const [pattern = '', service = ''] = text.split('=');
  const prefix = pattern.endsWith('*');
  return {
    path: `/${prefix ? pattern.slice(0, -1) : pattern}`,
    pathType: prefix ? 'Prefix' : 'Exact',
    backend: backend(service),
  };
}

/** Rules of one host stand together, in the order of the hosts' first appearance. */
function buildRules(rules: string[]): unknown[] {
  const hosts = new Map<string, Path[]>();
  for (const rule of rules) {
    const [host = '', rest = ''] = rule.split(',')[0]!.split(/\/(.*)/s);
    hosts.set(host, [...(hosts.get(host) ?? []), parsePath(rest)]);
  }
  return [...hosts].map(([host, paths]) => ({ ...(host && { host }), http: { paths } }));
}

/** Hosts by secret: a host counts once, under the first secret it is named with. */
function buildTls(rules: string[]): unknown[] {
  const seen = new Set<string>();
  const entries: { hosts?: string[]; secretName?: string }[] = [];
  for (const rule of rules) {
    const parts = rule.split(',');
    if (parts.length !== 2) continue;
    const host = rule.split('/')[0]!;
    const secret = parts[1]!.split('=')[1] ?? '';
    if (seen.has(host)) continue;
    seen.add(host);
    const same = entries.find((entry) => (entry.secretName ?? '') === secret);
    if (same) same.hosts = [...(same.hosts ?? []), host];
    else if (host || secret) entries.push({ ...(host && { hosts: [host] }), ...(secret && { secretName: secret }) });
  }
  return entries;
}

export const ingress: Generator = {
  name: 'ingress',
  aliases: ['ing'],
  use: 'ingress NAME --rule=host/path=service:port[,tls[=secret]] ',
  short: 'Create an ingress with the specified name',
  examples:
    '  # Everything below foo.com goes to web\n  kubectl create ingress web --class=nginx --rule="foo.com/*=web:80"',
  flags: [
    { name: 'class', type: 'string', usage: 'Ingress Class to be used' },
    {
      name: 'rule',
      type: 'stringArray',
      usage:
        "Rule as host/path=service:port[,tls=secretname]. A path that ends with '*' is of type Prefix, any other Exact.",
    },
    { name: 'default-backend', type: 'string', usage: 'Service for what no rule matches, as svcname:port' },
    { name: 'annotation', type: 'stringArray', usage: 'Annotation of the ingress, as annotation=value' },
  ],
  api: { prefix: '/apis/networking.k8s.io/v1', resource: 'ingresses' },
  failure: 'failed to create ingress: ',
  generate({ name, namespace, flags }) {
    const rules = flags.strings('rule');
    const fallback = flags.string('default-backend');
    if (!fallback && !rules.length)
      throw new CommandError(
        'not enough information provided: every ingress has to either specify a default-backend (which catches all traffic) or a list of rules (which catch specific paths)',
      );
    const wrong = rules.find((rule) => !RULE.test(rule));
    if (wrong !== undefined)
      throw new CommandError(
        `rule ${wrong} is invalid and should be in format host/path=svcname:svcport[,tls[=secret]]`,
      );
    const annotations = flags.strings('annotation').map((text) => {
      if (!text.includes('='))
        throw new CommandError(`annotation ${text} is invalid and should be in format key=[value]`);
      return text.split(/=(.*)/s).slice(0, 2) as [string, string];
    });
    if (fallback && fallback.split(':').length !== 2)
      throw new CommandError('default-backend should be in format servicename:serviceport');
    const tls = buildTls(rules);
    const built = buildRules(rules);
    return {
      kind: 'Ingress',
      apiVersion: 'networking.k8s.io/v1',
      metadata: newMetadata({ name, namespace }, { annotations: Object.fromEntries(annotations) }),
      spec: {
        ...(flags.string('class') && { ingressClassName: flags.string('class') }),
        ...(fallback && { defaultBackend: backend(fallback) }),
        ...(tls.length && { tls }),
        ...(built.length && { rules: built }),
      },
      status: { loadBalancer: {} },
    };
  },
};
