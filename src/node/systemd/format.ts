import type { NodeHost } from '../host.ts';
import { journalOf } from './journal.ts';
import { UNITS, type UnitState } from './units.ts';

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
/** A number of two digits at least. */
export const two = (n: number): string => String(n).padStart(2, '0');
const clock = (t: Date): string => `${two(t.getUTCHours())}:${two(t.getUTCMinutes())}:${two(t.getUTCSeconds())}`;

/** `Fri 2021-06-18 02:22:22 UTC` */
export function timestamp(ms: number): string {
  const t = new Date(ms);
  return `${DAYS[t.getUTCDay()]} ${t.toISOString().slice(0, 10)} ${clock(t)} UTC`;
}

/** `Jun 18 02:22:31`, as the journal's short output begins a line. */
export function journalTime(ms: number): string {
  const t = new Date(ms);
  return `${MONTHS[t.getUTCMonth()]} ${two(t.getUTCDate())} ${clock(t)}`;
}

/** Units of systemd's relative times, largest first, in ms; each with the unit below that it shows beside it. */
const SPANS: [ms: number, one: string, many: string, fine?: [ms: number, suffix: string]][] = [
  [365.25 * 86_400_000, 'year', 'years', [30.4375 * 86_400_000, 'month']],
  [30.4375 * 86_400_000, 'month', 'months', [86_400_000, 'day']],
  [7 * 86_400_000, 'week', 'weeks', [86_400_000, 'day']],
];

/** `18min ago`, `1h 5min ago`, `2 days ago`. Source: format_timestamp_relative of systemd. */
export function ago(ms: number): string {
  const plural = (n: number, one: string, many: string) => `${n} ${n === 1 ? one : many}`;
  for (const [span, one, many, fine] of SPANS) {
    if (ms < span) continue;
    const rest = fine ? Math.floor((ms % span) / fine[0]) : 0;
    return `${plural(Math.floor(ms / span), one, many)}${rest && fine ? ` ${plural(rest, fine[1], `${fine[1]}s`)}` : ''} ago`;
  }
  const days = Math.floor(ms / 86_400_000);
  if (days >= 2) return `${days} days ago`;
  if (days === 1) return `1 day ${Math.floor((ms % 86_400_000) / 3_600_000)}h ago`;
  const [hours, minutes, seconds] = [Math.floor(ms / 3_600_000), Math.floor(ms / 60_000) % 60, Math.floor(ms / 1000)];
  if (hours) return `${hours}h ${minutes}min ago`;
  if (seconds >= 5 * 60) return `${minutes}min ago`;
  if (minutes) return `${minutes}min ${seconds % 60}s ago`;
  return seconds ? `${seconds}s ago` : `${Math.floor(ms)}ms ago`;
}

/** `101.7M`. Source: format_bytes of systemd. */
export function bytes(n: number): string {
  for (const [size, letter] of [
    [1024 ** 3, 'G'],
    [1024 ** 2, 'M'],
    [1024, 'K'],
  ] as const)
    if (n >= size) return `${Math.floor(n / size)}.${Math.floor(((n % size) * 10) / size)}${letter}`;
  return `${n}B`;
}

/** What changed in `systemctl status` from version to version. */
const LAYOUTS: { from: number; preset: string; cpu: boolean; peak?: boolean }[] = [
  { from: 255, preset: 'preset', cpu: true, peak: true },
  { from: 252, preset: 'preset', cpu: true },
  { from: 246, preset: 'vendor preset', cpu: true },
  { from: 0, preset: 'vendor preset', cpu: false },
];

export const layoutOf = (systemd: number) => LAYOUTS.find((l) => systemd >= l.from)!;

/** The lines of a unit's journal, oldest first, in the short form. */
export function journalLines(host: NodeHost, name: string, unit: UnitState): string[] {
  const program = UNITS[name]?.program ?? name;
  return journalOf(host, name, unit).map(
    (entry) =>
      `${journalTime(typeof entry.at === 'number' ? entry.at : Date.parse(entry.at))} ${host.name} ${entry.identifier ?? `${program}[${unit.pid}]`}: ${entry.message}`,
  );
}
