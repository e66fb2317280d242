import type { CommandContext, CommandResult } from '../../sh/process.ts';
import type { NodeHost } from '../host.ts';
import { chopLines, statusText } from './status.ts';
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
type UnitVerb = (call: Call, name: string, unit: UnitState) => CommandResult;

const WARNING = 'Warning: some journal files were not opened due to insufficient permissions.';

const status: UnitVerb = ({ host, context, root, lines, pager }, name, unit) => {
  const text = statusText(host, name, unit, { lines, root });
  const shown = pager && context.columns ? chopLines(text, context.columns) : text;
  return { stdout: shown, stderr: root ? '' : `\n${WARNING}\n`, code: unit.active === 'active' ? 0 : 3 };
};

/** Starts or stops: only root may, and the journal says so. */
const switchTo =
  (active: UnitState['active'], words: string): UnitVerb =>
  ({ host, root }, name, unit) => {
    const { description } = UNITS[name]!;
    if (!root)
      return fail(
        `Failed to ${words.toLowerCase()} ${name}.service: Interactive authentication required.\nSee system logs and 'systemctl status ${name}.service' for details.\n`,
      );
    const note = active === 'active' ? 'Started' : 'Stopped';
    const journal = [
      ...unit.journal,
      { at: host.now(), identifier: 'systemd[1]', message: `${note} ${description}.` },
    ].slice(-100);
    const pid = active === 'active' ? unit.pid + 1000 : unit.pid;
    writeUnit(host, name, {
      ...unit,
      active,
      since: host.now(),
      pid,
      journal,
      exitCode: active === 'active' ? undefined : 0,
    });
    return ok();
  };

const start: UnitVerb = (call, name, unit) =>
  unit.active === 'active' ? ok() : switchTo('active', 'Start')(call, name, unit);

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
  stop: switchTo('inactive', 'Stop'),
  restart: switchTo('active', 'Restart'),
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
  cat: ({ host }, name) => ok(`# ${host.machine.unitFolder}/${name}.service\n${UNITS[name]!.text(host)}`),
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
    const sub = unit.active === 'active' ? 'running' : unit.active === 'failed' ? 'failed' : 'dead';
    return [`${name}.service`, 'loaded', unit.active, sub, UNITS[name]!.description];
  });
  const head = ['UNIT', 'LOAD', 'ACTIVE', 'SUB', 'DESCRIPTION'];
  const widths = head.map((_, i) => Math.max(...[head, ...rows].map((row) => row[i]!.length)));
  const line = (row: string[]) => `  ${row.map((cell, i) => (i === 4 ? cell : cell.padEnd(widths[i]!))).join(' ')}`;
  const legend = `\nLOAD   = Reflects whether the unit definition was properly loaded.\nACTIVE = The high-level unit activation state, i.e. generalization of SUB.\nSUB    = The low-level unit activation state, values depend on unit type.\n${rows.length} loaded units listed.\n`;
  return ok(`${[head, ...rows].map(line).join('\n')}\n${legend}`);
}

/** systemctl on a node. Verbs that it does not know are refused as systemctl refuses them. */
export function systemctl(host: NodeHost, context: CommandContext): CommandResult {
  const words = context.argv.slice(1);
  const count = words.findIndex((w) => w === '-n' || w === '--lines');
  const lines = count >= 0 ? Number(words.splice(count, 2)[1]) : undefined;
  const now = words.includes('--now');
  const pager = !words.includes('--no-pager');
  const [verb = 'list-units', ...units] = words.filter((w) => !w.startsWith('-'));
  const call: Call = { host, context, root: context.user === 'root', lines, pager };
  if (verb === 'list-units') return listUnits(call);
  if (verb === 'daemon-reload') return ok();
  const act = UNIT_VERBS[verb];
  if (!act) return fail(`Unknown command verb ${verb}.\n`);
  if (!units.length) return fail('Too few arguments.\n');
  const results = units.map((given) => {
    const name = unitName(given);
    if (!unitsOf(host).includes(name)) return missing(verb, given);
    const done = act(call, name, readUnit(host, name));
    if (now && verb === 'enable') return start(call, name, readUnit(host, name));
    return done;
  });
  return {
    stdout: results.map((r) => r.stdout).join(verb === 'status' ? '\n' : ''),
    stderr: results.map((r) => r.stderr).join(''),
    code: results.find((r) => r.code)?.code ?? 0,
  };
}
