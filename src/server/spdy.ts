import { constants, createDeflate, createInflate, type Deflate, type Inflate } from 'node:zlib';
import { readJsonAsset } from '../base/assets.ts';

/** Control frames of SPDY/3.1 by their number. */
const SYN_STREAM = 1;
const SYN_REPLY = 2;
const RST_STREAM = 3;
const PING = 6;
const GOAWAY = 7;

const FIN = 1;
const CONTROL = 0x8000_0000;
const VERSION = 3;

/** What a client does on a connection. */
export type SpdyEvent =
  | { type: 'open'; stream: number; headers: Record<string, string>; ends: boolean }
  | { type: 'data'; stream: number; data: Buffer; ends: boolean }
  | { type: 'reset'; stream: number };

const dictionary = (): Buffer =>
  Buffer.from(readJsonAsset<{ spdyDictionary: string }>('fixtures/server/spdy.json').spdyDictionary, 'base64');

/** Feeds one piece to a stream of zlib and resolves with what came out: headers share their compressor over a connection. */
function squeeze(zlib: Deflate | Inflate, piece: Buffer): Promise<Buffer> {
  const out: Buffer[] = [];
  const take = (data: Buffer) => out.push(data);
  zlib.on('data', take);
  return new Promise((resolve, reject) => {
    zlib.once('error', reject);
    zlib.write(piece);
    zlib.flush(constants.Z_SYNC_FLUSH, () => {
      zlib.off('data', take);
      zlib.off('error', reject);
      resolve(Buffer.concat(out));
    });
  });
}

/** `count, (length, name, length, value)*` */
function readHeaders(block: Buffer): Record<string, string> {
  let at = 4;
  const text = () => {
    const length = block.readUInt32BE(at);
    at += 4 + length;
    return block.subarray(at - length, at).toString('utf8');
  };
  return Object.fromEntries(Array.from({ length: block.readUInt32BE(0) }, () => [text().toLowerCase(), text()]));
}

function controlFrame(type: number, flags: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32BE((CONTROL | (VERSION << 16) | type) >>> 0, 0);
  head.writeUInt32BE((flags << 24) | payload.length, 4);
  return Buffer.concat([head, payload]);
}

const number = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};

/** The server's end of a SPDY/3.1 connection: bytes in, events out; `send` gets the bytes that go back. */
export class SpdyConnection {
  #rest: Buffer = Buffer.alloc(0);
  readonly #inflate = createInflate({ dictionary: dictionary(), finishFlush: constants.Z_SYNC_FLUSH });
  readonly #deflate = createDeflate({ dictionary: dictionary(), finishFlush: constants.Z_SYNC_FLUSH });

  constructor(private readonly send: (bytes: Buffer) => void) {}

  /** Takes bytes as they come; answers what is complete. */
  async receive(bytes: Buffer): Promise<SpdyEvent[]> {
    this.#rest = Buffer.concat([this.#rest, bytes]);
    const events: SpdyEvent[] = [];
    while (this.#rest.length >= 8) {
      const length = this.#rest.readUInt32BE(4) & 0xff_ffff;
      if (this.#rest.length < 8 + length) break;
      const frame = this.#rest.subarray(0, 8 + length);
      this.#rest = this.#rest.subarray(8 + length);
      const event = await this.#understand(frame);
      if (event) events.push(event);
    }
    return events;
  }

  async #understand(frame: Buffer): Promise<SpdyEvent | undefined> {
    const first = frame.readUInt32BE(0);
    const ends = (frame[4]! & FIN) !== 0;
    const payload = frame.subarray(8);
    if ((first & CONTROL) === 0) return { type: 'data', stream: first, data: Buffer.from(payload), ends };
    switch (first & 0xffff) {
      case SYN_STREAM: {
        const stream = payload.readUInt32BE(0) & 0x7fff_ffff;
        const headers = readHeaders(await squeeze(this.#inflate, payload.subarray(10)));
        const empty = await squeeze(this.#deflate, number(0));
        this.send(controlFrame(SYN_REPLY, 0, Buffer.concat([number(stream), empty])));
        return { type: 'open', stream, headers, ends };
      }
      case RST_STREAM:
        return { type: 'reset', stream: payload.readUInt32BE(0) };
      case PING:
        this.send(controlFrame(PING, 0, Buffer.from(payload)));
        return undefined;
      default:
        return undefined;
    }
  }

  /** Sends data on a stream, and its end. */
  write(stream: number, data: Uint8Array, ends = false): void {
    const head = Buffer.alloc(8);
    head.writeUInt32BE(stream, 0);
    head.writeUInt32BE(((ends ? FIN : 0) << 24) | data.length, 4);
    this.send(Buffer.concat([head, data]));
  }

  /** Says that no more is coming on any stream. */
  goAway(): void {
    this.send(controlFrame(GOAWAY, 0, Buffer.concat([number(0), number(0)])));
  }

  close(): void {
    this.#inflate.close();
    this.#deflate.close();
  }
}
