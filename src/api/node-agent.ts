import type { Pod } from '../types/objects.ts';
import type { ApiResponse } from './request.ts';

/** Options of `pods/log`, named as the query's parameters. */
export interface LogOptions {
  container: string;
  follow?: boolean;
  previous?: boolean;
  timestamps?: boolean;
  tailLines?: number;
  limitBytes?: number;
  sinceSeconds?: number;
  sinceTime?: string;
}

export interface ExecOptions {
  container: string;
  command: string[];
  /** All of standard input, or a live stream of it. */
  stdin?: string | AsyncIterable<string>;
  tty?: boolean;
  /** The window of the terminal at the other end, as it is now. */
  size?(): { columns: number; rows: number } | undefined;
  /** Receives output as it comes. */
  output(stream: 'stdout' | 'stderr', text: string): void;
}

/** How a process ended: Go's words go in `message` when the runtime itself failed (then `code` is undefined). */
export interface ExecResult {
  code?: number;
  message?: string;
}

/**
 * What an API server asks of kubelets. Stands here because the API calls upwards; `cluster/` puts the kubelets behind it,
 * and the network (konnectivity) between. Failures are thrown as ApiError.
 */
export interface NodeAgent {
  /** What containers are kept busy with, by `NAMESPACE/POD/CONTAINER`: thousandths of a core, and bytes. */
  loads(): Promise<ReadonlyMap<string, { cpu: number; memory: number }>>;
  /** The log so far, as text. A follower asks again with the byte offset that it has seen. */
  logs(pod: Pod, options: LogOptions): Promise<string>;
  exec(pod: Pod, options: ExecOptions): Promise<ExecResult>;
  attach(pod: Pod, options: Omit<ExecOptions, 'command'>): Promise<ExecResult>;
  /** One connection to a container's port: the bytes sent, the bytes answered. */
  portForward(pod: Pod, port: number, data: string): Promise<string>;
  /** `GET /api/v1/nodes/NODE/proxy/PATH`. */
  proxy(node: string, method: string, path: string): Promise<ApiResponse>;
}
