import type { Tool } from '../tool.ts';
import { mongosh } from './mongosh.ts';
import { redisCli } from './redis-cli.ts';
import { mysql, mysqlAdmin, pgIsReady, psql } from './sql-clients.ts';

/** Clients of servers that are no web servers. */
export const CLIENT_TOOLS: Record<string, Tool> = {
  'redis-cli': redisCli,
  psql,
  pg_isready: pgIsReady,
  mysql,
  mariadb: mysql,
  mysqladmin: mysqlAdmin,
  mongosh,
};
