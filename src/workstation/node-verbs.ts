import { Quantity } from '../base/quantity.ts';
import { UserError } from '../base/user-error.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { usageOn } from '../kubelet/index.ts';
import { BOOT, comeBack, cutOff, goDown, switchOn } from '../node/power.ts';
import { COMPONENTS } from '../runtime/control-plane.ts';
import type { State } from '../store/section.ts';
import { type Fillable, type MachineRecord, RUNTIME_SECTIONS } from '../types/node-runtime.ts';
import { noSuchNode } from './login.ts';

/** What a machine has left once it was filled up: below what its kubelet defends. */
const LEFT: Record<Fillable, (machine: MachineRecord) => number> = {
  memory: () => 61_340 * 1024,
  disk: ({ capacity }) => Math.floor(Quantity.parse(capacity['ephemeral-storage'] ?? '0').value() * 0.04),
};

interface Change {
  state: State;
  machine: MachineRecord;
  now: number;
  /** The rest of the command line. */
  args: string[];
}

/** Does it, and answers what is so now. Throws UserError. */
type NodeVerb = (change: Change) => string;

function fill({ state, machine, args: [what = ''] }: Change): string {
  if (what !== 'memory' && what !== 'disk')
    throw new UserError(`say what is to be full: memory or disk, not "${what}"`);
  const amount = { left: LEFT[what](machine), used: usageOn(state, machine.name, what) };
  const filled = { ...machine.filled, [what]: amount };
  state.section<MachineRecord>(RUNTIME_SECTIONS.machines).set(machine.name, { ...machine, filled });
  return `The ${what} of ${machine.name} is nearly full.`;
}

function cut({ state, machine, now }: Change): string {
  const section = state.section<boolean>(RUNTIME_SECTIONS.controlPlane);
  if (COMPONENTS.some((component) => section.get(`${component}/${machine.name}`)))
    throw new UserError(`the control plane is on ${machine.name}: cut the other nodes off`);
  if (machine.off) throw new UserError(`${machine.name} is off`);
  cutOff(state, machine, now);
  return `${machine.name} is cut off from the network.`;
}

/** What befalls machines: `kubemu node VERB NAME`. */
const NODE_VERBS: Record<string, NodeVerb> = {
  stop({ state, machine, now }) {
    const { off } = goDown(state, machine, now);
    return off ? `${machine.name} is off.` : `${machine.name} goes off: its kubelet ends its pods first.`;
  },
  start({ state, machine, now }) {
    switchOn(state, machine, now);
    return `${machine.name} is on.`;
  },
  reboot({ state, machine, now }) {
    goDown(state, machine, now, BOOT);
    return `${machine.name} reboots.`;
  },
  fill,
  cut,
  restore({ state, machine }) {
    comeBack(state, machine);
    return `${machine.name} is as it was.`;
  },
};

/** `kubemu node VERB NAME [WHAT]`. Throws UserError. */
export function changeNode({ state, clock, simulation }: Cluster, verb: string, name: string, args: string[]): string {
  const found = NODE_VERBS[verb];
  if (!found) throw new UserError(`kubemu node ${Object.keys(NODE_VERBS).join('|')} NAME`);
  const machines = state.section<MachineRecord>(RUNTIME_SECTIONS.machines);
  const machine = machines.get(name);
  if (!machine) throw noSuchNode(name, machines.keys());
  const text = found({ state, machine, now: clock.now(), args });
  simulation.timers.wake('kubelet', name, clock.now());
  return `${text}\n`;
}
