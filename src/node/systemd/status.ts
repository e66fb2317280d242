import type { NodeHost } from '../host.ts';
import { ago, bytes, journalLines, layoutOf, timestamp } from './format.ts';
import { endingOf, lastAttempt } from './journal.ts';
import { commandOf, UNITS, type UnitState } from './units.ts';

const DOT: Record<UnitState['active'], string> = { active: '●', inactive: '○', failed: '×', activating: '●' };
const SUBSTATE: Record<UnitState['active'], string> = {
  active: 'running',
  inactive: 'dead',
  failed: 'Result: exit-code',
  activating: 'auto-restart',
};
/** As many journal lines as `systemctl status` shows unless -n says otherwise. */
export const STATUS_LINES = 10;

/** CPU time that a service has used: a steady share of the time that it has run. */
function cpuTime(unit: UnitState, now: number): string {
  const seconds = ((now - unit.since) / 1000) * 0.018;
  return seconds >= 60 ? `${Math.floor(seconds / 60)}min ${(seconds % 60).toFixed(3)}s` : `${seconds.toFixed(3)}s`;
}

/** The kubelet's command as its unit has it. */
const EXEC = '/usr/bin/kubelet $KUBELET_KUBECONFIG_ARGS $KUBELET_CONFIG_ARGS $KUBELET_KUBEADM_ARGS $KUBELET_EXTRA_ARGS';

/** `systemctl status UNIT`, its journal's end included. Lines are whole: a pager cuts them. Source: systemctl of the machine's version. */
export function statusText(
  host: NodeHost,
  name: string,
  unit: UnitState,
  options: { lines?: number; root: boolean },
): string {
  const definition = UNITS[name]!;
  const { systemd, unitFolder } = host.machine;
  const layout = layoutOf(systemd);
  // Dots for stopped units came with systemd 248; before, all were the same.
  const dot = systemd < 248 ? '●' : DOT[unit.active];
  const ends = endingOf(unit);
  const result = unit.ailment?.kind === 'killed' ? 'signal' : 'exit-code';
  const state = `${unit.active} (${SUBSTATE[unit.active]})${ends && ends.status !== '0/SUCCESS' ? ` (Result: ${result})` : ''}`;
  const since = ends ? lastAttempt(unit, host.now()) : unit.since;
  const row = (key: string, value: string) => `${key.padStart(11)}: ${value}`;
  const enabled = unit.enabled ? 'enabled' : 'disabled';
  const lines = [
    `${dot} ${name}.service - ${definition.description}`,
    row(
      'Loaded',
      unit.masked
        ? `masked (Reason: Unit ${name}.service is masked.)`
        : `loaded (${unitFolder}/${name}.service; ${enabled}; ${layout.preset}: enabled)`,
    ),
  ];
  if (definition.dropIns) {
    const base = systemd >= 252 ? unitFolder : '/etc/systemd/system';
    lines.push(
      row('Drop-In', `${base}/${definition.dropIns.folder}`),
      `${' '.repeat(13)}└─${definition.dropIns.files.join(', ')}`,
    );
  }
  lines.push(row('Active', `${state} since ${timestamp(since)}; ${ago(host.now() - since)}`));
  if (definition.triggeredBy) lines.push(`${'TriggeredBy'}: ● ${definition.triggeredBy}`);
  lines.push(row('Docs', definition.docs));
  if (unit.active === 'active') {
    lines.push(row('Main PID', `${unit.pid} (${definition.program})`));
    lines.push(
      row(
        'Tasks',
        `${unit.tasks}${host.machine.units?.[name] && !host.machine.units[name].tasksLimit ? '' : ` (limit: ${unit.tasksLimit})`}`,
      ),
    );
    const peak = layout.peak ? ` (peak: ${bytes(unit.memory * 1.07)})` : '';
    lines.push(row('Memory', `${bytes(unit.memory)}${peak}`));
    if (layout.cpu) lines.push(row('CPU', cpuTime(unit, host.now())));
    lines.push(
      row('CGroup', `/system.slice/${name}.service`),
      `${' '.repeat(13)}└─${unit.pid} ${commandOf(host, name, unit)}`,
    );
  } else if (ends) {
    const code = unit.ailment?.kind === 'killed' && ends.status !== '0/SUCCESS' ? 'killed' : 'exited';
    const how = `(code=${code}, status=${ends.status})`;
    lines.push(
      row('Process', `${ends.pid} ExecStart=${name === 'kubelet' ? EXEC : definition.command(host)} ${how}`),
      row('Main PID', `${ends.pid} ${how}`),
    );
    if (layout.cpu) lines.push(row('CPU', '53ms'));
  } else if (unit.exitCode !== undefined) {
    lines.push(
      row('Main PID', `${unit.pid} (code=exited, status=${unit.exitCode}${unit.exitCode ? '/FAILURE' : '/SUCCESS'})`),
    );
  }
  // Only members of adm and systemd-journal may read what the services wrote.
  const journal = options.root ? journalLines(host, name, unit).slice(-(options.lines ?? STATUS_LINES)) : [];
  if (journal.length) lines.push('', ...journal);
  return `${lines.join('\n')}\n`;
}

/** What less shows of long lines on a terminal of that width: their end is a `>`. */
export const chopLines = (text: string, columns: number): string =>
  text
    .split('\n')
    .map((line) => ([...line].length > columns ? `${[...line].slice(0, columns - 1).join('')}>` : line))
    .join('\n');
