import type { WebSocket } from 'ws';
import type { StreamOptions } from '../kubectl/transport.ts';

/** Channels of v4.channel.k8s.io and v5.channel.k8s.io: the first byte of every message. */
const STDIN = 0;
const STDOUT = 1;
const STDERR = 2;
const ERROR = 3;
const RESIZE = 4;
/** The channel that comes next has ended (v5). */
const CLOSE = 255;

/** What is typed, piece by piece, until it ends. */
class Input implements AsyncIterable<Uint8Array> {
  readonly #pieces: Uint8Array[] = [];
  #ended = false;
  #wake: () => void = () => {};

  push(piece: Uint8Array): void {
    this.#pieces.push(piece);
    this.#wake();
  }

  end(): void {
    this.#ended = true;
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    for (;;) {
      const piece = this.#pieces.shift();
      if (piece) yield piece;
      else if (this.#ended) return;
      else
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
    }
  }
}

/** exec and attach of real clients over a WebSocket: `run` does the work and resolves with the Status that ends it. */
export async function serveRemoteCommand(
  socket: WebSocket,
  query: URLSearchParams,
  run: (options: StreamOptions) => Promise<unknown>,
): Promise<void> {
  const input = new Input();
  let resize: ((columns: number, rows: number) => void) | undefined;
  const send = (channel: number, data: Uint8Array) => {
    // Who runs the command ends it by this: nobody is there to see more.
    if (socket.readyState !== socket.OPEN) throw new Error('the client has gone');
    socket.send(Buffer.concat([Buffer.from([channel]), data]));
  };
  socket.on('message', (message: Buffer) => {
    const [channel, next] = message;
    const data = message.subarray(1);
    if (channel === STDIN) input.push(data);
    else if (channel === CLOSE && next === STDIN) input.end();
    else if (channel === RESIZE) {
      const { Width = 80, Height = 24 } = JSON.parse(data.toString('utf8')) as { Width?: number; Height?: number };
      resize?.(Width, Height);
    }
  });
  socket.on('close', () => input.end());
  const isTrue = (name: string) => /^(1|true)$/.test(query.get(name) ?? '');
  const status = await run({
    ...(isTrue('stdin') && { stdin: input }),
    tty: isTrue('tty'),
    stdout: (data) => send(STDOUT, data),
    stderr: (data) => send(isTrue('tty') ? STDOUT : STDERR, data),
    resize: (tell) => {
      resize = tell;
    },
  });
  send(ERROR, Buffer.from(JSON.stringify(status)));
  socket.close(1000);
}
