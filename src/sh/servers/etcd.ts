import { X509Certificate } from 'node:crypto';
import type { FileSystem } from '../process.ts';
import { respond, type ServerResponse } from '../programs/http-answer.ts';
import type { Server } from './server.ts';

const CLIENTS = 'listen-client-urls';
const PLAIN = 'text/plain; charset=utf-8';
const LISTENERS = [CLIENTS, 'listen-peer-urls', 'listen-metrics-urls'];

/** `--name=value` or `--name value`. */
function flag(argv: string[], name: string): string | undefined {
  const at = argv.findIndex((word) => word === `--${name}` || word.startsWith(`--${name}=`));
  if (at < 0) return undefined;
  return argv[at]!.includes('=') ? argv[at]!.slice(name.length + 3) : argv[at + 1];
}

const urls = (argv: string[], name: string): URL[] =>
  (flag(argv, name) ?? '').split(',').flatMap((text) => (URL.canParse(text) ? [new URL(text)] : []));

/** Why TLS does not let a client in, in the words of its alert. */
function alertFor(authority: string, files: FileSystem, certificate: string | undefined): string | undefined {
  if (certificate === undefined) return 'certificate required';
  try {
    const { publicKey } = new X509Certificate(files.read(authority));
    return new X509Certificate(certificate).verify(publicKey) ? undefined : 'unknown ca';
  } catch {
    return 'unknown ca';
  }
}

/** etcd: the listeners of its flags, of which clients' want a certificate (server/etcdserver/api/etcdhttp). */
export const etcd: Server = {
  begin(io, daemon) {
    const ports = LISTENERS.flatMap((name) => urls(io.argv, name).map(({ port }) => Number(port)));
    return { ports: ports.length > 0 ? [...new Set(ports)] : (daemon.ports ?? []) };
  },

  http({ argv, port, machine }, { path, certificate, tls: secured }) {
    const listener = LISTENERS.flatMap((name) => urls(argv, name)).find((url) => Number(url.port) === port);
    const tls = listener?.protocol === 'https:';
    if (tls && !secured)
      return {
        response: respond(400, 'Client sent an HTTP request to an HTTPS server.\n', PLAIN, undefined, machine.now()),
      };
    const closed = { status: 0, reason: '', headers: {}, body: '', tls };
    const authority = flag(argv, 'trusted-ca-file');
    const asks = tls && (flag(argv, 'client-cert-auth') === 'true' || argv.includes('--client-cert-auth'));
    const alert = asks ? alertFor(authority ?? '', machine.files, certificate) : undefined;
    if (alert) return { response: { ...closed, alert } };
    const version = '3.5.24';
    const answer = ANSWERS[path.replace(/\?.*/, '')]?.(version) ?? { status: 404, body: '404 page not found\n' };
    const { status = 200, type = PLAIN, body } = answer;
    const response: ServerResponse = respond(status, body, type, undefined, machine.now());
    return { response: { ...response, ...(tls && { tls, h2: true }) } };
  },
};

type Answered = (version: string) => { status?: number; type?: string; body: string };

const json = (body: unknown): ReturnType<Answered> => ({ type: 'application/json', body: JSON.stringify(body) });

const ANSWERS: Record<string, Answered> = {
  '/health': () => json({ health: 'true', reason: '' }),
  '/livez': () => ({ body: 'ok\n' }),
  '/readyz': () => ({ body: 'ok\n' }),
  '/version': (version) => json({ etcdserver: version, etcdcluster: version.replace(/\.\d+$/, '.0') }),
  '/grpc.health.v1.Health/Check': () => ({ type: 'application/grpc', body: 'SERVING' }),
  '/metrics': (version) => ({
    body: [
      '# HELP etcd_server_has_leader Whether or not a leader exists. 1 is existence, 0 is not.',
      '# TYPE etcd_server_has_leader gauge',
      'etcd_server_has_leader 1',
      "# HELP etcd_server_version Which version is running. 1 for 'server_version' label with current version.",
      '# TYPE etcd_server_version gauge',
      `etcd_server_version{server_version="${version}"} 1`,
      '',
    ].join('\n'),
  }),
};
