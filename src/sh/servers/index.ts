import { agnhost } from './agnhost.ts';
import { coredns } from './coredns.ts';
import { nginx } from './nginx/index.ts';
import { apache, httpEcho, portFromEnvironment } from './plain.ts';
import { redis } from './redis/index.ts';
import type { Server } from './server.ts';

export type { Server, ServerCall } from './server.ts';

/** By the name that images call them by. */
export const SERVERS: Record<string, Server> = {
  agnhost,
  apache,
  coredns,
  httpEcho,
  nginx,
  portFromEnvironment,
  redis,
};
