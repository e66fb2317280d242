import { Quantity } from '../../base/quantity.ts';
import { backendsOf, usable } from '../../network/endpoints.ts';
import type { Client } from '../../runtime/client.ts';
import type { State } from '../../store/section.ts';
import { type ContainerRecord, type MachineRecord, RUNTIME_SECTIONS } from '../../types/node-runtime.ts';
import type { Service } from '../../types/objects.ts';
import type { ProcessRecord } from '../container-machine.ts';

/** What a container uses beside what it takes for being there: thousandths of a core, and bytes. */
export interface Load {
  cpu: number;
  memory: number;
}

/** What a server spends on a request of which its image says nothing, ms of a core. */
const PER_REQUEST = 0.1;
/** What of a machine's cores its pods may come to. */
const ATTAINABLE = 0.93;

interface Busy {
  record: ContainerRecord;
  demand: NonNullable<ProcessRecord['demand']>;
}

const keyOf = ({ pod, name }: ContainerRecord): string => `${pod.namespace}/${pod.name}/${name}`;

/**
 * What containers are kept busy with, by `NAMESPACE/POD/CONTAINER`: loops without a pause, hogs, and requests that others send again
 * and again, shared out among the endpoints that are ready now.
 */
export function loadsOf(state: State, client: Pick<Client, 'list'>): Map<string, Load> {
  const loads = new Map<string, Load & { node: string }>();
  const add = (key: string, node: string, { cpu = 0, memory = 0 }: Partial<Load>) => {
    const before = loads.get(key);
    loads.set(key, { node, cpu: (before?.cpu ?? 0) + cpu, memory: (before?.memory ?? 0) + memory });
  };
  const busy = busyContainers(state);
  const rates = new Map<string, number>();
  for (const { record, demand } of busy) {
    add(keyOf(record), record.node, demand);
    for (const [end, rate] of Object.entries(demand.requests ?? {})) rates.set(end, (rates.get(end) ?? 0) + rate);
  }
  for (const [end, rate] of rates) {
    const ips = serversOf(client, end);
    for (const ip of ips) {
      const pod = client.list('pods').find(({ status }) => status?.podIP === ip && status.phase === 'Running');
      if (!pod) continue;
      const { namespace, name, uid } = pod.metadata;
      const own = busy.find(({ record, demand }) => record.pod.uid === uid && demand.perRequest);
      const container = own?.record.name ?? pod.spec!.containers[0]!.name;
      const cpu = ((own?.demand.perRequest ?? PER_REQUEST) * rate) / ips.length;
      add(`${namespace}/${name}/${container}`, pod.spec!.nodeName!, { cpu });
    }
  }
  shareCores(state, [...loads.values()]);
  return loads;
}

/** A machine's cores are shared by all who want them. */
function shareCores(state: State, loads: (Load & { node: string })[]): void {
  const machines = state.section<MachineRecord>(RUNTIME_SECTIONS.machines);
  for (const node of new Set(loads.map((load) => load.node))) {
    const all = loads.filter((load) => load.node === node);
    const cores = Quantity.parse(machines.get(node)?.capacity.cpu ?? '0').milliValue() * ATTAINABLE;
    const wanted = all.reduce((sum, { cpu }) => sum + cpu, 0);
    if (wanted > cores) for (const load of all) load.cpu *= cores / wanted;
  }
}

function busyContainers(state: State): Busy[] {
  const processes = state.section<ProcessRecord>(RUNTIME_SECTIONS.processes);
  const containers = state.section<ContainerRecord>(RUNTIME_SECTIONS.containers);
  return [...containers.keys()].flatMap((key) => {
    const demand = processes.get(key.slice(key.indexOf('/') + 1))?.demand;
    const record = demand && containers.get(key)!;
    return record?.state === 'running' ? [{ record, demand: demand! }] : [];
  });
}

/** The addresses of pods behind `HOST:PORT`: a service's, or the pod's own. */
function serversOf(client: Pick<Client, 'list'>, end: string): string[] {
  const at = end.lastIndexOf(':');
  const [host, port] = [end.slice(0, at), Number(end.slice(at + 1))];
  const service = (client.list('services') as Service[]).find(({ spec }) => spec?.clusterIPs?.includes(host));
  if (!service) return [host];
  const { name = '' } = service.spec!.ports?.find((each) => each.port === port) ?? {};
  return usable(backendsOf({ client }, service).filter(({ portName }) => portName === name)).map(({ ip }) => ip);
}
