import { SIGNALS } from '../../sh/evaluator/signals.ts';
import type { NodeHost } from '../host.ts';
import { killUnit } from '../systemd/unit-verbs.ts';
import { readUnit } from '../systemd/units.ts';
import { processesOf } from './table.ts';

/** Signals that end a process which does nothing about them. */
const DEADLY = new Set(['HUP', 'INT', 'QUIT', 'ABRT', 'KILL', 'SEGV', 'TERM', 'USR1', 'USR2']);

/** Sends a signal to a process of a machine, 0 only looks; answers whether there is such a process. */
export function killProcess(host: NodeHost, pid: number, signal: number): boolean {
  const target = processesOf(host).find((row) => row.pid === pid);
  if (!target || signal === 0) return target !== undefined;
  const { of } = target;
  const name = Object.keys(SIGNALS).find((key) => SIGNALS[key] === signal) ?? String(signal);
  if (of && 'unit' in of) {
    if (DEADLY.has(name)) killUnit(host, of.unit, readUnit(host, of.unit), name);
  } else if (of && 'container' in of) host.runtime.signal(of.container.id, of.inside, signal);
  // A shim takes no notice of what it can.
  else if (of && name === 'KILL') host.runtime.stopSandbox(of.sandbox.id);
  return true;
}
