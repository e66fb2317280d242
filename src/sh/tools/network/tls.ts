import type { Options, ToolContext } from '../tool.ts';
import type { Reply } from './curl.ts';
import type { Target } from './url.ts';

const DISTRUST =
  'More details here: https://curl.se/docs/sslcerts.html\n\ncurl failed to verify the legitimacy of the server and therefore could not\nestablish a secure connection to it. To learn more about this situation and\nhow to fix it, please visit the web page mentioned above.';

/** What a server ends a handshake with, as OpenSSL tells it. */
const ALERTS: Record<string, string> = {
  'certificate required': 'error:0A00045C:SSL routines::tlsv13 alert certificate required',
  'unknown ca': 'error:0A000418:SSL routines::tlsv1 alert unknown ca',
};

function read({ machine, path }: ToolContext, file: string): string | undefined {
  try {
    return machine.files.read(path(file));
  } catch {
    return undefined;
  }
}

/** The client's certificate, if there is one; curl reads all of its files before it says anything. */
export function credentials(
  context: ToolContext,
  options: Options,
): { certificate?: string } | { failure: [code: number, message: string] } {
  const authorities = options.value('cacert');
  if (authorities !== undefined && read(context, authorities) === undefined)
    return { failure: [77, `error setting certificate file: ${authorities}`] };
  const file = options.value('E', 'cert');
  if (file === undefined) return {};
  const certificate = read(context, file);
  if (!certificate?.includes('BEGIN CERTIFICATE'))
    return {
      failure: [
        58,
        `could not load PEM client certificate from ${file}, OpenSSL error error:80000002:system library::No such file or directory, (no key found, wrong pass phrase, or wrong file format?)`,
      ],
    };
  const key = options.value('key');
  const keyText = key === undefined ? certificate : read(context, key);
  if (!keyText?.includes('PRIVATE KEY'))
    return { failure: [58, `unable to set private key file: '${key ?? file}' type PEM`] };
  return { certificate };
}

/** What is wrong with the connection's security; undefined if nothing is, or nobody minds. */
export function tlsFailure(
  context: ToolContext,
  options: Options,
  { scheme, host }: Target,
  reply: Reply,
  openssl: string,
): [code: number, message: string] | undefined {
  if (scheme !== 'https') return undefined;
  if (!reply.tls) return [35, `${openssl}: error:0A00010B:SSL routines::wrong version number`];
  const { signedBy, alert } = reply;
  if (alert) return [56, `OpenSSL SSL_read: ${openssl}: ${ALERTS[alert] ?? alert}, errno 0`];
  if (reply.trusted || options.has('k', 'insecure')) return undefined;
  const authorities = options.value('cacert');
  if (signedBy && authorities !== undefined && read(context, authorities)?.includes(signedBy.authority.trim()))
    return signedBy.names.includes(host)
      ? undefined
      : [60, `SSL: no alternative certificate subject name matches target host name '${host}'\n${DISTRUST}`];
  // Who signed it is known of the API server alone.
  if (!signedBy && options.has('cacert', 'capath')) return undefined;
  return [60, `SSL certificate problem: unable to get local issuer certificate\n${DISTRUST}`];
}

/** What -v tells of TLS 1.3 with a server that speaks HTTP/2. */
export function handshake(
  { host, port, explicit }: Target,
  { method, headers, certificate }: { method: string; headers: Record<string, string>; certificate?: string },
  path: string,
): string {
  const received = ['Server hello (2)', 'Encrypted Extensions (8)', 'Request CERT (13)', 'Certificate (11)'];
  const sent = ['Certificate (11)', ...(certificate === undefined ? [] : ['CERT verify (15)']), 'Finished (20)'];
  const authority = `${host}${explicit ? `:${port}` : ''}`;
  const { host: _, ...others } = headers;
  const pseudo = { ':method': method, ':scheme': 'https', ':authority': authority, ':path': path };
  return [
    'ALPN: curl offers h2,http/1.1',
    'TLSv1.3 (OUT), TLS handshake, Client hello (1):',
    ...[...received, 'CERT verify (15)', 'Finished (20)'].map((step) => `TLSv1.3 (IN), TLS handshake, ${step}:`),
    'TLSv1.3 (OUT), TLS change cipher, Change cipher spec (1):',
    ...sent.map((step) => `TLSv1.3 (OUT), TLS handshake, ${step}:`),
    'SSL connection using TLSv1.3 / TLS_AES_128_GCM_SHA256 / X25519 / RSASSA-PSS',
    'ALPN: server accepted h2',
    'using HTTP/2',
    `[HTTP/2] [1] OPENED stream for https://${authority}${path}`,
    ...Object.entries({ ...pseudo, ...others }).map(([name, value]) => `[HTTP/2] [1] [${name}: ${value}]`),
  ]
    .map((line) => `* ${line}\n`)
    .join('');
}
