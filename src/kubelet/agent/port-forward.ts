import { internalError } from '../../api/errors.ts';
import type { PodScope } from '../pod/scope.ts';
import { isListening, servePort, talkPort } from '../ports.ts';

/** An HTTP/1.1 request as it came over the wire. */
function parseRequest(data: string) {
  const [head = '', ...rest] = data.split('\r\n\r\n');
  const [start = '', ...lines] = head.split('\r\n');
  const [method = 'GET', path = '/'] = start.split(' ');
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  );
  return { method, path, headers, body: rest.join('\r\n\r\n'), client: '127.0.0.1' };
}

/** One connection to a pod's port: what was sent, what comes back. Throws ApiError where nothing listens. */
export function portForward(scope: PodScope, port: number, data: string): string {
  const sandbox = scope.sandbox();
  if (sandbox && !/^[A-Z]{3,7} \S+ HTTP\//.test(data) && isListening(scope.world, scope.platform, sandbox, port))
    return talkPort(scope.world, scope.platform, sandbox, scope.pod, port, data) ?? '';
  const answer = sandbox && servePort(scope.world, scope.platform, sandbox, scope.pod, port, parseRequest(data));
  if (!answer || 'failure' in answer) {
    const space = '/var/run/netns/cni';
    throw internalError(
      `an error occurred forwarding ${port} -> ${port}: error forwarding port ${port} to pod ${sandbox?.id ?? ''}, uid : failed to execute portforward in network namespace "${space}": failed to connect to localhost:${port} inside namespace "${sandbox?.id ?? ''}", IPv4: dial tcp4 127.0.0.1:${port}: connect: connection refused IPv6 dial tcp6: address localhost: no suitable address found `,
    );
  }
  const { status, reason, headers, body } = answer.response;
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  const length = `Content-Length: ${Buffer.byteLength(body)}`;
  return [`HTTP/1.1 ${status} ${reason}`, ...lines, length, '', body].join('\r\n');
}
