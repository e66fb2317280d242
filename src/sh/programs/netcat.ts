import { lookUp } from '../resolver.ts';
import { ERRORS, waitOf } from '../tools/network/failures.ts';
import type { Program, ProgramIo } from './io.ts';

/** Letters that take a word of their own. */
const VALUED = 'pwiqsXxeoI';

interface Wanted {
  letters: string;
  values: Record<string, string>;
  rest: string[];
}

function parse(argv: string[]): Wanted {
  const wanted: Wanted = { letters: '', values: {}, rest: [] };
  for (let at = 1; at < argv.length; at++) {
    const word = argv[at]!;
    if (!/^-[a-zA-Z0-9]/.test(word)) {
      wanted.rest.push(word);
      continue;
    }
    for (let i = 1; i < word.length; i++) {
      const letter = word[i]!;
      wanted.letters += letter;
      if (!VALUED.includes(letter)) continue;
      wanted.values[letter] = word.slice(i + 1) || (argv[++at] ?? '');
      break;
    }
  }
  return wanted;
}

/** `nc -l -p PORT`: takes one connection; what it is given on its input is what the other side reads. Otherwise it connects. */
export const netcat: Program = {
  step(io) {
    const wanted = parse(io.argv);
    if (wanted.letters.includes('l')) return listen(io, wanted);
    const [host, port] = wanted.rest;
    if (host === undefined || port === undefined) {
      io.err(io.busybox ? USAGE : 'usage: nc [-46CDdFhklNnrStUuvZz] [destination] [port]\n');
      return 1;
    }
    return connect(io, host, port, wanted);
  },
};

const USAGE =
  'BusyBox v1.36.1 (2023-05-18 22:34:17 UTC) multi-call binary.\n\nUsage: nc [OPTIONS] HOST PORT  - connect\nnc [OPTIONS] -l -p PORT [HOST] [PORT]  - listen\n';

function listen(io: ProgramIo, { letters, values, rest }: Wanted): number | 'blocked' {
  const port = Number(values.p ?? rest.at(-1));
  if (io.memory.served) {
    io.out(io.memory.served as string);
    if (!letters.includes('k')) return 0;
    delete io.memory.served;
  }
  if (letters.includes('v') && !io.memory.ports)
    io.err(io.busybox ? `listening on [::]:${port} ...\n` : `Listening on 0.0.0.0 ${port}\n`);
  io.memory.ports = [port];
  return 'blocked';
}

/** First and last port of `80` or `80-90`. */
const range = (port: string): [number, number] => {
  const [from, to] = port.split('-').map(Number);
  return [from!, to ?? from!];
};

function connect(io: ProgramIo, host: string, ports: string, wanted: Wanted): number | 'blocked' {
  const { letters, values } = wanted;
  const found = lookUp(io.machine, host);
  if ('failure' in found) {
    if (found.after > 0 && io.memory.waited === undefined) {
      io.memory.waited = io.memory.wake = io.now + found.after;
      return 'blocked';
    }
    const reason = found.failure === 'unknown' ? 'Name or service not known' : 'Temporary failure in name resolution';
    io.err(
      io.busybox ? `nc: bad address '${host}'\n` : `nc: getaddrinfo for host "${host}" port ${ports}: ${reason}\n`,
    );
    return 1;
  }
  const address = found.addresses[0]!;
  const [first, last] = range(ports);
  const limit = values.w === undefined ? Number.POSITIVE_INFINITY : Number(values.w) * 1000;
  for (let port = (io.memory.port as number | undefined) ?? first; ; port++) {
    const state = io.machine.network.connect(address, port, letters.includes('u') ? 'UDP' : 'TCP');
    const wait = state === 'open' ? 0 : Math.min(waitOf(state), limit);
    if (wait > 0 && io.memory.tried !== port) {
      Object.assign(io.memory, { port, tried: port, wake: io.now + wait });
      return 'blocked';
    }
    tell(io, wanted, { host, address, port, state: state === 'bad-address' ? 'no-route' : state });
    // A datagram is sent whether or not somebody takes it.
    if (state === 'open' || letters.includes('u')) io.memory.open = true;
    if (port < last) continue;
    if (!io.memory.open) return 1;
    return letters.includes('z') ? 0 : exchange(io, address, port);
  }
}

function tell(
  io: ProgramIo,
  { letters }: Wanted,
  { host, address, port, state }: { host: string; address: string; port: number; state: 'open' | keyof typeof ERRORS },
): void {
  const loudness = letters.split('v').length - 1;
  const udp = letters.includes('u');
  if (io.busybox) {
    const where = `${host} (${address}:${port})`;
    if (state === 'open' && loudness > 0) io.err(`${where} open\n`);
    else if (state !== 'open' && (loudness > 1 || (loudness === 1 && state !== 'refused')))
      io.err(`nc: ${where}: ${ERRORS[state]}\n`);
    return;
  }
  if (loudness === 0) return;
  const protocol = udp ? 'udp' : 'tcp';
  const shown = host === address ? host : `${host} (${address})`;
  if (state === 'open' || udp)
    io.err(`Connection to ${shown} ${port} port [${protocol}/${SERVICES[port] ?? '*'}] succeeded!\n`);
  else io.err(`nc: connect to ${shown} port ${port} (${protocol}) failed: ${ERRORS[state]}\n`);
}

/** /etc/services */
const SERVICES: Record<number, string> = {
  21: 'ftp',
  22: 'ssh',
  25: 'smtp',
  53: 'domain',
  80: 'http',
  110: 'pop3',
  443: 'https',
  3306: 'mysql',
  5432: 'postgresql',
  6379: 'redis',
  8080: 'http-alt',
};

/** What was typed goes over the wire; what answers is shown. */
function exchange(io: ProgramIo, address: string, port: number): number | 'blocked' {
  const { text, ended } = io.input();
  if (!ended) return 'blocked';
  io.consume(text.length);
  const [head = '', ...rest] = text.split(/\r?\n\r?\n/);
  const [start = '', ...lines] = head.split(/\r?\n/);
  const [, method, path] = /^([A-Z]+) (\S+)/.exec(start) ?? [];
  if (!method || !path) {
    const answer = text === '' ? undefined : io.machine.network.talk(address, port, text);
    if (answer && 'text' in answer) io.out(answer.text);
    return 0;
  }
  const headers = Object.fromEntries(
    lines
      .filter((line) => line.includes(':'))
      .map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  );
  const body = rest.join('\n\n');
  const answer = io.machine.network.http({
    method,
    host: address,
    port,
    path,
    headers: { host: address, ...headers },
    ...(body && { body }),
  });
  if (!('status' in answer)) return 0;
  const answered = Object.entries(answer.headers).map(([name, value]) => `${name}: ${value}\r\n`);
  io.out(`HTTP/1.1 ${answer.status} ${answer.reason}\r\n${answered.join('')}\r\n${answer.body}`);
  return 0;
}
