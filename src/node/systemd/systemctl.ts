import type { CommandContext, CommandResult } from '../../sh/process.ts';
import type { NodeHost } from '../host.ts';
import { installedKubelet } from '../programs/apt.ts';
import { ailmentOf, readStaticPodFolder } from './kubelet-health.ts';
import { chopLines, statusText } from './status.ts';
import { needsReload, reload, unitFiles } from './unit-file.ts';
import { readUnit, UNITS, type UnitState, unitName, unitsOf, writeUnit } from './units.ts';

const ok = (stdout = ''): CommandResult => ({ stdout, stderr: '', code: 0 });
const fail = (stderr: string, code = 1): CommandResult => ({ stdout: '', stderr, code });

interface Call {
  host: NodeHost;
  context: CommandContext;
  root: boolean;
  lines?: number;
  pager: boolean;
}

/** A verb that looks at or changes one unit that exists. */
type UnitVerb = (call: Call, name: string, unit: UnitState) => CommandResult | Promise<CommandResult>;

const WARNING = 'Warning: some journal files were not opened due to insufficient permissions.';

const status: UnitVerb = ({ host, context, root, lines, pager }, name, unit) => {
  const text = statusText(host, name, unit, { lines, root });
  const shown = pager && context.columns ? chopLines(text, context.columns) : text;
  return { stdout: shown, stderr: root ? '' : `\n${WARNING}\n`, code: unit.active === 'active' ? 0 : 3 };
};

/** What systemd calls a unit in its own lines. */
const called = (host: NodeHost, name: string): string =>
  host.machine.systemd >= 252 ? `${name}.service - ${UNITS[name]!.description}` : UNITS[name]!.description;

const refusal = (verb: string, name: string): CommandResult =>
  fail(
    `Failed to ${verb} ${name}.service: Interactive authentication required.\nSee system logs and 'systemctl status ${name}.service' for details.\n`,
  );

/** A unit that was changed on disk is started as systemd knows it. */
const stale = (host: NodeHost, name: string): string =>
  needsReload(host, name)
    ? `Warning: The unit file, source configuration file or drop-ins of ${name}.service changed on disk. Run 'systemctl daemon-reload' to reload units.\n`
    : '';

const log = (host: NodeHost, unit: UnitState, ...messages: string[]): UnitState['journal'] =>
  [...unit.journal, ...messages.map((message) => ({ at: host.now(), identifier: 'systemd[1]', message }))].slice(-100);

const stop: UnitVerb = ({ host, root }, name, unit) => {
  if (!root) return refusal('stop', name);
  if (unit.active === 'inactive') return ok();
  const words = [
    `Stopping ${called(host, name)}...`,
    `${name}.service: Deactivated successfully.`,
    `Stopped ${called(host, name)}.`,
  ];
  const { ailment: _, ...rest } = unit;
  writeUnit(host, name, {
    ...rest,
    active: 'inactive',
    since: host.now(),
    journal: log(host, unit, ...words),
    exitCode: 0,
  });
  return ok();
};

/** Starts a service anew; what keeps it from running shows in its status and its journal. */
const restart =
  (verb: string): UnitVerb =>
  async ({ host, root }, name, unit) => {
    if (!root) return refusal(verb, name);
    const ailment = name === 'kubelet' ? await ailmentOf(host) : undefined;
    const words = [
      ...(unit.active === 'active' ? [`Stopped ${called(host, name)}.`] : []),
      `Started ${called(host, name)}.`,
    ];
    const { exitCode: _, ailment: __, ...rest } = unit;
    const version = name === 'kubelet' ? installedKubelet(host) : undefined;
    if (version && version !== host.record().kubeletVersion) host.setRecord({ kubeletVersion: version });
    const failing = ailment && ailment.kind !== 'cut-off';
    if (name === 'kubelet' && !failing) await readStaticPodFolder(host);
    writeUnit(host, name, {
      ...rest,
      active: failing ? 'activating' : 'active',
      since: host.now(),
      pid: unit.pid + 1000,
      journal: failing ? unit.journal : log(host, unit, ...words),
      ...(ailment && { ailment }),
    });
    return { stdout: '', stderr: stale(host, name), code: 0 };
  };

const start: UnitVerb = (call, name, unit) => (unit.active === 'active' ? ok() : restart('start')(call, name, unit));

const setEnabled =
  (enabled: boolean): UnitVerb =>
  ({ host }, name, unit) => {
    const link = `/etc/systemd/system/multi-user.target.wants/${name}.service`;
    if (unit.enabled === enabled) return ok();
    writeUnit(host, name, { ...unit, enabled });
    const target = `${host.machine.unitFolder}/${name}.service`;
    return { stdout: '', stderr: enabled ? `Created symlink ${link} → ${target}.\n` : `Removed ${link}.\n`, code: 0 };
  };

const UNIT_VERBS: Record<string, UnitVerb> = {
  status,
  start,
  stop,
  restart: restart('restart'),
  'try-restart': (call, name, unit) => (unit.active === 'active' ? restart('restart')(call, name, unit) : ok()),
  reload: ({ root }, name) =>
    root
      ? fail(`Failed to reload ${name}.service: Job type reload is not applicable for unit ${name}.service.\n`)
      : refusal('reload', name),
  enable: setEnabled(true),
  disable: setEnabled(false),
  'is-active': (_call, _name, unit) => ({
    stdout: `${unit.active}\n`,
    stderr: '',
    code: unit.active === 'active' ? 0 : 3,
  }),
  'is-enabled': (_call, _name, unit) => ({
    stdout: unit.enabled ? 'enabled\n' : 'disabled\n',
    stderr: '',
    code: unit.enabled ? 0 : 1,
  }),
  'is-failed': (_call, _name, unit) => ({
    stdout: `${unit.active}\n`,
    stderr: '',
    code: unit.active === 'failed' ? 0 : 1,
  }),
  cat: ({ host }, name) =>
    ok(
      unitFiles(host, name)
        .map(({ path, text }) => `# ${path}\n${text}`)
        .join('\n'),
    ),
  show: ({ host }, name, unit) =>
    ok(
      [
        `Id=${name}.service`,
        `Description=${UNITS[name]!.description}`,
        'LoadState=loaded',
        `ActiveState=${unit.active}`,
        `SubState=${unit.active === 'active' ? 'running' : unit.active === 'activating' ? 'auto-restart' : 'dead'}`,
        `MainPID=${unit.active === 'active' ? unit.pid : 0}`,
        `UnitFileState=${unit.enabled ? 'enabled' : 'disabled'}`,
        `FragmentPath=${host.machine.unitFolder}/${name}.service`,
        '',
      ].join('\n'),
    ),
};

/** What a verb says of a unit that is not there. */
function missing(verb: string, given: string): CommandResult {
  const unit = given.includes('.') ? given : `${given}.service`;
  if (verb === 'status') return fail(`Unit ${unit} could not be found.\n`, 4);
  if (verb === 'is-active') return { stdout: 'inactive\n', stderr: '', code: 3 };
  if (verb === 'cat') return fail(`No files found for ${unit}.\n`);
  if (verb === 'is-enabled') return fail(`Failed to get unit file state for ${unit}: No such file or directory\n`);
  if (verb === 'enable' || verb === 'disable')
    return fail(`Failed to ${verb} unit: Unit file ${unit} does not exist.\n`);
  return fail(`Failed to ${verb} ${unit}: Unit ${unit} not found.\n`, 5);
}

function listUnits({ host }: Call): CommandResult {
  const rows = unitsOf(host).map((name) => {
    const unit = readUnit(host, name);
    const sub = { active: 'running', failed: 'failed', inactive: 'dead', activating: 'auto-restart' }[unit.active];
    return [`${name}.service`, 'loaded', unit.active, sub, UNITS[name]!.description];
  });
  const head = ['UNIT', 'LOAD', 'ACTIVE', 'SUB', 'DESCRIPTION'];
  const widths = head.map((_, i) => Math.max(...[head, ...rows].map((row) => row[i]!.length)));
  const line = (row: string[]) => `  ${row.map((cell, i) => (i === 4 ? cell : cell.padEnd(widths[i]!))).join(' ')}`;
  const legend = `\nLOAD   = Reflects whether the unit definition was properly loaded.\nACTIVE = The high-level unit activation state, i.e. generalization of SUB.\nSUB    = The low-level unit activation state, values depend on unit type.\n${rows.length} loaded units listed.\n`;
  return ok(`${[head, ...rows].map(line).join('\n')}\n${legend}`);
}

function listUnitFiles({ host }: Call): CommandResult {
  const rows = unitsOf(host).map((name) => [
    `${name}.service`,
    readUnit(host, name).enabled ? 'enabled' : 'disabled',
    'enabled',
  ]);
  const lines = [['UNIT FILE', 'STATE', 'PRESET'], ...rows].map(([a, b, c]) => `${a!.padEnd(20)} ${b!.padEnd(8)} ${c}`);
  return ok(`${lines.join('\n')}\n\n${rows.length} unit files listed.\n`);
}

/** systemctl on a node. Verbs that it does not know are refused as systemctl refuses them. */
export async function systemctl(host: NodeHost, context: CommandContext): Promise<CommandResult> {
  const words = context.argv.slice(1);
  const count = words.findIndex((w) => w === '-n' || w === '--lines');
  const lines = count >= 0 ? Number(words.splice(count, 2)[1]) : undefined;
  const now = words.includes('--now');
  const pager = !words.includes('--no-pager');
  const [verb = 'list-units', ...units] = words.filter((w) => !w.startsWith('-'));
  const call: Call = { host, context, root: context.user === 'root', lines, pager };
  if (verb === 'list-units') return listUnits(call);
  if (verb === 'list-unit-files') return listUnitFiles(call);
  if (verb === '--version' || words.includes('--version')) return ok(`systemd ${host.machine.systemd}\n`);
  if (verb === 'daemon-reload' || verb === 'daemon-reexec') {
    if (!call.root) return fail('Failed to reload daemon: Interactive authentication required.\n');
    reload(host, unitsOf(host));
    return ok();
  }
  if (verb === 'reset-failed') return ok();
  const act = UNIT_VERBS[verb];
  if (!act) return fail(`Unknown command verb ${verb}.\n`);
  if (!units.length) return fail('Too few arguments.\n');
  const results: CommandResult[] = [];
  for (const given of units) {
    const name = unitName(given);
    if (!unitsOf(host).includes(name)) {
      results.push(missing(verb, given));
      continue;
    }
    results.push(await act(call, name, readUnit(host, name)));
    if (now && verb === 'enable') results.push(await start(call, name, readUnit(host, name)));
    if (now && verb === 'disable') results.push(await stop(call, name, readUnit(host, name)));
  }
  return {
    stdout: results.map((r) => r.stdout).join(verb === 'status' ? '\n' : ''),
    stderr: results.map((r) => r.stderr).join(''),
    code: results.find((r) => r.code)?.code ?? 0,
  };
}
