import type { FileSystem } from '../process.ts';
import { fillLine } from '../programs/fill-line.ts';
import { respond } from '../programs/http-answer.ts';
import type { Server } from './server.ts';

const METRICS = 10249;
const PLAIN = 'text/plain; charset=utf-8';

/** The mode that its flags or its configuration name; nothing where they leave it to kube-proxy. */
function modeOf(argv: string[], files: FileSystem): string {
  const flag = (name: string) => argv.find((word) => word.startsWith(`--${name}=`))?.slice(name.length + 3);
  const path = flag('config');
  if (path === undefined) return flag('proxy-mode') ?? '';
  try {
    return /^mode: *"?([^"\s]*)"?/m.exec(files.read(path))?.[1] ?? '';
  } catch {
    return '';
  }
}

const MODES = ['iptables', 'ipvs', 'nftables'];
const USUAL = 'iptables';

/** What it says before anything else. Source: cmd/kube-proxy/app, component-base/cli/run.go. */
const LEFT_TO_IT = 'I{klog}       1 server_linux.go:63] "Using iptables proxy"';
const refusal = (mode: string): string =>
  `E{klog}       1 run.go:72] "command failed" err=${JSON.stringify(`failed validate: KubeProxyConfiguration.ProxyMode: Invalid value: ${JSON.stringify(mode)}: must be ${MODES.join(', ')} or blank (blank means the best-available proxy [currently iptables])`)}`;

/** kube-proxy's two servers: metrics on loopback, and its health (pkg/proxy/healthcheck/proxy_health.go). */
export const kubeProxy: Server = {
  begin(io, daemon) {
    const mode = modeOf(io.argv, io.machine.files);
    const say = (text: string) => io.err(`${fillLine(text, io.now, io.machine.hostname, io.environment)}\n`);
    if (mode !== '' && !MODES.includes(mode)) {
      say(refusal(mode));
      return 1;
    }
    if (mode === '') say(LEFT_TO_IT);
    return { ports: daemon.ports ?? [], memory: { mode: mode || USUAL } };
  },

  http({ port, machine, memory, started }, { path }) {
    const reply = (status: number, body: string, type = PLAIN) => ({
      response: respond(status, body, type, undefined, machine.now()),
    });
    const at = path.replace(/\?.*/, '');
    if (port === METRICS) {
      if (at === '/healthz') return reply(200, 'ok');
      if (at === '/proxyMode') return reply(200, (memory as { mode?: string } | undefined)?.mode ?? USUAL);
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
