import type { Tool } from '../tool.ts';
import { redisCli } from './redis-cli.ts';

/** Clients of servers that are no web servers. */
export const CLIENT_TOOLS: Record<string, Tool> = { 'redis-cli': redisCli };
