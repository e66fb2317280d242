import { SIGNALS } from '../../sh/evaluator/signals.ts';
import type { CommandContext, CommandResult } from '../../sh/process.ts';
import { fail, ok } from '../../sh/tools/tool.ts';
import type { NodeHost } from '../host.ts';
import { installedKubelet } from '../programs/apt.ts';
import { journalOf } from './journal.ts';
import { ailmentOf, readKubeletConfiguration } from './kubelet-health.ts';
import { fileState } from './lists.ts';
import { showProperties } from './properties.ts';
import { chopLines, statusText } from './status.ts';
import { commandLine, loadedFiles, needsReload, unitFiles } from './unit-file.ts';
import { calledBySystemd, readUnit, type UnitState, writeUnit } from './units.ts';

/** What a verb of systemctl goes by. */
export interface Call {
  host: NodeHost;
  context: CommandContext;
  root: boolean;
  lines?: number;
  pager: boolean;
  quiet: boolean;
  now: boolean;
  properties: string[];
  onlyValues: boolean;
  signal: string;
}

/** A verb that looks at or changes one unit that exists. */
export type UnitVerb = (call: Call, name: string, unit: UnitState) => CommandResult | Promise<CommandResult>;

const WARNING = 'Warning: some journal files were not opened due to insufficient permissions.';

const status: UnitVerb = ({ host, context, root, lines, pager }, name, unit) => {
  const text = statusText(host, name, unit, { lines, root });
  const shown = pager && context.columns ? chopLines(text, context.columns) : text;
  return { stdout: shown, stderr: root ? '' : `\n${WARNING}\n`, code: unit.active === 'active' ? 0 : 3 };
};

const refusal = (verb: string, name: string): CommandResult =>
  fail(
    `Failed to ${verb} ${name}.service: Interactive authentication required.\nSee system logs and 'systemctl status ${name}.service' for details.\n`,
  );

const maskedUnit = (verb: string, name: string): CommandResult =>
  fail(`Failed to ${verb} ${name}.service: Unit ${name}.service is masked.\n`);

/** A unit that was changed on disk is started as systemd knows it. */
const stale = (host: NodeHost, name: string): string =>
  needsReload(host, name)
    ? `Warning: The unit file, source configuration file or drop-ins of ${name}.service changed on disk. Run 'systemctl daemon-reload' to reload units.\n`
    : '';

/** So many lines of a unit's journal are kept. */
const KEPT = 100;

/** A unit's journal up to now, and what systemd adds to it. */
const log = (host: NodeHost, name: string, unit: UnitState, ...messages: string[]): UnitState['journal'] =>
  [
    ...journalOf(host, name, unit),
    ...messages.map((message) => ({ at: host.now(), identifier: 'systemd[1]', message })),
  ].slice(-KEPT);

const stopping = (host: NodeHost, name: string): string[] => [
  `Stopping ${calledBySystemd(host, name)}...`,
  `${name}.service: Deactivated successfully.`,
  `Stopped ${calledBySystemd(host, name)}.`,
];

const stop: UnitVerb = ({ host, root }, name, unit) => {
  if (!root) return refusal('stop', name);
  if (unit.active === 'inactive') return ok();
  const { ailment: _, ...rest } = unit;
  writeUnit(host, name, {
    ...rest,
    active: 'inactive',
    since: host.now(),
    journal: log(host, name, unit, ...stopping(host, name)),
    exitCode: 0,
  });
  return ok();
};

/** Makes a service run anew after these lines; what keeps it from running shows in its status and its journal. */
async function begin(host: NodeHost, name: string, unit: UnitState, ...before: string[]): Promise<void> {
  const ailment = name === 'kubelet' ? await ailmentOf(host) : undefined;
  const { exitCode: _, ailment: __, ...rest } = unit;
  const version = name === 'kubelet' ? installedKubelet(host) : undefined;
  if (version && version !== host.record().kubeletVersion) host.setRecord({ kubeletVersion: version });
  const failing = ailment && ailment.kind !== 'cut-off';
  if (name === 'kubelet' && !failing) await readKubeletConfiguration(host);
  const words = [...before, ...(failing ? [] : [`Started ${calledBySystemd(host, name)}.`])];
  writeUnit(host, name, {
    ...rest,
    active: failing ? 'activating' : 'active',
    since: host.now(),
    pid: unit.pid + 1000,
    command: commandLine(host, name).join(' '),
    journal: log(host, name, unit, ...words),
    ...(ailment && { ailment }),
  });
}

const restart =
  (verb: string): UnitVerb =>
  async ({ host, root }, name, unit) => {
    if (!root) return refusal(verb, name);
    if (unit.masked) return maskedUnit(verb, name);
    await begin(host, name, unit, ...(unit.active === 'active' ? stopping(host, name) : []));
    return { stdout: '', stderr: stale(host, name), code: 0 };
  };

const start: UnitVerb = (call, name, unit) =>
  unit.active === 'active' && !unit.masked ? ok() : restart('start')(call, name, unit);

/** Seconds until systemd starts a service again that has ended. */
const restartSeconds = (host: NodeHost, name: string): number =>
  Number(/^RestartSec=(\d+)/m.exec(loadedFiles(host, name)[0]?.text ?? '')?.[1] ?? 1);

/** Ends a service's process with a signal (`KILL`): systemd will start it again, as its unit says. */
export function killUnit(host: NodeHost, name: string, unit: UnitState, signal: string): void {
  const own = `${name}.service`;
  const clean = signal === 'TERM' || signal === 'INT';
  const status = clean ? '0/SUCCESS' : `${SIGNALS[signal] ?? 9}/${signal}`;
  const words = clean
    ? [`${own}: Deactivated successfully.`]
    : [`${own}: Main process exited, code=killed, status=${status}`, `${own}: Failed with result 'signal'.`];
  const journal = log(host, name, unit, ...words);
  writeUnit(host, name, {
    ...unit,
    active: 'activating',
    since: host.now(),
    ailment: { kind: 'killed', status },
    journal,
  });
}

/** Starts a killed service again when it is time; answers when that is (ms), if it is not yet. */
export async function startAgain(host: NodeHost, name: string): Promise<number | undefined> {
  const unit = readUnit(host, name);
  if (unit.ailment?.kind !== 'killed') return undefined;
  const due = unit.since + restartSeconds(host, name) * 1000;
  if (host.now() < due) return due;
  const restarts = (unit.restarts ?? 0) + 1;
  const again = `${name}.service: Scheduled restart job, restart counter is at ${restarts}.`;
  await begin(host, name, { ...unit, restarts }, again);
  return undefined;
}

const linkOf = (name: string): string => `/etc/systemd/system/multi-user.target.wants/${name}.service`;

const setEnabled =
  (enabled: boolean): UnitVerb =>
  ({ host, root }, name, unit) => {
    const verb = enabled ? 'enable' : 'disable';
    if (!root) return fail(`Failed to ${verb} unit: Interactive authentication required.\n`);
    if (unit.masked && enabled)
      return fail(`Failed to enable unit: Unit file /etc/systemd/system/${name}.service is masked.\n`);
    if (unit.enabled === enabled) return ok();
    writeUnit(host, name, { ...unit, enabled });
    const target = `${host.machine.unitFolder}/${name}.service`;
    const removed = host.machine.systemd >= 252 ? `Removed "${linkOf(name)}".` : `Removed ${linkOf(name)}.`;
    return {
      stdout: '',
      stderr: enabled ? `Created symlink ${linkOf(name)} → ${target}.\n` : `${removed}\n`,
      code: 0,
    };
  };

const setMasked =
  (masked: boolean): UnitVerb =>
  ({ host, root }, name, unit) => {
    const verb = masked ? 'mask' : 'unmask';
    if (!root) return fail(`Failed to ${verb} unit: Interactive authentication required.\n`);
    if (Boolean(unit.masked) === masked) return ok();
    const path = `/etc/systemd/system/${name}.service`;
    const link = host.files.stat(path);
    if (masked && link && link.type !== 'symlink') return fail(`Failed to mask unit: File ${path} already exists.\n`);
    writeUnit(host, name, { ...unit, masked });
    const removed = host.machine.systemd >= 252 ? `Removed "${path}".` : `Removed ${path}.`;
    return { stdout: '', stderr: masked ? `Created symlink ${path} → /dev/null.\n` : `${removed}\n`, code: 0 };
  };

const say = ({ quiet }: Call, text: string, code: number): CommandResult => ({
  stdout: quiet ? '' : `${text}\n`,
  stderr: '',
  code,
});

/** Verbs in turn, each on the unit as the one before left it. */
const inTurn =
  (...verbs: UnitVerb[]): UnitVerb =>
  async (call, name) => {
    const results: CommandResult[] = [];
    for (const verb of verbs) results.push(await verb(call, name, readUnit(call.host, name)));
    return {
      stdout: results.map(({ stdout }) => stdout).join(''),
      stderr: results.map(({ stderr }) => stderr).join(''),
      code: results.find(({ code }) => code)?.code ?? 0,
    };
  };

const withNow =
  (verb: UnitVerb, then: UnitVerb): UnitVerb =>
  (call, name, unit) =>
    call.now ? inTurn(verb, then)(call, name, unit) : verb(call, name, unit);

const ifActive =
  (verb: UnitVerb): UnitVerb =>
  (call, name, unit) =>
    unit.active === 'active' ? verb(call, name, unit) : ok();

/** What systemctl does to units, by its verbs. */
export const UNIT_VERBS: Record<string, UnitVerb> = {
  status,
  start,
  stop,
  restart: restart('restart'),
  'try-restart': ifActive(restart('restart')),
  condrestart: ifActive(restart('restart')),
  'reload-or-restart': restart('reload-or-restart'),
  'try-reload-or-restart': ifActive(restart('restart')),
  reload: ({ root }, name) =>
    root
      ? fail(`Failed to reload ${name}.service: Job type reload is not applicable for unit ${name}.service.\n`)
      : refusal('reload', name),
  kill: ({ host, root, signal }, name, unit) => {
    if (!root) return refusal('kill', name);
    if (unit.active !== 'active') return ok();
    killUnit(host, name, unit, signal);
    return ok();
  },
  enable: withNow(setEnabled(true), start),
  disable: withNow(setEnabled(false), stop),
  reenable: inTurn(setEnabled(false), setEnabled(true)),
  mask: withNow(setMasked(true), stop),
  unmask: setMasked(false),
  'reset-failed': () => ok(),
  'is-active': (call, _name, unit) => say(call, unit.active, unit.active === 'active' ? 0 : 3),
  'is-enabled': (call, _name, unit) => say(call, fileState(unit), unit.enabled && !unit.masked ? 0 : 1),
  'is-failed': (call, _name, unit) => say(call, unit.active, unit.active === 'failed' ? 0 : 1),
  edit: (_call, name) =>
    fail(
      `kubemu has no editor on its machines: write /etc/systemd/system/${name}.service.d/override.conf with tee or cat, then systemctl daemon-reload\n`,
    ),
  cat: ({ host }, name) =>
    ok(
      unitFiles(host, name)
        .map(({ path, text }) => `# ${path}\n${text}`)
        .join('\n'),
    ),
  show: ({ host, properties, onlyValues }, name, unit) => ok(showProperties(host, name, unit, properties, onlyValues)),
  preset: (call, name, unit) => setEnabled(true)(call, name, unit),
  revert: ({ host, root }, name) => {
    if (!root) return refusal('revert', name);
    const folder = `/etc/systemd/system/${name}.service.d`;
    if (!host.files.stat(folder)) return ok();
    host.files.remove(folder, { recursive: true });
    return ok(`Removed "${folder}".\n`);
  },
  'list-dependencies': (_call, name) =>
    ok(
      [
        `${name}.service`,
        '● ├─system.slice',
        ...(name === 'kubelet' ? ['● ├─network-online.target', '● │ └─systemd-networkd-wait-online.service'] : []),
        '● └─sysinit.target',
        '',
      ].join('\n'),
    ),
};
