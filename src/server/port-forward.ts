import type { WebSocket } from 'ws';
import { SpdyConnection } from './spdy.ts';

/** Sends bytes to a port of the pod and gives back what comes; rejects with the kubelet's words. */
export type Forward = (port: number, data: Uint8Array) => Promise<Uint8Array>;

/** One connection that a client forwards: its two streams, and what has come of its request so far. */
interface Forwarded {
  port: number;
  data?: number;
  error?: number;
  pending: Buffer;
}

/** The length of the first whole request in `bytes`; undefined while it is not whole. What is no HTTP is taken as it comes. */
export function requestLength(bytes: Buffer): number | undefined {
  const text = bytes.toString('latin1');
  if (!/^[A-Z]{3,7} \S/.test(text)) return bytes.length;
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const head = text.slice(0, end);
  if (/^transfer-encoding:\s*chunked/im.test(head)) {
    const last = text.indexOf('\r\n0\r\n\r\n', end);
    return last < 0 ? undefined : last + 7;
  }
  const whole = end + 4 + Number(/^content-length:\s*(\d+)/im.exec(head)?.[1] ?? 0);
  return bytes.length >= whole ? whole : undefined;
}

const words = (error: unknown): string => (error as Error).message.replace(/^.*?(?=error forwarding port)/s, '');

/** Port-forwarding of real clients: SPDY/3.1 in the binary messages of a WebSocket, two streams for each connection. */
export function servePortForward(socket: WebSocket, forward: Forward): void {
  const connections = new Map<string, Forwarded>();
  const owner = new Map<number, Forwarded>();
  const spdy = new SpdyConnection((bytes) => socket.send(bytes));

  async function exchange(connection: Forwarded): Promise<void> {
    for (;;) {
      const length = requestLength(connection.pending);
      if (!length) return;
      const request = connection.pending.subarray(0, length);
      connection.pending = connection.pending.subarray(length);
      try {
        spdy.write(connection.data!, await forward(connection.port, request));
      } catch (error) {
        spdy.write(connection.error!, Buffer.from(words(error)), true);
        spdy.write(connection.data!, Buffer.alloc(0), true);
        return;
      }
    }
  }

  async function receive(bytes: Buffer): Promise<void> {
    for (const event of await spdy.receive(bytes)) {
      if (event.type === 'open') {
        const { requestid = '', streamtype = '', port = '0' } = event.headers;
        const connection = connections.get(requestid) ?? { port: Number(port), pending: Buffer.alloc(0) };
        connections.set(requestid, connection);
        connection[streamtype === 'error' ? 'error' : 'data'] = event.stream;
        owner.set(event.stream, connection);
        continue;
      }
      const connection = owner.get(event.stream);
      if (!connection || event.stream === connection.error) continue;
      if (event.type === 'data') {
        connection.pending = Buffer.concat([connection.pending, event.data]);
        await exchange(connection);
      }
      if (event.type === 'reset' || event.ends) {
        spdy.write(connection.data!, Buffer.alloc(0), true);
        spdy.write(connection.error!, Buffer.alloc(0), true);
        owner.delete(connection.data!);
        owner.delete(connection.error!);
      }
    }
  }

  let last: Promise<void> = Promise.resolve();
  socket.on('message', (data: Buffer) => {
    last = last.then(() => receive(data)).catch(() => socket.close(1011));
  });
  socket.on('close', () => spdy.close());
}
