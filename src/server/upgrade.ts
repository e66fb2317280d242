import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { badRequest } from '../api/errors.ts';
import { readRequest, type ServedRequest } from './exchange.ts';
import type { Backend } from './serve.ts';

/** Subprotocols that are spoken, the best first. */
const REMOTE_COMMAND = ['v5.channel.k8s.io', 'v4.channel.k8s.io'];
const PORT_FORWARD = 'SPDY/3.1+portforward.k8s.io';

const TOKEN = 'portforward.k8s.io';

const PATH = /^\/api\/v1\/namespaces\/([^/]+)\/pods\/([^/]+)\/(exec|attach|portforward)$/;

function refuse(socket: Duplex, status: string, body: string): void {
  const length = Buffer.byteLength(body);
  socket.end(
    `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\nConnection: close\r\n\r\n${body}`,
  );
}

/** A client that wants a connection of its own: exec, attach and port-forward over WebSockets. */
export async function handleUpgrade(
  backend: Backend,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): Promise<void> {
  const served = await readRequest(request);
  const [, namespace = '', pod = '', what = ''] = PATH.exec(served.path) ?? [];
  if (!what || request.headers.upgrade?.toLowerCase() !== 'websocket') {
    // SPDY itself is not spoken: clients try WebSockets first.
    const status = badRequest('unable to upgrade connection: only WebSockets are served, not SPDY').toStatus();
    return refuse(socket, '400 Bad Request', `${JSON.stringify(status)}\n`);
  }
  const refusal = await backend.checkStream(served);
  if (refusal) return refuse(socket, `${refusal.status} Refused`, refusal.text());
  const { WebSocketServer } = await import('ws');
  const offered = what === 'portforward' ? [TOKEN] : REMOTE_COMMAND;
  const wanted = request.headers['sec-websocket-protocol'] ?? '';
  // The name of the tunnel is no token of HTTP, which `ws` insists on: it gets another, and clients read their own.
  request.headers['sec-websocket-protocol'] = wanted.replaceAll(PORT_FORWARD, TOKEN);
  const server = new WebSocketServer({
    noServer: true,
    handleProtocols: (protocols) => offered.find((protocol) => protocols.has(protocol)) ?? false,
  });
  server.on('headers', (lines) => {
    for (const [index, line] of lines.entries())
      if (/^sec-websocket-protocol:/i.test(line)) lines[index] = line.replace(TOKEN, PORT_FORWARD);
  });
  server.handleUpgrade(request, socket, head, (connection) => {
    connection.binaryType = 'nodebuffer';
    talk(connection).catch(() => connection.close(1011));
  });

  async function talk(connection: import('ws').WebSocket): Promise<void> {
    if (what === 'portforward') {
      const { servePortForward } = await import('./port-forward.ts');
      servePortForward(connection, (port, data) => backend.forward(served, namespace, pod, port, data));
      return;
    }
    const { serveRemoteCommand } = await import('./remote-command.ts');
    await serveRemoteCommand(connection, served.query, (options) => backend.stream(streamRequest(served), options));
  }
}

/** Clients of WebSockets ask with GET for what is a POST. */
const streamRequest = (request: ServedRequest): ServedRequest => ({ ...request, method: 'POST' });
