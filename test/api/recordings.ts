import { readFileSync } from 'node:fs';
import type { ApiRequest } from '../../src/api/request.ts';

export interface Recorded {
  step: number;
  method: ApiRequest['method'];
  path: string;
  headers: Record<string, string>;
  body?: string;
  status: number;
  /** The Warning header. */
  warning?: string;
  response: unknown;
}

/** A recording of the real cluster, line by line. */
export const recording = <T>(name: string): T[] =>
  readFileSync(new URL(`recorded/${name}.jsonl`, import.meta.url), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as T);

export const requests = (): Recorded[] => recording<Recorded>('requests');

/** Hides what no two clusters share: ages, times, uids, revisions, generated suffixes, allocated addresses, tokens. */
export function mask(value: unknown): string {
  return (typeof value === 'string' ? value : JSON.stringify(value))
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, 'UID')
    .replace(/[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?Z/g, 'TIME')
    .replace(/(resourceVersion(?:\\+)?": *(?:\\+)?"|resourceVersion: \\?")[0-9]+/g, '$1RV')
    .replace(/(current: |too old resource version: [0-9]+ \()[0-9]+/g, '$1RV')
    .replace(/"(continue|token)":"[^"]+"/g, '"$1":"TOKEN"')
    .replace(/(gen|kube-api-access)-[a-z0-9]{5}/g, '$1-SUFFIX')
    .replace(/10\.(9[6-9]|1[01][0-9])\.[0-9]+\.[0-9]+/g, 'CLUSTERIP')
    .replace(/"[0-9]+[smhd]([0-9]+[smh])?"(?=[,\]])/g, '"AGE"')
    .replace(/("nodePort":|[0-9]+:)3[0-2][0-9]{3}/g, '$1NODEPORT');
}
