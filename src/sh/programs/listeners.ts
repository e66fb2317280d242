import type { Program, ProgramIo } from './io.ts';

const optionValue = (argv: string[], letter: string): string | undefined => {
  const index = argv.findIndex((arg) => arg.startsWith(`-${letter}`) && !arg.startsWith('--'));
  if (index < 0) return undefined;
  return argv[index]!.length > 2 ? argv[index]!.slice(2) : argv[index + 1];
};

/** `nc -l -p PORT`: takes one connection; what it is given on its input is what the other side reads. Otherwise it connects. */
export const netcat: Program = {
  step(io) {
    const args = io.argv.slice(1);
    const letters = args
      .filter((arg) => /^-[a-zA-Z]+/.test(arg))
      .map((arg) => arg.slice(1))
      .join('');
    const plain = args.filter(
      (arg, index, all) => !arg.startsWith('-') && !/^-[a-zA-Z]*[wpiqsX]$/.test(all[index - 1] ?? ''),
    );
    if (letters.includes('l')) {
      const port = Number(
        /p/.test(letters)
          ? (optionValue(args, 'p') ?? args[args.findIndex((arg) => /^-[a-z]*p$/.test(arg)) + 1])
          : plain.at(-1),
      );
      if (io.memory.served) {
        io.out(io.memory.served as string);
        if (!letters.includes('k')) return 0;
        delete io.memory.served;
      }
      io.memory.ports = [port];
      return 'blocked';
    }
    const [host, port] = plain;
    if (host === undefined || port === undefined) {
      io.err(io.busybox ? 'nc: missing operand\n' : 'usage: nc [-46CDdFhklNnrStUuvZz] [destination] [port]\n');
      return 1;
    }
    return connect(io, host, Number(port), letters);
  },
};

function connect(io: ProgramIo, host: string, port: number, letters: string): number | 'blocked' {
  const wait = Number(optionValue(io.argv.slice(1), 'w') ?? 127) * 1000;
  const { network } = io.machine;
  const address = /^[0-9.]+$/.test(host) ? host : network.resolve(host)[0];
  if (address === undefined) {
    io.err(
      io.busybox
        ? `nc: bad address '${host}'\n`
        : `nc: getaddrinfo for host "${host}" port ${port}: Name or service not known\n`,
    );
    return 1;
  }
  const verbose = letters.includes('v');
  const state = network.connect(address, port);
  if (state === 'timeout' && io.memory.deadline === undefined) {
    io.memory.deadline = io.memory.wake = io.now + wait;
    return 'blocked';
  }
  if (state !== 'open') {
    const message =
      state === 'refused'
        ? 'Connection refused'
        : state === 'timeout'
          ? io.busybox
            ? 'Connection timed out'
            : 'Operation now in progress'
          : 'No route to host';
    if (io.busybox) io.err(`nc: ${host} (${address}:${port}): ${message}\n`);
    else if (verbose)
      io.err(
        `nc: connect to ${host} (${address}) port ${port} (tcp) failed: ${state === 'timeout' ? 'Connection timed out' : message}\n`,
      );
    return 1;
  }
  if (verbose)
    io.err(
      io.busybox
        ? `${host} (${address}:${port}) open\n`
        : `Connection to ${host} (${address}) ${port} port [tcp/*] succeeded!\n`,
    );
  if (letters.includes('z')) return 0;
  const { text, ended } = io.input();
  if (!ended) return 'blocked';
  io.consume(text.length);
  const [, method, path] = /^([A-Z]+) (\S+)/.exec(text) ?? [];
  if (method && path) {
    const answer = network.http({ method, host: address, port, path, headers: { host } });
    if ('status' in answer) {
      const headers = Object.entries(answer.headers)
        .map(([name, value]) => `${name}: ${value}\r\n`)
        .join('');
      io.out(`HTTP/1.1 ${answer.status} ${answer.reason}\r\n${headers}\r\n${answer.body}`);
    }
  }
  return 0;
}

/** A web server that serves a folder's files until it is stopped. */
function fileServer(port: number, root: string, server: string, listing = false): (io: ProgramIo) => 'blocked' {
  return (io) => {
    io.memory.ports = [port];
    io.memory.http = { root, server, ...(listing && { listing }) };
    return 'blocked';
  };
}

/** busybox's `httpd -f -p PORT -h FOLDER`. Without -f it goes to the background, which ends its container. */
export const httpd: Program = {
  step(io) {
    const args = io.argv.slice(1);
    const port = Number((optionValue(args, 'p') ?? '80').split(':').at(-1));
    const root = io.path(optionValue(args, 'h') ?? '.');
    return fileServer(port, root, '')(io);
  },
  signal: () => undefined,
};

/** `python3 -m http.server [PORT]`; other uses of Python are not simulated. */
export const pythonServer: Program = {
  step(io) {
    const args = io.argv.slice(1);
    if (io.memory.ports) return 'blocked';
    const name = io.argv[0]!.split('/').at(-1)!;
    if (args.includes('-V') || args.includes('--version')) {
      io.out(`Python ${io.environment.PYTHON_VERSION ?? '3.12.3'}\n`);
      return 0;
    }
    const at = args.indexOf('http.server');
    if (at < 0) {
      io.err(`${name}: kubemu runs no Python programs, only -m http.server\n`);
      return 1;
    }
    const port = Number(args.slice(at + 1).find((arg) => /^[0-9]+$/.test(arg)) ?? 8000);
    const folder = args.includes('-d')
      ? args[args.indexOf('-d') + 1]!
      : (args.find((arg) => arg.startsWith('--directory='))?.slice(12) ?? '.');
    if (io.environment.PYTHONUNBUFFERED) io.out(`Serving HTTP on 0.0.0.0 port ${port} (http://0.0.0.0:${port}/) ...\n`);
    return fileServer(port, io.path(folder), 'SimpleHTTP/0.6 Python/3.12.3', true)(io);
  },
};
