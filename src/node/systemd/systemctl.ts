import type { CommandContext, CommandResult } from '../../sh/process.ts';
import { fail, type Options, ok, parseOptions } from '../../sh/tools/tool.ts';
import type { NodeHost } from '../host.ts';
import { BOOT, goDown } from '../power.ts';
import { ago, timestamp } from './format.ts';
import { listTimers, listUnitFiles, listUnits } from './lists.ts';
import { reload } from './unit-file.ts';
import { type Call, UNIT_VERBS } from './unit-verbs.ts';
import { readUnit, unitName, unitsOf } from './units.ts';

const SHORT = 'lqafn:p:t:s:o:H:M:T';
const LONG = [
  'all',
  'failed',
  'force',
  'full',
  'help',
  'lines:',
  'no-ask-password',
  'no-block',
  'no-legend',
  'no-pager',
  'no-reload',
  'no-wall',
  'now',
  'output:',
  'plain',
  'property:',
  'quiet',
  'recursive',
  'runtime',
  'signal:',
  'state:',
  'system',
  'type:',
  'user',
  'value',
  'version',
];

/** What a verb answers to a unit that there is not. */
function missing(host: NodeHost, verb: string, given: string): CommandResult {
  const old = host.machine.systemd < 254;
  const unit = given.includes('.') ? given : `${given}.service`;
  if (verb === 'status') return fail(`Unit ${unit} could not be found.\n`, 4);
  if (verb === 'is-active' || verb === 'is-failed')
    return { stdout: 'inactive\n', stderr: '', code: verb === 'is-failed' ? 1 : old ? 3 : 4 };
  if (verb === 'cat') return fail(`No files found for ${unit}.\n`);
  if (verb === 'show') return ok(`Id=${unit}\nLoadState=not-found\nActiveState=inactive\nSubState=dead\n`);
  if (verb === 'is-enabled')
    return old
      ? fail(`Failed to get unit file state for ${unit}: No such file or directory\n`)
      : { stdout: 'not-found\n', stderr: '', code: 4 };
  if (verb === 'enable' || verb === 'disable' || verb === 'reenable' || verb === 'mask')
    return fail(`Failed to ${verb} unit: Unit file ${unit} does not exist.\n`);
  return fail(`Failed to ${verb} ${unit}: Unit ${unit} not found.\n`, 5);
}

/** Commands about the whole machine. */
const MACHINE_VERBS: Record<string, (host: NodeHost, root: boolean, options: Options) => CommandResult> = {
  'daemon-reload': reloadAll,
  'daemon-reexec': reloadAll,
  'reset-failed': () => ok(),
  'get-default': () => ok('graphical.target\n'),
  'list-jobs': () => ok('No jobs running.\n'),
  'list-sockets': () => ok(listSockets()),
  'show-environment': () =>
    ok('LANG=C.UTF-8\nPATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/snap/bin\n'),
  'is-system-running': (host) =>
    unitsOf(host).some((name) => readUnit(host, name).active === 'failed')
      ? { stdout: 'degraded\n', stderr: '', code: 1 }
      : ok('running\n'),
  status: (host) => ok(machineStatus(host)),
  poweroff: powerVerb('poweroff'),
  halt: powerVerb('halt'),
  reboot: powerVerb('reboot', BOOT),
};

/** A verb that ends the machine's work; it boots anew after so many ms, or not at all. */
function powerVerb(verb: string, boot?: number) {
  return (host: NodeHost, root: boolean): CommandResult => {
    if (!root)
      return fail(
        `Call to ${verb === 'reboot' ? 'Reboot' : 'PowerOff'} failed: Interactive authentication required.\n`,
      );
    goDown(host.state, host.record(), host.now(), boot);
    host.changed('power');
    return ok();
  };
}

const SOCKETS: [listen: string, unit: string, activates: string][] = [
  ['/run/dbus/system_bus_socket', 'dbus.socket', 'dbus.service'],
  ['/run/systemd/journal/socket', 'systemd-journald.socket', 'systemd-journald.service'],
  ['/run/udev/control', 'systemd-udevd-control.socket', 'systemd-udevd.service'],
];

/** The sockets that systemd listens on for others. */
function listSockets(): string {
  const rows = [['LISTEN', 'UNIT', 'ACTIVATES'], ...SOCKETS];
  const width = (column: number) => Math.max(...rows.map((row) => row[column]!.length));
  const line = ([listen = '', unit = '', activates = '']: readonly string[]) =>
    `${listen.padEnd(width(0))} ${unit.padEnd(width(1))} ${activates}\n`;
  return `${rows.map(line).join('')}\n${SOCKETS.length} sockets listed.\nPass --all to see loaded but inactive sockets, too.\n`;
}

function reloadAll(host: NodeHost, root: boolean): CommandResult {
  if (!root) return fail('Failed to reload daemon: Interactive authentication required.\n');
  reload(host, unitsOf(host));
  return ok();
}

function machineStatus(host: NodeHost): string {
  const { bootedAt } = host.record();
  const units = unitsOf(host).filter((name) => readUnit(host, name).active === 'active');
  return [
    `● ${host.name}`,
    '    State: running',
    `    Units: ${units.length} loaded (incl. loaded aliases)`,
    '     Jobs: 0 queued',
    '   Failed: 0 units',
    `    Since: ${timestamp(bootedAt)}; ${ago(host.now() - bootedAt)}`,
    `  systemd: ${host.machine.systemd}`,
    '   CGroup: /',
    '           ├─init.scope',
    '           │ └─1 /sbin/init',
    '           └─system.slice',
    ...units.flatMap((name, i) => [
      `             ${i === units.length - 1 ? '└' : '├'}─${name}.service`,
      `             ${i === units.length - 1 ? ' ' : '│'} └─${readUnit(host, name).pid} ${name}`,
    ]),
    '',
  ].join('\n');
}

const unknownVerb = (host: NodeHost, verb: string): CommandResult =>
  fail(host.machine.systemd >= 254 ? `Unknown command verb '${verb}'.\n` : `Unknown command verb ${verb}.\n`);

const words = (values: string[]): string[] => values.flatMap((value) => value.split(',')).filter(Boolean);

/** systemctl on a node. Verbs that it does not know are refused as systemctl refuses them. */
export async function systemctl(host: NodeHost, context: CommandContext): Promise<CommandResult> {
  const options = parseOptions(context, SHORT, LONG);
  const [verb = 'list-units', ...units] = options.rest;
  const legend = !options.has('no-legend') && !options.has('q', 'quiet');
  const lists = {
    patterns: units,
    types: words(options.values('t', 'type')),
    states: options.has('failed') ? ['failed'] : words(options.values('state')),
    legend,
    plain: options.has('plain'),
  };
  if (options.has('version')) return ok(`systemd ${host.machine.systemd} (${host.machine.systemd})\n`);
  if (verb === 'list-units') return ok(listUnits(host, lists, options.has('a', 'all')));
  if (verb === 'list-unit-files') return ok(listUnitFiles(host, lists));
  if (verb === 'list-timers') return ok(listTimers(host, legend));
  const lines = options.value('n', 'lines');
  const call: Call = {
    host,
    context,
    root: context.user === 'root',
    ...(lines !== undefined && { lines: Number(lines) }),
    pager: !options.has('no-pager') && !options.has('l', 'full'),
    quiet: options.has('q', 'quiet'),
    now: options.has('now'),
    properties: words(options.values('p', 'property')),
    onlyValues: options.has('value'),
    signal: (options.value('s', 'signal') ?? 'TERM').replace(/^SIG/, '').replace(/^9$/, 'KILL'),
  };
  const whole = MACHINE_VERBS[verb];
  if (whole && units.length === 0) return whole(host, call.root, options);
  const act = UNIT_VERBS[verb];
  if (!act) return unknownVerb(host, verb);
  if (units.length === 0) return fail('Too few arguments.\n');
  const results: CommandResult[] = [];
  for (const given of units) {
    const name = unitName(given);
    results.push(
      unitsOf(host).includes(name) ? await act(call, name, readUnit(host, name)) : missing(host, verb, given),
    );
  }
  return {
    stdout: results.map((r) => r.stdout).join(verb === 'status' || verb === 'show' ? '\n' : ''),
    stderr: results.map((r) => r.stderr).join(''),
    code: verb === 'is-active' && results.some((r) => r.code === 0) ? 0 : (results.find((r) => r.code)?.code ?? 0),
  };
}
