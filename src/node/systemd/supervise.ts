import { CNI_MISSING, cniConfiguration } from '../cni.ts';
import type { NodeHost } from '../host.ts';
import { endingOf, journalOf } from './journal.ts';
import { ailmentOf, readKubeletConfiguration } from './kubelet-health.ts';
import { startAgain } from './unit-verbs.ts';
import { calledBySystemd, readUnit, runtimeDownSince, unitsOf, writeUnit } from './units.ts';

/** What systemd does by itself: starts killed services again. Answers when it next has to, ms. */
export async function supervise(host: NodeHost): Promise<number | undefined> {
  let next: number | undefined;
  for (const name of unitsOf(host)) {
    const due = await startAgain(host, name);
    if (due !== undefined && due < (next ?? Number.POSITIVE_INFINITY)) next = due;
  }
  await retryKubelet(host);
  return next;
}

/** systemd tries a kubelet again that has ended: once what was wrong is repaired, it runs. */
async function retryKubelet(host: NodeHost): Promise<void> {
  const unit = readUnit(host, 'kubelet');
  if (!endingOf(unit) || unit.ailment?.kind === 'killed') return;
  const ailment = await ailmentOf(host);
  if (JSON.stringify(ailment) === JSON.stringify(unit.ailment)) return;
  const { ailment: _, ...rest } = unit;
  const runs = !ailment || ailment.kind === 'cut-off';
  if (runs) await readKubeletConfiguration(host);
  const started = { at: host.now(), identifier: 'systemd[1]', message: `Started ${calledBySystemd(host, 'kubelet')}.` };
  writeUnit(host, 'kubelet', {
    ...rest,
    active: runs ? 'active' : 'activating',
    since: host.now(),
    pid: unit.pid + Math.floor((host.now() - unit.since) / 10_000) + 1,
    journal: [...journalOf(host, 'kubelet', unit), ...(runs ? [started] : [])].slice(-100),
    ...(ailment && { ailment }),
  });
}

/** maxWaitForContainerRuntime: so long a kubelet bears a runtime that does not answer, ms. */
export const RUNTIME_SILENCE = 30_000;

/** Why the runtime is not ready for pods, as the kubelet puts it into the node's Ready condition; undefined if it is. */
export function runtimeTrouble(host: NodeHost): string | undefined {
  const down = runtimeDownSince(host.state, host.record());
  if (down !== undefined) return host.now() < down + RUNTIME_SILENCE ? undefined : 'container runtime is down';
  if (cniConfiguration(host)) return undefined;
  return `container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:${CNI_MISSING}`;
}
