import type { Endpoints } from '../../../types/objects.ts';
import type { KindView } from '../kind.ts';
import { firstThree, NONE } from '../shared/cells.ts';

const hostPort = (ip: string, port: number) => (ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`);

function addresses({ subsets = [] }: Endpoints): string {
  if (subsets.length === 0) return NONE;
  return firstThree(
    subsets.flatMap(({ addresses = [], ports = [] }) =>
      ports.length === 0
        ? addresses.map(({ ip }) => ip)
        : ports.flatMap(({ port }) => addresses.map(({ ip }) => hostPort(ip, port))),
    ),
  );
}

export const view: KindView<Endpoints> = { cells: { Endpoints: addresses } };
