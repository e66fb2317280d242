import type { Socket } from '../../sh/process.ts';
import type { NodeHost } from '../host.ts';
import { readUnit, unitsOf } from '../systemd/units.ts';
import { processesOf } from './table.ts';

/** Which service opens a port, by the name of its program. */
const UNIT_OF: Record<string, string> = {
  'systemd-resolve': 'systemd-resolved',
  sshd: 'ssh',
  containerd: 'containerd',
  kubelet: 'kubelet',
};

/** Addresses at which a program listens, as its command line says; undefined where that says nothing. */
function boundTo(command: string, port: number): string[] | undefined {
  const urls = [...command.matchAll(/--listen-[\w-]+=(\S+)/g)]
    .flatMap(([, list]) => list!.split(','))
    .flatMap((url) => /^https?:\/\/([^:/]+):(\d+)/.exec(url)?.slice(1, 3).join(' ') ?? []);
  const there = urls.filter((url) => url.endsWith(` ${port}`)).map((url) => url.split(' ')[0]!);
  if (there.length > 0) return there;
  const program = command.split(' ')[0]!.split('/').at(-1);
  if (program === 'kube-proxy') return [port === 10_249 ? '127.0.0.1' : '*'];
  if (!/^kube-(apiserver|scheduler|controller-manager)$/.test(program ?? '')) return undefined;
  return [/--bind-address=(\S+)/.exec(command)?.[1] ?? '*'];
}

/** Sockets of a machine by the processes that have them open, each at the addresses of its own; none of services that are down. */
export function openAt(host: NodeHost, sockets: Socket[]): Socket[] {
  const processes = processesOf(host);
  return sockets.flatMap((socket) => {
    const unit = UNIT_OF[socket.program];
    if (unit !== undefined && unitsOf(host).includes(unit)) {
      const { active, pid } = readUnit(host, unit);
      return active === 'active' ? [{ ...socket, pid }] : [];
    }
    const command = processes.find(({ pid }) => pid === socket.pid)?.command ?? '';
    return (boundTo(command, socket.port) ?? [socket.address]).map((address) => ({ ...socket, address }));
  });
}
