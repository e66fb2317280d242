import type { NodeHost } from './host.ts';

const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[?::1\]?)$/;

/** Why a connection to `server` (a URL) from this machine fails, in Go's words; undefined if the API server answers there. */
export function dialFailure(host: NodeHost, server: string): string | undefined {
  const { url, answers } = host.apiServer();
  const target = new URL(server);
  const real = new URL(url);
  const port = target.port || (target.protocol === 'https:' ? '443' : '80');
  const address = `${target.hostname}:${port}`;
  const machines = host.list('nodes').flatMap((node) => node.status?.addresses ?? []);
  const known = machines.some(({ address: own }) => own === target.hostname);
  const here = target.hostname === real.hostname || (LOOPBACK.test(target.hostname) && isControlPlane(host));
  if (here && port === (real.port || '443')) return answers ? undefined : refused(address);
  if (here || known || LOOPBACK.test(target.hostname) || target.hostname === host.name) return refused(address);
  if (/^[\d.]+$/.test(target.hostname)) return `dial tcp ${address}: connect: no route to host`;
  return `dial tcp: lookup ${target.hostname} on 127.0.0.53:53: no such host`;
}

const refused = (address: string): string => `dial tcp ${address}: connect: connection refused`;

/** Whether this machine has the control plane on it. */
export const isControlPlane = (host: NodeHost): boolean => host.record().roles.includes('control-plane');
