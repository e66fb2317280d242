import { type MachineRecord, RUNTIME_SECTIONS } from '../../types/node-runtime.ts';
import { changeCluster, findCluster, noSuchNode } from '../current.ts';
import type { ProcessStreams } from '../streams.ts';

/** `kubemu node stop|start` */
export async function switchKubelet(streams: ProcessStreams, name: string, verb: 'stop' | 'start'): Promise<void> {
  const { path } = await findCluster(process.env);
  await changeCluster(path, `kubemu node ${verb} ${name}`, async ({ state, clock, simulation }) => {
    const machines = state.section<MachineRecord>(RUNTIME_SECTIONS.machines);
    const machine = machines.get(name);
    if (!machine) throw noSuchNode(name, machines.keys());
    const active = verb === 'start';
    if (machine.kubelet.active === active) return;
    machines.set(name, { ...machine, kubelet: { active, since: clock.now() } });
    simulation.timers.wake('kubelet', name, clock.now());
  });
  streams.out(`The kubelet of ${name} is ${verb === 'start' ? 'running' : 'stopped'}.\n`);
}
