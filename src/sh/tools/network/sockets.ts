import type { Socket } from '../../process.ts';
import { fail, isBusybox, ok, type Tool, type ToolContext } from '../tool.ts';
import { socketFilter } from './socket-filter.ts';

const letters = ({ argv }: ToolContext): string =>
  argv
    .slice(1)
    .map((word) => LONG[word] ?? (/^-[a-zA-Z46]+$/.test(word) ? word.slice(1) : ''))
    .join('');

const LONG: Record<string, string> = {
  '--listening': 'l',
  '--all': 'a',
  '--numeric': 'n',
  '--tcp': 't',
  '--udp': 'u',
  '--processes': 'p',
  '--program': 'p',
};

function listening(context: ToolContext, asked: string): Socket[] {
  const sockets = context.machine.sockets?.() ?? [];
  const both = !/[tu]/.test(asked);
  return sockets
    .filter(({ protocol }) => both || asked.includes(protocol[0]!))
    .sort((a, b) => (a.protocol === b.protocol ? a.port - b.port : a.protocol < b.protocol ? -1 : 1));
}

/** Connections do not last here: what is open, listens. */
export const netstat: Tool = (context) => {
  const asked = letters(context);
  const servers = asked.includes('l')
    ? 'only servers'
    : asked.includes('a')
      ? 'servers and established'
      : 'w/o servers';
  const shown = /[la]/.test(asked) ? listening(context, asked) : [];
  const program = asked.includes('p');
  const header = `Active Internet connections (${servers})\nProto Recv-Q Send-Q ${'Local Address'.padEnd(23)} ${'Foreign Address'.padEnd(23)} State       ${program ? 'PID/Program name    ' : ''}\n`;
  const rows = shown.map(({ protocol, address, port, pid, program: name }) => {
    const state = protocol === 'tcp' ? 'LISTEN' : '';
    const owner = program ? `${pid}/${name}`.slice(0, 19).padEnd(isBusybox(context) ? 0 : 20) : '';
    // What listens at every address does so with a socket of both families.
    const both = address === '*';
    const [here, there] = both ? [`:::${port}`, ':::*'] : [`${address}:${port}`, '0.0.0.0:*'];
    return `${(both ? `${protocol}6` : protocol).padEnd(5)} ${'0'.padStart(6)} ${'0'.padStart(6)} ${here.padEnd(23)} ${there.padEnd(23)} ${state.padEnd(11)} ${owner}\n`;
  });
  const local = /[tuw]/.test(asked)
    ? ''
    : `Active UNIX domain sockets (${servers})\nProto RefCnt Flags       Type       State         I-Node Path\n`;
  return ok(header + rows.join('') + local);
};

/** `ss -s`: how many there are of each kind. */
function summary(sockets: Socket[]): string {
  const tcp = sockets.filter(({ protocol }) => protocol === 'tcp');
  const udp = sockets.filter(({ protocol }) => protocol === 'udp');
  const both = (list: Socket[]) => list.filter(({ address }) => address === '*').length;
  const row = (name: string, total: number, six: number) =>
    `${name.padEnd(10)}${String(total).padEnd(10)}${String(total - six).padEnd(10)}${String(six).padEnd(10)}\n`;
  return [
    `Total: ${sockets.length + 120}\n`,
    `TCP:   ${tcp.length} (estab 0, closed 0, orphaned 0, timewait 0)\n\n`,
    'Transport Total     IP        IPv6\n',
    row('RAW', 0, 0),
    row('UDP', udp.length, both(udp)),
    row('TCP', tcp.length, both(tcp)),
    row('INET', sockets.length, both(sockets)),
    row('FRAG', 0, 0),
    '\n',
  ].join('');
}

export const ss: Tool = (context) => {
  const asked = letters(context);
  const filter = context.argv.slice(1).filter((word) => !word.startsWith('-'));
  let passes: (socket: Socket) => boolean;
  try {
    passes = socketFilter(filter);
  } catch (error) {
    return fail(`${(error as Error).message}\nUsage: ss [ OPTIONS ]\n       ss [ OPTIONS ] [ FILTER ]\n`);
  }
  if (asked.includes('s') || context.argv.includes('--summary')) return ok(summary(listening(context, '')));
  const listens = /[la]/.test(asked) || filter.includes('state');
  const shown = listens ? listening(context, asked).filter(passes) : [];
  const several = !/^[^u]*t[^u]*$|^[^t]*u[^t]*$/.test(asked);
  const owner = (socket: Socket) =>
    asked.includes('p') ? `users:(("${socket.program.slice(0, 15)}",pid=${socket.pid},fd=6))` : '';
  const rows = shown.map((socket) => [
    ...(several ? [socket.protocol] : []),
    socket.protocol === 'tcp' ? 'LISTEN' : 'UNCONN',
    '0',
    socket.protocol === 'tcp' ? '4096' : '0',
    `${socket.address}:${socket.port}`,
    socket.address === '*' ? '*:*' : '0.0.0.0:*',
    owner(socket),
  ]);
  const titles = [
    ...(several ? ['Netid'] : []),
    'State',
    'Recv-Q',
    'Send-Q',
    'Local Address:Port',
    'Peer Address:Port',
    'Process',
  ];
  const local = titles.indexOf('Local Address:Port');
  const widths = titles.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]!.length)));
  const line = (cells: string[]) =>
    `${cells.map((cell, column) => (column === local || column === local + 1 ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!))).join(' ')}\n`;
  return ok((/H/.test(asked) || context.argv.includes('--no-header') ? rows : [titles, ...rows]).map(line).join(''));
};
