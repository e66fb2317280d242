import type { NodeHost } from '../host.ts';
import { timestamp } from './format.ts';
import { readUnit, UNITS, type UnitState, unitsOf } from './units.ts';

/** What systemctl's tables leave out or choose. */
export interface ListOptions {
  patterns: string[];
  types: string[];
  states: string[];
  legend: boolean;
  plain: boolean;
}

/** A unit of a table. */
interface Row {
  name: string;
  load: string;
  active: string;
  sub: string;
  description: string;
}

/** Other units of a machine than services. Source: Ubuntu's systemd. */
const OTHERS: Row[] = [
  ['-.mount', 'mounted', 'Root Mount'],
  ['boot-efi.mount', 'mounted', '/boot/efi'],
  ['init.scope', 'running', 'System and Service Manager'],
  ['dbus.socket', 'running', 'D-Bus System Message Bus Socket'],
  ['syslog.socket', 'running', 'Syslog Socket'],
  ['systemd-journald.socket', 'running', 'Journal Socket'],
  ['basic.target', 'active', 'Basic System'],
  ['graphical.target', 'active', 'Graphical Interface'],
  ['multi-user.target', 'active', 'Multi-User System'],
  ['network-online.target', 'active', 'Network is Online'],
  ['network.target', 'active', 'Network'],
  ['apt-daily.timer', 'waiting', 'Daily apt download activities'],
  ['fstrim.timer', 'waiting', 'Discard unused filesystem blocks once a week'],
  ['logrotate.timer', 'waiting', 'Daily rotation of log files'],
  ['systemd-tmpfiles-clean.timer', 'waiting', 'Daily Cleanup of Temporary Directories'],
].map(([name, sub, description]) => ({
  name: name!,
  load: 'loaded',
  active: 'active',
  sub: sub!,
  description: description!,
}));

const LEGEND = `Legend: LOAD   → Reflects whether the unit definition was properly loaded.
        ACTIVE → The high-level unit activation state, i.e. generalization of SUB.
        SUB    → The low-level unit activation state, values depend on unit type.`;
const OLD_LEGEND = `LOAD   = Reflects whether the unit definition was properly loaded.
ACTIVE = The high-level unit activation state, i.e. generalization of SUB.
SUB    = The low-level unit activation state, values depend on unit type.`;

/** The finer state of a unit. */
export const SUBSTATES: Record<UnitState['active'], string> = {
  active: 'running',
  failed: 'failed',
  inactive: 'dead',
  activating: 'auto-restart',
};

/** The pattern of systemd, which is a shell's, as a regular expression. */
export const globOf = (pattern: string): RegExp =>
  new RegExp(
    `^${pattern
      .replace(/[.+^${}()|\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
  );

const typeOf = (name: string): string => name.slice(name.lastIndexOf('.') + 1);

/** A name as it may be given: without its suffix it is a service's. */
const full = (pattern: string): string =>
  /\.\w+$/.test(pattern) || pattern.endsWith('*') ? pattern : `${pattern}.service`;

function matching<T extends { name: string }>(rows: T[], { patterns, types }: ListOptions): T[] {
  const globs = patterns.map((pattern) => globOf(full(pattern)));
  return rows.filter(
    ({ name }) =>
      (globs.length === 0 || globs.some((glob) => glob.test(name))) &&
      (types.length === 0 || types.includes(typeOf(name))),
  );
}

function columns(head: string[], rows: string[][], legend: boolean): string[] {
  const all = legend ? [head, ...rows] : rows;
  const widths = head.map((_, i) => Math.max(0, ...all.map((row) => row[i]!.length)));
  const last = head.length - 1;
  return all.map((row) => row.map((cell, i) => (i === last ? cell : cell.padEnd(widths[i]!))).join(' '));
}

/** systemctl list-units: what is loaded, and was not stopped unless `all` or a state asks for it. */
export function listUnits(host: NodeHost, options: ListOptions, all: boolean): string {
  const services = unitsOf(host).map((name): Row => {
    const unit = readUnit(host, name);
    return {
      name: `${name}.service`,
      load: unit.masked ? 'masked' : 'loaded',
      active: unit.active,
      sub: SUBSTATES[unit.active],
      description: unit.masked ? `${name}.service` : UNITS[name]!.description,
    };
  });
  const known = [...OTHERS, ...services].sort((a, b) => (a.name < b.name ? -1 : 1));
  const { states, legend, plain } = options;
  const rows = matching(known, options).filter(({ load, active, sub }) =>
    states.length > 0
      ? states.some((state) => [load, active, sub].includes(state))
      : all || options.patterns.length > 0 || active !== 'inactive',
  );
  // A unit that is in trouble has a dot before it.
  const cells = rows.map(({ name, load, active, sub, description }) => [
    plain ? name : `${active === 'failed' || load === 'masked' ? '●' : ' '} ${name}`,
    load,
    active,
    sub,
    description,
  ]);
  const lines = columns([plain ? 'UNIT' : '  UNIT', 'LOAD', 'ACTIVE', 'SUB', 'DESCRIPTION'], cells, legend);
  if (!legend) return lines.map((line) => `${line}\n`).join('');
  const count = `${rows.length} loaded units listed.`;
  if (rows.length === 0) return `${lines.join('\n')}\n\n${count}\n`;
  const explained = host.machine.systemd >= 254 ? LEGEND : OLD_LEGEND;
  const hint =
    all || states.length > 0
      ? count
      : `${count} Pass --all to see loaded but inactive units, too.\nTo show all installed unit files use 'systemctl list-unit-files'.`;
  return `${lines.join('\n')}\n\n${explained}\n\n${hint}\n`;
}

/** How a unit's file is enabled. */
export const fileState = ({ masked, enabled }: UnitState): string =>
  masked ? 'masked' : enabled ? 'enabled' : 'disabled';

/** systemctl list-unit-files */
export function listUnitFiles(host: NodeHost, options: ListOptions): string {
  const files = [
    ...unitsOf(host).map((name) => ({
      name: `${name}.service`,
      state: fileState(readUnit(host, name)),
      preset: 'enabled',
    })),
    ...OTHERS.filter(({ name }) => /\.(timer|socket|target)$/.test(name)).map(({ name }) => ({
      name,
      state: name.endsWith('.timer') ? 'enabled' : 'static',
      preset: name.endsWith('.timer') ? 'enabled' : '-',
    })),
  ].sort((a, b) => (a.name < b.name ? -1 : 1));
  const rows = matching(files, options).filter(
    ({ state }) => options.states.length === 0 || options.states.includes(state),
  );
  const lines = columns(
    ['UNIT FILE', 'STATE', 'PRESET'],
    rows.map(({ name, state, preset }) => [name, state, preset]),
    options.legend,
  );
  const count = options.legend ? `\n${rows.length} unit files listed.\n` : '';
  return `${lines.join('\n')}\n${count}`;
}

const DAY = 86_400_000;

/** systemctl list-timers: what runs daily on a machine. */
export function listTimers(host: NodeHost, legend: boolean): string {
  const now = host.now();
  const midnight = now - (now % DAY);
  const timers: [name: string, at: number][] = [
    ['systemd-tmpfiles-clean', host.record().bootedAt % DAY],
    ['logrotate', 0],
    ['apt-daily', 6.4 * 3_600_000],
  ];
  const span = (ms: number) => {
    const minutes = Math.floor(ms / 60_000);
    return minutes >= 60 ? `${Math.floor(minutes / 60)}h ${minutes % 60}min`.replace(' 0min', '') : `${minutes}min`;
  };
  const rows = timers
    .map(([name, at]) => ({ name, next: midnight + at + (midnight + at > now ? 0 : DAY) }))
    .sort((a, b) => a.next - b.next)
    .map(({ name, next }) => {
      const last = next - DAY;
      const ran = last >= host.record().bootedAt;
      return [
        timestamp(next),
        span(next - now),
        ran ? timestamp(last) : '-',
        ran ? `${span(now - last)} ago` : '-',
        `${name}.timer`,
        `${name}.service`,
      ];
    });
  const lines = columns(['NEXT', 'LEFT', 'LAST', 'PASSED', 'UNIT', 'ACTIVATES'], rows, legend);
  return legend
    ? `${lines.join('\n')}\n\n${rows.length} timers listed.\nPass --all to see loaded but inactive timers, too.\n`
    : `${lines.join('\n')}\n`;
}
