import { fillLine } from '../programs/fill-line.ts';
import { respond } from '../programs/http-answer.ts';
import type { ProgramIo } from '../programs/io.ts';
import { lookUp } from '../resolver.ts';
import type { Server, ServerCall } from './server.ts';

/** `--http-port=8080`, `--http-port 8080` */
function flag(argv: string[], name: string, fallback: string): string {
  const at = argv.findIndex((word) => word === `--${name}` || word.startsWith(`--${name}=`));
  if (at < 0) return fallback;
  return argv[at]!.includes('=') ? argv[at]!.slice(argv[at]!.indexOf('=') + 1) : (argv[at + 1] ?? fallback);
}

const line = (now: number, text: string) => `${fillLine('I{klog}', now, '', {})}       1 log.go:245] ${text}\n`;

/** How long `liveness` is well, ms. */
const WELL = 10_000;

type Begin = (io: ProgramIo) => number | { ports: number[]; memory?: unknown };

/** The subcommands of agnhost that are of use in a cluster. */
const BEGIN: Record<string, Begin> = {
  pause(io) {
    io.out('Paused\n');
    return { ports: [] };
  },
  netexec(io) {
    const http = Number(flag(io.argv, 'http-port', '8080'));
    const udp = Number(flag(io.argv, 'udp-port', '8081'));
    io.err(line(io.now, `Started HTTP server on port ${http}`));
    if (udp > 0) io.err(line(io.now, `Started UDP server on port  ${udp}`));
    return { ports: [http, udp], memory: 'netexec' };
  },
  'serve-hostname'(io) {
    const port = Number(flag(io.argv, 'port', '9376'));
    io.err(line(io.now, `Serving on port ${port}.`));
    return { ports: [port], memory: 'serve-hostname' };
  },
  liveness: () => ({ ports: [8080], memory: 'liveness' }),
  'grpc-health-checking': (io) => ({
    ports: [Number(flag(io.argv, 'port', '5000')), Number(flag(io.argv, 'http-port', '8080'))],
    memory: 'grpc',
  }),
  'test-webserver': (io) => ({ ports: [Number(flag(io.argv, 'port', '80'))], memory: 'test-webserver' }),
  connect(io) {
    const [host = '', port = ''] = (io.argv.slice(2).find((word) => !word.startsWith('-')) ?? '').split(':');
    const found = lookUp(io.machine, host);
    if ('failure' in found) {
      io.err('DNS: lookup failed\n');
      return 1;
    }
    const state = io.machine.network.connect(found.addresses[0]!, Number(port));
    if (state === 'open') return 0;
    io.err(
      `${{ refused: 'REFUSED', timeout: 'TIMEOUT', 'no-route': 'OTHER: no route to host', 'bad-address': 'DNS' }[state]}\n`,
    );
    return 1;
  },
};

export const agnhost: Server = {
  begin(io) {
    const verb = io.argv[1] ?? 'pause';
    const begin = BEGIN[verb];
    if (begin) return begin(io);
    io.err(`Error: unknown command "${verb}" for "app"\nRun 'app --help' for usage.\n`);
    return 1;
  },

  http(call, request) {
    const answer = answerOf(call, request);
    const { machine } = call;
    const log =
      call.memory === 'netexec'
        ? [{ stream: 'stderr' as const, text: line(machine.now(), `GET ${request.path.replace(/\?.*/, '')}`) }]
        : [];
    return {
      response: {
        ...respond(
          answer.status ?? 200,
          answer.body,
          answer.type ?? 'text/plain; charset=utf-8',
          undefined,
          machine.now(),
        ),
        ...(answer.fleeting && { fleeting: true }),
      },
      log,
    };
  },
};

function answerOf(
  { memory, machine, started, argv }: ServerCall,
  request: { path: string; headers: Record<string, string>; client?: string },
): { status?: number; body: string; type?: string; fleeting?: boolean } {
  const [path = '/', query = ''] = request.path.split('?');
  const parameters = new URLSearchParams(query);
  const lived = machine.now() - started;
  if (memory === 'grpc') return { body: path === '/grpc.health.v1.Health/Check' ? 'SERVING' : '' };
  if (memory === 'serve-hostname') return { body: machine.hostname };
  if (memory === 'liveness') {
    if (path !== '/healthz') return { status: 404, body: '404 page not found\n' };
    return lived > WELL ? { status: 500, body: `error: ${lived / 1000}` } : { body: 'ok', fleeting: true };
  }
  switch (path) {
    case '/':
      return {
        body: `NOW: ${fillLine('{plain}', machine.now(), '', {})}.000000000 +0000 UTC m=+${(lived / 1000).toFixed(9)}`,
      };
    case '/hostname':
    case '/hostName':
      return { body: machine.hostname };
    case '/clientip':
      return { body: `${request.client ?? ''}:40000` };
    case '/echo':
      return { status: Number(parameters.get('code') ?? 200), body: parameters.get('msg') ?? '' };
    case '/header':
      return { body: request.headers[(parameters.get('key') ?? '').toLowerCase()] ?? '' };
    case '/healthz':
      return lived / 1000 < Number(flag(argv, 'delay-shutdown', '0')) ? { status: 412, body: '' } : { body: '' };
    default:
      return path.startsWith('/dial')
        ? dial(machine, parameters)
        : {
            body: `NOW: ${fillLine('{plain}', machine.now(), '', {})}.000000000 +0000 UTC m=+${(lived / 1000).toFixed(9)}`,
          };
  }
}

/** `/dial?host=…&port=…&request=hostname`: asks another, and tells what came back. */
function dial(machine: ServerCall['machine'], parameters: URLSearchParams) {
  const host = parameters.get('host') ?? '';
  const found = lookUp(machine, host);
  const address = 'failure' in found ? host : found.addresses[0]!;
  const answer = machine.network.http({
    method: 'GET',
    host: address,
    port: Number(parameters.get('port') ?? 80),
    path: `/${parameters.get('request') ?? ''}`,
    headers: { host },
  });
  return {
    body: JSON.stringify(
      'failure' in answer ? { errors: [`Get "http://${host}": ${answer.failure}`] } : { responses: [answer.body] },
    ),
  };
}
