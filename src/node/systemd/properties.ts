import type { NodeHost } from '../host.ts';
import { timestamp } from './format.ts';
import { endingOf } from './journal.ts';
import { fileState, SUBSTATES } from './lists.ts';
import { commandLine, loadedFiles, needsReload } from './unit-file.ts';
import { UNITS, type UnitState } from './units.ts';

/** A line of a unit's loaded file: the last value of a key. */
const setting = (host: NodeHost, name: string, key: string): string | undefined =>
  loadedFiles(host, name)
    .flatMap(({ text }) => text.split('\n'))
    .findLast((line) => line.startsWith(`${key}=`))
    ?.slice(key.length + 1);

/** What `systemctl show` says of a service, in its order. Source: systemd's D-Bus properties. */
export function propertiesOf(host: NodeHost, name: string, unit: UnitState): Record<string, string> {
  const files = loadedFiles(host, name);
  const runs = unit.active === 'active';
  const ends = endingOf(unit);
  const argv = commandLine(host, name);
  const since = timestamp(unit.since);
  const restart = Number(setting(host, name, 'RestartSec') ?? '0.1');
  return {
    Type: setting(host, name, 'Type') ?? 'simple',
    Restart: setting(host, name, 'Restart') ?? 'no',
    RestartUSec: restart < 1 ? `${restart * 1000}ms` : `${restart}s`,
    TimeoutStartUSec: '1min 30s',
    TimeoutStopUSec: '1min 30s',
    MainPID: runs ? String(unit.pid) : '0',
    Result: ends ? 'exit-code' : 'success',
    NRestarts: ends ? String(Math.floor((host.now() - unit.since) / 10_000)) : '0',
    ExecMainStartTimestamp: since,
    ExecMainPID: String(unit.pid),
    ExecMainStatus: ends ? ends.status.split('/')[0]! : String(unit.exitCode ?? 0),
    ExecStart: `{ path=${argv[0] ?? ''} ; argv[]=${argv.join(' ')} ; ignore_errors=no ; start_time=[${since}] ; stop_time=[n/a] ; pid=${runs ? unit.pid : 0} ; code=(null) ; status=0/0 }`,
    ControlGroup: runs ? `/system.slice/${name}.service` : '',
    MemoryCurrent: runs ? String(Math.floor(unit.memory)) : '[not set]',
    TasksCurrent: runs ? String(unit.tasks) : '[not set]',
    TasksMax: String(unit.tasksLimit),
    Environment: files
      .flatMap(({ text }) => text.split('\n'))
      .filter((line) => line.startsWith('Environment='))
      .map((line) => line.slice('Environment='.length).replace(/^"(.*)"$/, '$1'))
      .map((value) => (value.includes(' ') ? `"${value}"` : value))
      .join(' '),
    User: setting(host, name, 'User') ?? '',
    KillMode: setting(host, name, 'KillMode') ?? 'control-group',
    Id: `${name}.service`,
    Names: `${name}.service`,
    Requires: 'system.slice sysinit.target',
    WantedBy: unit.enabled ? 'multi-user.target' : '',
    Description: UNITS[name]!.description,
    LoadState: unit.masked ? 'masked' : 'loaded',
    ActiveState: unit.active,
    SubState: SUBSTATES[unit.active],
    FragmentPath: files[0]?.path ?? '',
    DropInPaths: files
      .slice(1)
      .map(({ path }) => path)
      .join(' '),
    UnitFileState: fileState(unit),
    UnitFilePreset: 'enabled',
    StateChangeTimestamp: since,
    ActiveEnterTimestamp: runs ? since : '',
    CanStart: 'yes',
    CanStop: 'yes',
    CanReload: 'no',
    NeedDaemonReload: needsReload(host, name) ? 'yes' : 'no',
  };
}

/** `systemctl show`: all of them, or those asked for in their own order. */
export function showProperties(
  host: NodeHost,
  name: string,
  unit: UnitState,
  wanted: string[],
  onlyValues: boolean,
): string {
  const all = Object.entries(propertiesOf(host, name, unit));
  const shown = wanted.length > 0 ? all.filter(([key]) => wanted.includes(key)) : all;
  return shown
    .filter(([, value]) => wanted.length > 0 || value !== '')
    .map(([key, value]) => (onlyValues ? `${value}\n` : `${key}=${value}\n`))
    .join('');
}
