import { createHash } from 'node:crypto';
import type { Endpoints } from '../../types/objects.ts';

export type Subset = NonNullable<Endpoints['subsets']>[number];
export type Address = NonNullable<Subset['addresses']>[number];
export type Port = NonNullable<Subset['ports']>[number];

/** An address with its ports. */
export interface Entry {
  address: Address;
  ready: boolean;
  ports: Port[];
}

/** Ports stand in the order of their hashes: MD5 of what DeepHashObject writes of them. */
const hashOf = ({ name = '', port, protocol = 'TCP', appProtocol }: Port): string =>
  createHash('md5')
    .update(
      `(v1.EndpointPort){Name:(string)${name} Port:(int32)${port} Protocol:(v1.Protocol)${protocol} AppProtocol:(*string)${appProtocol ?? '<nil>'}}`,
    )
    .digest('hex');

const inOrder = (ports: Port[]): Port[] =>
  ports.length < 2 ? ports : [...ports].sort((a, b) => (hashOf(a) < hashOf(b) ? -1 : 1));

/** RepackSubsets: the ports that the same addresses have together, ordered. */
export function repack(entries: Entry[]): Subset[] {
  const byIp = [...entries].sort((a, b) => (a.address.ip < b.address.ip ? -1 : 1));
  const holders = new Map<string, Entry[]>();
  for (const entry of byIp)
    for (const port of entry.ports.length > 0 ? entry.ports : [null]) {
      const key = JSON.stringify(port);
      holders.set(key, [...(holders.get(key) ?? []), entry]);
    }
  const groups = new Map<string, { having: Entry[]; ports: Port[] }>();
  for (const [text, having] of holders) {
    const key = having.map(({ address }) => `${address.ip}/${address.targetRef?.uid ?? ''}`).join();
    const port = JSON.parse(text) as Port | null;
    groups.set(key, { having, ports: [...(groups.get(key)?.ports ?? []), ...(port ? [port] : [])] });
  }
  return [...groups.values()].map(({ having, ports }) => {
    const of = (isReady: boolean) => having.filter(({ ready }) => ready === isReady).map(({ address }) => address);
    const [addresses, notReadyAddresses] = [of(true), of(false)];
    return {
      ...(addresses.length > 0 && { addresses }),
      ...(notReadyAddresses.length > 0 && { notReadyAddresses }),
      ...(ports.length > 0 && { ports: inOrder(ports) }),
    };
  });
}

/** The entries that subsets are made of. */
export const entriesOf = (subsets: Subset[]): Entry[] =>
  subsets.flatMap(({ addresses = [], notReadyAddresses = [], ports = [] }) => [
    ...addresses.map((address) => ({ address, ready: true, ports })),
    ...notReadyAddresses.map((address) => ({ address, ready: false, ports })),
  ]);
