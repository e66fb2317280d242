const DAY = 86_400_000;
const SIZES: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000, d: DAY, w: 7 * DAY };

/** `-10min`, `1 hour ago`, `1h 30min ago`, `2021-06-18 02:22:30`, `02:22`, `today` as ms; NaN for what journalctl cannot read either. */
export function parseTimestamp(text: string, now: number): number {
  const trimmed = text.trim();
  const midnight = now - (now % DAY);
  if (trimmed === 'now') return now;
  if (trimmed === 'today') return midnight;
  if (trimmed === 'yesterday') return midnight - DAY;
  if (trimmed === 'tomorrow') return midnight + DAY;
  const relative = /^([-+]?)\s*((?:\d+\s*[a-z]+\s*)+?)(\s*ago)?$/.exec(trimmed);
  if (relative && (relative[1] || relative[3])) {
    const span = [...relative[2]!.matchAll(/(\d+)\s*([a-z]+)/g)].reduce(
      (sum, [, count, unit]) => sum + Number(count) * (unit === 'ms' ? 1 : (SIZES[unit![0]!] ?? Number.NaN)),
      0,
    );
    return relative[1] === '+' ? now + span : now - span;
  }
  if (/^@\d+$/.test(trimmed)) return Number(trimmed.slice(1)) * 1000;
  const clock = /^\d\d:\d\d(:\d\d)?$/.test(trimmed);
  const full = clock ? `${new Date(midnight).toISOString().slice(0, 10)} ${trimmed}` : trimmed;
  const [date = '', time = '00:00:00'] = full.replace(/ UTC$|Z$/, '').split(/[ T]/);
  if (!/^\d{4}-\d\d-\d\d$/.test(date) || !/^\d\d:\d\d(:\d\d(\.\d+)?)?$/.test(time)) return Number.NaN;
  return Date.parse(`${date}T${time}Z`);
}
