import { EventEmitter } from 'node:events';
import { constants, createDeflate, deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import { readJsonAsset } from '../base/assets.ts';
import type { StreamOptions } from '../kubectl/transport.ts';
import { requestLength, servePortForward } from './port-forward.ts';
import { serveRemoteCommand } from './remote-command.ts';

/** The server's end of a WebSocket, without a wire. */
class FakeSocket extends EventEmitter {
  readonly OPEN = 1;
  readyState = 1;
  readonly sent: Buffer[] = [];
  send(data: Buffer): void {
    this.sent.push(Buffer.from(data));
    this.emit('sent');
  }
  close(): void {
    this.readyState = 3;
    this.emit('close');
  }
  /** Resolves once so many messages were sent. */
  async until(count: number): Promise<Buffer[]> {
    while (this.sent.length < count) await new Promise((resolve) => this.once('sent', resolve));
    return this.sent;
  }
}

const socket = () => {
  const fake = new FakeSocket();
  return { fake, ws: fake as unknown as WebSocket };
};

describe('a remote command', () => {
  it('has a channel for each stream, and ends with its status', async () => {
    const { fake, ws } = socket();
    const seen: string[] = [];
    const done = serveRemoteCommand(ws, new URLSearchParams('stdin=true'), async (options: StreamOptions) => {
      options.resize?.((columns, rows) => seen.push(`${columns}x${rows}`));
      for await (const piece of options.stdin!) options.stdout(Buffer.from(`<${Buffer.from(piece)}>`));
      options.stderr(Buffer.from('oops'));
      return { status: 'Success' };
    });
    fake.emit('message', Buffer.from('\u0004{"Width":100,"Height":30}'));
    fake.emit('message', Buffer.from('\u0000hello'));
    fake.emit('message', Buffer.from([255, 0]));
    await done;
    expect(fake.sent.map(String)).toEqual(['\u0001<hello>', '\u0002oops', '\u0003{"status":"Success"}']);
    expect(seen).toEqual(['100x30']);
  });

  it('ends when its client has gone', async () => {
    const { fake, ws } = socket();
    const done = serveRemoteCommand(ws, new URLSearchParams(), async (options) => {
      fake.close();
      options.stdout(Buffer.from('x'));
    });
    await expect(done).rejects.toThrow('the client has gone');
  });
});

const number = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};
const frame = (first: number, flags: number, payload: Buffer) =>
  Buffer.concat([number(first >>> 0), number((flags << 24) | payload.length), payload]);

/** A client that opens the two streams of a connection to `port`. */
async function opened(port: number): Promise<Buffer[]> {
  const { spdyDictionary } = readJsonAsset<{ spdyDictionary: string }>('fixtures/server/spdy.json');
  const deflate = createDeflate({ dictionary: Buffer.from(spdyDictionary, 'base64') });
  const frames: Buffer[] = [];
  for (const [stream, type] of [
    [1, 'error'],
    [3, 'data'],
  ] as const) {
    const headers = Object.entries({ streamtype: type, port: String(port), requestid: '0' });
    const block = Buffer.concat([
      number(headers.length),
      ...headers.flat().flatMap((text) => [number(text.length), Buffer.from(text)]),
    ]);
    const out: Buffer[] = [];
    const take = (data: Buffer) => out.push(data);
    deflate.on('data', take);
    deflate.write(block);
    await new Promise<void>((resolve) => deflate.flush(constants.Z_SYNC_FLUSH, () => resolve()));
    deflate.off('data', take);
    frames.push(frame(0x8003_0001, 0, Buffer.concat([number(stream), number(0), Buffer.alloc(2), ...out])));
  }
  return frames;
}

const REQUEST = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';

describe('a forwarded port', () => {
  it('answers each request on the stream of its connection', async () => {
    const { fake, ws } = socket();
    servePortForward(ws, async (port, data) =>
      Buffer.from(`${port}: ${Buffer.from(data).toString().split('\r\n')[0]}`),
    );
    for (const bytes of await opened(8080)) fake.emit('message', bytes);
    const data = frame(3, 0, Buffer.from(REQUEST));
    fake.emit('message', data.subarray(0, 15));
    fake.emit('message', data.subarray(15));
    fake.emit('message', frame(3, 1, Buffer.alloc(0)));
    const [, , answer, end, other] = await fake.until(5);
    expect(answer!.readUInt32BE(0)).toBe(3);
    expect(answer!.subarray(8).toString()).toBe('8080: GET / HTTP/1.1');
    expect([end!.readUInt32BE(0), end![4], other!.readUInt32BE(0), other![4]]).toEqual([3, 1, 1, 1]);
  });

  it('tells on the other stream what went wrong', async () => {
    const { fake, ws } = socket();
    servePortForward(ws, async () => {
      throw new Error('an error occurred forwarding 81 -> 81: error forwarding port 81 to pod p, uid : refused');
    });
    for (const bytes of await opened(81)) fake.emit('message', bytes);
    fake.emit('message', frame(3, 0, Buffer.from(REQUEST)));
    const [, , error] = await fake.until(4);
    expect([error!.readUInt32BE(0), error!.subarray(8).toString()]).toEqual([
      1,
      'error forwarding port 81 to pod p, uid : refused',
    ]);
  });

  it.each([
    [REQUEST, REQUEST.length],
    [`${REQUEST}GET /b`, REQUEST.length],
    ['GET / HTTP/1.1\r\nHos', undefined],
    ['POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\na', undefined],
    ['POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\nab', 40],
    ['*1\r\n$4\r\nPING\r\n', 14],
  ])('waits for the whole of %j', (text, length) => {
    expect(requestLength(Buffer.from(text))).toBe(length);
  });
});

it('the dictionary is that of SPDY/3', () => {
  const { spdyDictionary } = readJsonAsset<{ spdyDictionary: string }>('fixtures/server/spdy.json');
  // A zlib stream names its dictionary by its checksum (SPDY/3, 2.6.10.1).
  expect(
    deflateSync('x', { dictionary: Buffer.from(spdyDictionary, 'base64') })
      .subarray(2, 6)
      .toString('hex'),
  ).toBe('e3c6a7c2');
});
