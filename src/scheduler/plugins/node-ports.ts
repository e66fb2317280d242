import type { Pod } from '../../types/objects.ts';
import type { FilterPlugin } from '../framework.ts';

interface HostPort {
  ip: string;
  protocol: string;
  port: number;
}

const ANY = '0.0.0.0';

function hostPorts(pod: Pod): HostPort[] {
  const sidecars = (pod.spec?.initContainers ?? []).filter((one) => one.restartPolicy === 'Always');
  return [...sidecars, ...(pod.spec?.containers ?? [])].flatMap((container) =>
    (container.ports ?? [])
      .filter((port) => port.hostPort)
      .map((port) => ({ ip: port.hostIP || ANY, protocol: port.protocol ?? 'TCP', port: port.hostPort! })),
  );
}

const conflict = (a: HostPort, b: HostPort): boolean =>
  a.port === b.port && a.protocol === b.protocol && (a.ip === b.ip || a.ip === ANY || b.ip === ANY);

export const nodePorts: FilterPlugin = {
  name: 'NodePorts',
  wakes: ['pod-deleted'],
  prepare({ pod }) {
    const wanted = hostPorts(pod);
    if (wanted.length === 0) return undefined;
    return ({ pods }) => {
      const used = pods.flatMap(hostPorts);
      return wanted.some((port) => used.some((other) => conflict(port, other)))
        ? { reasons: ["node(s) didn't have free ports for the requested pod ports"] }
        : undefined;
    };
  },
};
