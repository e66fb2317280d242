import type { Socket } from '../../process.ts';
import { isBusybox, ok, type Tool, type ToolContext } from '../tool.ts';

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

export const ss: Tool = (context) => {
  const asked = letters(context);
  const shown = /[la]/.test(asked) ? listening(context, asked) : [];
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
  return ok([titles, ...rows].map(line).join(''));
};
