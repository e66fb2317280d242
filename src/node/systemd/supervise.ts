import { CNI_MISSING, cniConfiguration } from '../cni.ts';
import type { NodeHost } from '../host.ts';
import { endingOf, journalOf } from './journal.ts';
import { ailmentOf, readStaticPodFolder } from './kubelet-health.ts';
import { calledBySystemd, readUnit, runtimeUnit, writeUnit } from './units.ts';

/** systemd tries a kubelet again that has ended: once what was wrong is repaired, it runs. */
export async function supervise(host: NodeHost): Promise<void> {
  const unit = readUnit(host, 'kubelet');
  if (!endingOf(unit)) return;
  const ailment = await ailmentOf(host);
  if (JSON.stringify(ailment) === JSON.stringify(unit.ailment)) return;
  const { ailment: _, ...rest } = unit;
  const runs = !ailment || ailment.kind === 'cut-off';
  if (runs) await readStaticPodFolder(host);
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

/** Why the runtime is not ready for pods, as the kubelet puts it into the node's Ready condition; undefined if it is. */
export function runtimeTrouble(host: NodeHost): string | undefined {
  const unit = runtimeUnit(host);
  if (unit && readUnit(host, unit).active !== 'active') return 'container runtime is down';
  if (cniConfiguration(host)) return undefined;
  return `container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:${CNI_MISSING}`;
}
