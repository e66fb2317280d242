import type { TransportError } from '../transport.ts';
import type { Klog } from './klog.ts';

/** How often a verb asks for the API's groups before it gives up, where it has never seen them; five times unless it says so. */
const ATTEMPTS: Record<string, number> = {
  'api-resources': 1,
  'api-versions': 1,
  attach: 4,
  auth: 2,
  certificate: 4,
  cordon: 4,
  debug: 4,
  drain: 4,
  exec: 4,
  explain: 2,
  logs: 4,
  'port-forward': 4,
  run: 1,
  set: 4,
  taint: 2,
  top: 0,
  uncordon: 4,
  wait: 4,
};

/** Two attempts less where the groups are known, and asked for again. */
const KNOWN = 2;

export interface Attempt {
  /** `kubectl get`. */
  commandPath: string;
  /** For a file's object it is asked once. */
  file: boolean;
  /** Whether the groups were known before. */
  known: boolean;
}

/** Tells that nobody answers, as often as the real kubectl asks. */
export function tellUnreachable(log: Klog, error: TransportError, { commandPath, file, known }: Attempt): void {
  const attempts = file ? 1 : (ATTEMPTS[commandPath.split(' ')[1] ?? ''] ?? 5);
  const times = known ? Math.max(1, attempts - KNOWN) : attempts;
  for (let i = 0; i < times; i++) {
    log.unhandled('memcache.go:265', `couldn't get current server API group list: ${error.message}`);
  }
}
