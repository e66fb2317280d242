import type { ProgramIo } from '../programs/io.ts';
import type { Server } from './server.ts';

/** `-listen=:8080`, `-text "hi"` */
function option({ argv }: ProgramIo, name: string): string | undefined {
  const at = argv.findIndex((word) => new RegExp(`^--?${name}(=|$)`).test(word));
  if (at < 0) return undefined;
  return argv[at]!.includes('=') ? argv[at]!.slice(argv[at]!.indexOf('=') + 1) : argv[at + 1];
}

/** hashicorp/http-echo: says what it was told to. */
export const httpEcho: Server = {
  begin(io) {
    const text = option(io, 'text') ?? io.environment.ECHO_TEXT;
    if (text === undefined) {
      io.err('Missing -text option!\n');
      return 127;
    }
    io.memory.http = { paths: { '*': { body: `${text}\n`, type: 'text/plain; charset=utf-8' } } };
    return { ports: [Number((option(io, 'listen') ?? ':5678').split(':').at(-1))] };
  },
};

/** A server that takes its port from `PORT`, as samples do; otherwise the one of its image. */
export const portFromEnvironment: Server = {
  begin: (io, daemon) => ({ ports: io.environment.PORT ? [Number(io.environment.PORT)] : (daemon.ports ?? []) }),
};

/** httpd: the ports and the root of its configuration. */
export const apache: Server = {
  begin(io, daemon) {
    const path = '/usr/local/apache2/conf/httpd.conf';
    let text = '';
    try {
      text = io.machine.files.read(path);
    } catch {
      io.err(`httpd: Could not open configuration file ${path}: No such file or directory\n`);
      return 1;
    }
    const values = (name: string) =>
      [...text.matchAll(new RegExp(`^\\s*${name}\\s+"?([^"\\s]+)"?`, 'gmi'))].map(([, word]) => word!);
    const ports = values('Listen').map((address) => Number(address.split(':').at(-1)));
    if (ports.length === 0) {
      io.err('AH00015: Unable to open logs\nno listening sockets available, shutting down\n');
      return 1;
    }
    const [root] = values('DocumentRoot');
    if (root) io.memory.http = { ...daemon.http, root };
    return { ports };
  },
};
