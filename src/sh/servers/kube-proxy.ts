import type { FileSystem } from '../process.ts';
import { respond } from '../programs/http-answer.ts';
import type { Server } from './server.ts';

const METRICS = 10249;
const PLAIN = 'text/plain; charset=utf-8';

/** The mode of its configuration: iptables unless it names one. */
function modeOf(argv: string[], files: FileSystem): string {
  const path = argv.find((word) => word.startsWith('--config='))?.slice('--config='.length);
  try {
    return /^mode: *"?([a-z]+)"?/m.exec(path ? files.read(path) : '')?.[1] ?? 'iptables';
  } catch {
    return 'iptables';
  }
}

/** kube-proxy's two servers: metrics on loopback, and its health (pkg/proxy/healthcheck/proxy_health.go). */
export const kubeProxy: Server = {
  begin: (_io, daemon) => ({ ports: daemon.ports ?? [] }),

  http({ port, machine, argv, started }, { path }) {
    const reply = (status: number, body: string, type = PLAIN) => ({
      response: respond(status, body, type, undefined, machine.now()),
    });
    const at = path.replace(/\?.*/, '');
    if (port === METRICS) {
      if (at === '/healthz') return reply(200, 'ok');
      if (at === '/proxyMode') return reply(200, modeOf(argv, machine.files));
      if (at === '/metrics') return reply(200, metrics(started));
      return reply(404, '404 page not found\n');
    }
    if (at !== '/healthz' && at !== '/livez') return reply(404, '404 page not found\n');
    const now = `${new Date(machine.now()).toISOString().slice(0, -1)}000000Z`;
    const health = {
      lastUpdated: now,
      currentTime: now,
      ...(at === '/healthz' && { nodeEligible: true }),
      healthy: true,
      status: { IPv4: { lastUpdated: now, healthy: true } },
    };
    return reply(200, JSON.stringify(health), 'application/json');
  },
};

const metrics = (started: number): string =>
  [
    '# HELP kubeproxy_sync_proxy_rules_last_timestamp_seconds [ALPHA] The last time proxy rules were successfully synced',
    '# TYPE kubeproxy_sync_proxy_rules_last_timestamp_seconds gauge',
    `kubeproxy_sync_proxy_rules_last_timestamp_seconds{ip_family="IPv4"} ${Math.floor(started / 1000)}`,
    '',
  ].join('\n');
