import { goJson } from '../../base/go-json.ts';
import { goRegExp } from '../../base/go-regexp.ts';
import { alignTabs } from '../../base/tabwriter.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** `3 seconds`, `About a minute`, `5 hours`. Source: HumanDuration of docker/go-units. */
export function humanDuration(ms: number): string {
  const n = (unit: number) => Math.floor(ms / unit);
  if (ms < 1000) return 'Less than a second';
  if (n(1000) === 1) return '1 second';
  if (n(1000) < 60) return `${n(1000)} seconds`;
  if (n(MINUTE) === 1) return 'About a minute';
  if (n(MINUTE) < 60) return `${n(MINUTE)} minutes`;
  const hours = Math.round(ms / HOUR);
  if (hours === 1) return 'About an hour';
  if (hours < 48) return `${hours} hours`;
  if (hours < 24 * 7 * 2) return `${Math.floor(hours / 24)} days`;
  if (hours < 24 * 30 * 2) return `${Math.floor(hours / 24 / 7)} weeks`;
  if (hours < 24 * 365 * 2) return `${Math.floor(hours / 24 / 30)} months`;
  return `${Math.floor(ms / DAY / 365)} years`;
}

/** `1.09MB`: decimal, three significant digits. Source: HumanSizeWithPrecision of docker/go-units. */
export function humanSize(bytes: number, digits = 3): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let size = bytes;
  let unit = 0;
  while (size >= 1000 && unit < units.length - 1) {
    size /= 1000;
    unit++;
  }
  return `${Number(size.toPrecision(digits))}${units[unit]}`;
}

/** Whether a text has what an expression of Go describes: none that is wrong is in it. */
export const matchesPattern = (pattern: string | undefined, text: string): boolean =>
  !pattern || (goRegExp(pattern)?.test(text) ?? false);

/** crictl's tables: columns of at least 20, 3 apart. */
export const table = (rows: string[][]): string =>
  alignTabs(`${rows.map((row) => row.join('\t')).join('\n')}\n`, { minWidth: 20, tabWidth: 1, padding: 3 });

/** An id as tables show it: 13 characters, without its algorithm. */
export const shortId = (id: string, whole = false): string => (whole ? id : id.replace(/^sha256:/, '').slice(0, 13));

/** Nanoseconds since the epoch, as the CRI's JSON has them. */
export const nanos = (ms: number): string => `${BigInt(Math.floor(ms)) * 1_000_000n}`;

/** JSON as crictl prints it: indented by two, a newline at the end. */
export const json = (value: unknown): string => `${goJson(value, { indent: '  ' })}\n`;

/** A block of `key -> value` lines, sorted. */
export const mapLines = (title: string, map: Record<string, string>): string[] =>
  Object.keys(map).length
    ? [
        `${title}:`,
        ...Object.keys(map)
          .sort()
          .map((key) => `\t${key} -> ${map[key]}`),
      ]
    : [];
