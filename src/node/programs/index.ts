import { Quantity } from '../../base/quantity.ts';
import type { Command, CommandContext, CommandResult } from '../../sh/process.ts';
import type { NodeHost } from '../host.ts';
import { journalctl } from '../systemd/journalctl.ts';
import { systemctl } from '../systemd/systemctl.ts';
import { apt, aptCache, aptMark } from './apt.ts';
import { etcdctl, etcdutl } from './etcd.ts';
import { listTable, natTable, saveTable } from './iptables.ts';
import { kubelet } from './kubelet.ts';
import { processesOf, psAux, psEf } from './ps.ts';
import { df, free, top, uptime } from './resources.ts';

const ok = (stdout: string): CommandResult => ({ stdout, stderr: '', code: 0 });

function ps(host: NodeHost, { argv }: CommandContext): CommandResult {
  const rows = processesOf(host);
  const options = argv.slice(1).join('');
  if (/^-e?f|^-ef|^-Af/.test(options)) return ok(psEf(rows, host.now()));
  return ok(psAux(rows, host.now(), Quantity.parse(host.record().capacity.memory ?? '1Gi').toNumber() / 1024));
}

function iptables(host: NodeHost, { argv, user }: CommandContext): CommandResult {
  const words = argv.slice(1);
  const table = words.includes('-t') ? words[words.indexOf('-t') + 1]! : 'filter';
  const at = words.findIndex((w) => /^-[nv]*L[nv]*$|^--list$/.test(w));
  if (user !== 'root')
    return { stdout: '', stderr: `Fatal: can't open lock file /run/xtables.lock: Permission denied\n`, code: 4 };
  if (at < 0)
    return {
      stdout: '',
      stderr: `iptables v1.8.7 (nf_tables): no command specified\nTry \`iptables -h' or 'iptables --help' for more information.\n`,
      code: 2,
    };
  if (table !== 'nat')
    return { stdout: '', stderr: `iptables: kubemu keeps the nat table only, not "${table}": try -t nat\n`, code: 1 };
  const numeric = words.some((w) => /^-[a-zA-Z]*n/.test(w));
  const wanted = words[at + 1]?.startsWith('-') ? undefined : words[at + 1];
  const chains = natTable(host);
  const shown = wanted ? chains.filter((c) => c.name === wanted) : chains;
  if (wanted && !shown.length)
    return { stdout: '', stderr: 'iptables: No chain/target/match by that name.\n', code: 1 };
  return ok(listTable(shown, numeric));
}

/** Programs of a machine by name: a new one is a file and a line here. */
const PROGRAMS: Record<string, (host: NodeHost, context: CommandContext) => CommandResult | Promise<CommandResult>> = {
  systemctl,
  journalctl,
  ps,
  iptables,
  kubelet,
  free,
  df,
  top,
  uptime,
  apt,
  'apt-get': apt,
  'apt-mark': aptMark,
  'apt-cache': aptCache,
  'iptables-save': (host) => ok(saveTable(natTable(host), host.now())),
  etcdctl,
  etcdutl,
  kubeadm(host, context) {
    // What asks for a yes must have its input before it begins: see CommandContext.stdin.
    const { argv } = context;
    if (/^(reset|upgrade)$/.test(argv[1] ?? '') && !argv.some((word) => /^(-f|-y|--force|--yes)$/.test(word)))
      void context.stdin;
    return import('../kubeadm/index.ts').then(({ kubeadm }) => kubeadm(host, context));
  },
  ctr: async (host, context) => (await import('../ctr/index.ts')).ctr(host, context),
  crictl: async (host, context) => (await import('../crictl/index.ts')).crictl(host, context),
};

/** The programs that a shell on this machine finds beyond the usual text tools. */
export const nodePrograms = (host: NodeHost): Record<string, Command> =>
  Object.fromEntries(
    Object.entries(PROGRAMS).map(([name, run]) => [name, (context: CommandContext) => run(host, context)]),
  );
