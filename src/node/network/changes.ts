import type { NodeHost } from '../host.ts';
import type { Address } from './links.ts';

/** What somebody has changed of a machine's network by hand; a boot forgets it. */
export interface NetworkChanges {
  boot: string;
  /** Interfaces that were made, by name. */
  added: Record<string, { kind: string; mac: string }>;
  gone: string[];
  down: string[];
  up: string[];
  mtu: Record<string, number>;
  addresses: (Address & { dev: string })[];
  /** `DEV IP/BITS` of those that were there and were taken away. */
  withdrawn: string[];
  routes: string[];
  /** Destinations of routes that were there and were taken away. */
  unrouted: string[];
}

const SECTION = 'network/changes';

const NONE: Omit<NetworkChanges, 'boot'> = {
  added: {},
  gone: [],
  down: [],
  up: [],
  mtu: {},
  addresses: [],
  withdrawn: [],
  routes: [],
  unrouted: [],
};

/** What was changed since the machine came up. */
export function changesOf(host: NodeHost): NetworkChanges {
  const found = host.state.section<NetworkChanges>(SECTION).get(host.name);
  const boot = host.record().bootID;
  return found?.boot === boot ? found : { ...NONE, boot };
}

/** Notes a change. */
export function noteChange(host: NodeHost, change: Partial<NetworkChanges>): void {
  host.state.section<NetworkChanges>(SECTION).set(host.name, { ...changesOf(host), ...change });
}
