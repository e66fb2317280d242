import type { Pod } from '../../types/objects.ts';

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

/** Whether others' ports on the node leave none of the pod's own; undefined for a pod that wants none. */
export function portsTaken(pod: Pod): ((others: readonly Pod[]) => boolean) | undefined {
  const wanted = hostPorts(pod);
  if (wanted.length === 0) return undefined;
  return (others) => {
    const used = others.flatMap(hostPorts);
    return wanted.some((port) => used.some((other) => conflict(port, other)));
  };
}
