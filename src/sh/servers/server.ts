import type { Daemon, Machine } from '../process.ts';
import type { ServerRequest, ServerResponse } from '../programs/http-answer.ts';
import type { ProgramIo } from '../programs/io.ts';

/** A server that is asked something while it runs. */
export interface ServerCall {
  /** What `begin` or an earlier answer left: plain JSON. */
  memory: unknown;
  machine: Machine;
  port: number;
  /** When it started, ms. */
  started: number;
  argv: string[];
  environment: Record<string, string>;
  daemon: Daemon;
}

/** What it does to its own memory and log while it answers. */
interface Effect {
  memory?: unknown;
  log?: { stream: 'stdout' | 'stderr'; text: string }[];
}

/** What a server does beyond the data of its image: it reads arguments and configuration, and remembers. `Daemon.server` names it. */
export interface Server {
  /** Answers what it opens, or the code with which it ends at once. */
  begin(io: ProgramIo, daemon: Daemon): number | { ports: number[]; memory?: unknown };
  /** On a signal, before the image's data says what it ends with: what it remembers from now on. */
  signal?(io: ProgramIo, daemon: Daemon, name: string): unknown;
  /** Undefined when it does not speak HTTP. */
  http?(
    call: ServerCall,
    request: ServerRequest & { client?: string },
  ): ({ response: ServerResponse } & Effect) | undefined;
  /** What is sent over a connection, and what comes back. */
  talk?(call: ServerCall, text: string): { text: string } & Effect;
}
