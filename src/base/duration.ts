const NS = 1n;
const UNITS: Record<string, bigint> = {
  ns: NS,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};
const MAX_NS = 2n ** 63n - 1n;
const NS_PER_MS = 1_000_000;

/**
 * Go's time.ParseDuration: `1h30m`, `-1.5s`, `0`. Gives milliseconds (fractions down to the nanosecond);
 * throws an Error with Go's message.
 */
export function parseDuration(text: string): number {
  const invalid = () => new Error(`time: invalid duration ${JSON.stringify(text)}`);
  const negative = text.startsWith('-');
  let rest = text.replace(/^[-+]/, '');
  if (rest === '0') return 0;
  if (rest === '') throw invalid();
  let total = 0n;
  while (rest !== '') {
    const [number, whole = '', fraction = ''] = /^([0-9]*)(?:\.([0-9]*))?/.exec(rest)!;
    if (whole === '' && fraction === '') throw invalid();
    rest = rest.slice(number.length);
    const [name] = /^[^.0-9]*/.exec(rest)!;
    if (name === '') throw new Error(`time: missing unit in duration ${JSON.stringify(text)}`);
    const unit = UNITS[name];
    if (unit === undefined)
      throw new Error(`time: unknown unit ${JSON.stringify(name)} in duration ${JSON.stringify(text)}`);
    rest = rest.slice(name.length);
    total += BigInt(whole || '0') * unit + (BigInt(fraction || '0') * unit) / 10n ** BigInt(fraction.length);
    if (total > MAX_NS) throw invalid();
  }
  return Number(negative ? -total : total) / NS_PER_MS;
}

/** A decimal fraction with its trailing zeros cut: 1500000000 / 10^9 → "1.5". */
function decimal(value: bigint, digits: number): string {
  const scale = 10n ** BigInt(digits);
  const fraction = (value % scale).toString().padStart(digits, '0').replace(/0+$/, '');
  return `${value / scale}${fraction ? `.${fraction}` : ''}`;
}

/** Go's Duration.String of `ms` milliseconds: `1h0m0s`, `1.5s`, `100ms`, `0s`. */
export function formatDuration(ms: number): string {
  const signed = BigInt(Math.round(ms * NS_PER_MS));
  const sign = signed < 0n ? '-' : '';
  const ns = signed < 0n ? -signed : signed;
  if (ns === 0n) return '0s';
  if (ns < UNITS.us!) return `${sign}${ns}ns`;
  if (ns < UNITS.ms!) return `${sign}${decimal(ns, 3)}µs`;
  if (ns < UNITS.s!) return `${sign}${decimal(ns, 6)}ms`;
  const hours = ns / UNITS.h!;
  const minutes = (ns % UNITS.h!) / UNITS.m!;
  const seconds = `${decimal(ns % UNITS.m!, 9)}s`;
  if (hours > 0n) return `${sign}${hours}h${minutes}m${seconds}`;
  return minutes > 0n ? `${sign}${minutes}m${seconds}` : sign + seconds;
}

/** `a` of one unit and, unless zero, `b` of the next: 1m, 1m5s. */
const two = (a: number, unit: string, b: number, next: string) => `${a}${unit}${b === 0 ? '' : `${b}${next}`}`;

/** Ages as kubectl's tables show them (duration.HumanDuration), two to three figures of `ms`. */
export function humanDuration(ms: number): string {
  const seconds = Math.trunc(ms / 1000);
  if (seconds < -1) return '<invalid>';
  if (seconds < 0) return '0s';
  if (seconds < 120) return `${seconds}s`;
  const minutes = Math.trunc(seconds / 60);
  if (minutes < 10) return two(minutes, 'm', seconds % 60, 's');
  if (minutes < 180) return `${minutes}m`;
  const hours = Math.trunc(minutes / 60);
  if (hours < 8) return two(hours, 'h', minutes % 60, 'm');
  if (hours < 48) return `${hours}h`;
  const days = Math.trunc(hours / 24);
  if (hours < 24 * 8) return two(days, 'd', hours % 24, 'h');
  if (days < 365 * 2) return `${days}d`;
  const years = Math.trunc(days / 365);
  if (days < 365 * 8) return two(years, 'y', days % 365, 'd');
  return `${years}y`;
}

/** duration.ShortHumanDuration: one figure (`5s`, `3m`, `2h`, `4d`, `1y`). */
export function shortHumanDuration(ms: number): string {
  const seconds = Math.trunc(ms / 1000);
  if (seconds < -1) return '<invalid>';
  if (seconds < 0) return '0s';
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.trunc(seconds / 60);
  if (minutes < 60) return `${minutes}m`;
  const hours = Math.trunc(minutes / 60);
  if (hours < 24) return `${hours}h`;
  if (hours < 24 * 365) return `${Math.trunc(hours / 24)}d`;
  return `${Math.trunc(hours / 24 / 365)}y`;
}
