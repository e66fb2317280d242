import type { Command, CommandContext, CommandResult } from '../../sh/process.ts';
import { ToolError } from '../../sh/tools/tool.ts';
import type { NodeHost } from '../host.ts';
import { ps } from '../processes/ps.ts';
import { journalctl } from '../systemd/journalctl.ts';
import { systemctl } from '../systemd/systemctl.ts';
import { apt, aptCache, aptMark, dpkg } from './apt.ts';
import { etcdctl, etcdutl } from './etcd.ts';
import { HOST_PROGRAMS } from './host-tools.ts';
import { ip } from './ip.ts';
import { IPTABLES } from './iptables-command.ts';
import { ipset, ipvsadm } from './ipvsadm.ts';
import { kubelet } from './kubelet.ts';
import { MACHINE_TOOLS } from './machine-tools.ts';
import { NETWORK_TOOLS } from './network-tools.ts';
import { nft } from './nft.ts';
import { POWER_PROGRAMS } from './power.ts';
import { df, free, top, uptime } from './resources.ts';

/** A program of a machine. */
export type Program = (host: NodeHost, context: CommandContext) => CommandResult | Promise<CommandResult>;

/** Programs of a machine by name: a new one is a file and a line here. */
const PROGRAMS: Record<string, Program> = {
  systemctl,
  journalctl,
  ps,
  ...IPTABLES,
  kubelet,
  free,
  df,
  top,
  uptime,
  apt,
  'apt-get': apt,
  'apt-mark': aptMark,
  'apt-cache': aptCache,
  ip,
  dpkg,
  'dpkg-query': dpkg,
  ...HOST_PROGRAMS,
  ...MACHINE_TOOLS,
  ...NETWORK_TOOLS,
  ...POWER_PROGRAMS,
  etcdctl,
  etcdutl,
  // By their paths: these are there once their package is.
  '/usr/sbin/ipvsadm': ipvsadm,
  '/usr/sbin/ipset': ipset,
  '/usr/sbin/nft': nft,
  kubeadm(host, context) {
    // What asks for a yes must have its input before it begins: see CommandContext.stdin.
    const { argv } = context;
    const asks = /^(reset( phase preflight)?|upgrade apply( [^p].*)?)$/.test(
      argv.slice(1).join(' ').replace(/ -.*/, ''),
    );
    if (asks && !argv.some((word) => /^(-f|-y|-h|--force|--yes|--help)$/.test(word))) void context.stdin;
    return import('../kubeadm/index.ts').then(({ kubeadm }) => kubeadm(host, context));
  },
  ctr: async (host, context) => (await import('../ctr/index.ts')).ctr(host, context),
  crictl: async (host, context) => (await import('../crictl/index.ts')).crictl(host, context),
};

/** Programs that do not point to their help when they are called wrongly. */
const TERSE = /^(systemctl|journalctl|hostnamectl|timedatectl)$/;

/** A program as the shell calls it: what it refuses of its command line becomes its message. */
const asCommand =
  (host: NodeHost, run: Program): Command =>
  (context) => {
    const refused = (error: unknown): CommandResult => {
      if (!(error instanceof ToolError)) throw error;
      const message = TERSE.test(context.argv[0]!) ? error.message.replace(/\nTry '.*$/s, '') : error.message;
      return { stdout: '', stderr: `${context.argv[0]}: ${message}\n`, code: error.code };
    };
    try {
      const result = run(host, context);
      return result instanceof Promise ? result.catch(refused) : result;
    } catch (error) {
      return refused(error);
    }
  };

/** The programs that a shell on this machine finds beyond the usual text tools. */
export const nodePrograms = (host: NodeHost): Record<string, Command> =>
  Object.fromEntries(
    Object.entries({ ...PROGRAMS, ...runtimeClients(host) }).map(([name, run]) => [name, asCommand(host, run)]),
  );

/** The clients that come with a machine's runtime. */
function runtimeClients(host: NodeHost): Record<string, Program> {
  const [runtime] = host.record().containerRuntimeVersion.split('://');
  return runtime === 'docker' ? { docker } : runtime === 'containerd' ? { nerdctl } : {};
}

const docker: Program = (host, context) => {
  // Who execs with -i reads: see CommandContext.stdin.
  if (/^(container )?exec .*-\w*i/.test(context.argv.slice(1).join(' '))) void context.stdin;
  return import('../docker/index.ts').then((module) => module.docker(host, context));
};

const nerdctl: Program = (host, context) => {
  if (/(^| )exec .*-\w*i/.test(context.argv.slice(1).join(' '))) void context.stdin;
  return import('../nerdctl/index.ts').then((module) => module.nerdctl(host, context));
};
