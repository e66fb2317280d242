import { agnhost } from './agnhost.ts';
import { coredns } from './coredns.ts';
import { etcd } from './etcd.ts';
import { kubeProxy } from './kube-proxy.ts';
import { memcached } from './memcached.ts';
import { mongo } from './mongo/index.ts';
import { nginx } from './nginx/index.ts';
import { apache, httpEcho, portFromEnvironment } from './plain.ts';
import { redis } from './redis/index.ts';
import type { Server } from './server.ts';
import { mysql, postgres } from './sql/index.ts';
import { stress, vishStress } from './stress.ts';

/** By the name that images call them by. */
export const SERVERS: Record<string, Server> = {
  agnhost,
  apache,
  coredns,
  etcd,
  httpEcho,
  kubeProxy,
  memcached,
  mongo,
  mysql,
  nginx,
  portFromEnvironment,
  postgres,
  redis,
  stress,
  vishStress,
};
