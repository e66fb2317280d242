import type { Program, ProgramIo } from './io.ts';

const optionValue = (argv: string[], letter: string): string | undefined => {
  const index = argv.findIndex((arg) => arg.startsWith(`-${letter}`) && !arg.startsWith('--'));
  if (index < 0) return undefined;
  return argv[index]!.length > 2 ? argv[index]!.slice(2) : argv[index + 1];
};

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
