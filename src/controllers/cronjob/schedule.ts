import { parseDuration } from '../../base/duration.ts';

interface Field {
  min: number;
  max: number;
  names?: string[];
}

const FIELDS: readonly Field[] = [
  { min: 0, max: 59 },
  { min: 0, max: 23 },
  { min: 1, max: 31 },
  { min: 1, max: 12, names: ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'] },
  { min: 0, max: 6, names: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] },
];

const DESCRIPTORS: Record<string, string> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};

const MINUTE = 60_000;
const DAY = 86_400_000;
/** A schedule that does not come within so many days never does (robfig/cron looks five years ahead). */
const DAYS_AHEAD = 366 * 5;

/** When a CronJob is due: `next(after)` in ms; undefined if never again. */
export interface Schedule {
  next(after: number): number | undefined;
}

interface Values {
  allowed: Set<number>;
  /** Written as `*` or `?`: does not restrict. */
  any: boolean;
}

function valuesOf(text: string, { min, max, names }: Field): Values {
  const number = (word: string) => {
    const index = names?.indexOf(word.toLowerCase()) ?? -1;
    return index >= 0 ? index + min : Number(word);
  };
  const allowed = new Set<number>();
  let any = false;
  for (const part of text.split(',').filter(Boolean)) {
    const [range = '*', step] = part.split('/');
    const [low = '*', high] = range.split('-');
    const star = low === '*' || low === '?';
    const from = star ? min : number(low);
    const to = star ? max : high !== undefined ? number(high) : step !== undefined ? max : from;
    any ||= star && Number(step ?? 1) === 1;
    for (let value = from; value <= to; value += Number(step ?? 1)) allowed.add(value);
  }
  return { allowed, any };
}

/** Ms that a zone's clocks are ahead of UTC at `time`. */
export function offsetAt(time: number, zone: string): number {
  if (zone === 'UTC' || zone === 'Local' || zone === '') return 0;
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(new Date(time));
  const get = (type: string) => Number(parts.find((part) => part.type === type)!.value);
  const wall = Date.UTC(get('year'), get('month') - 1, get('day'), get('hour'), get('minute'), get('second'));
  return wall - Math.floor(time / 1000) * 1000;
}

/** Schedules that were read, by zone and text: a cron job asks for its own whenever anything happens. */
const READ = new Map<string, Schedule>();
const MOST_READ = 1000;

/** Reads a schedule as robfig/cron's ParseStandard does (`zone`: `Europe/Berlin`); it must be a valid one. */
export function parseSchedule(text: string, zone = 'UTC'): Schedule {
  const key = `${zone} ${text}`;
  let schedule = READ.get(key);
  if (!schedule) {
    if (READ.size >= MOST_READ) READ.clear();
    schedule = readSchedule(text, zone);
    READ.set(key, schedule);
  }
  return schedule;
}

const ascending = ({ allowed }: Values): number[] => [...allowed].sort((a, b) => a - b);

function readSchedule(text: string, zone: string): Schedule {
  const [, own, rest = text] = /^(?:CRON_)?TZ=(\S+)\s+(.*)$/.exec(text) ?? [];
  const spec = rest.trim();
  if (spec.startsWith('@every ')) {
    const period = Math.max(1000, Math.floor(parseDuration(spec.slice(7)) / 1000) * 1000);
    return { next: (after) => Math.floor(after / 1000) * 1000 + period };
  }
  const fields = (DESCRIPTORS[spec] ?? spec).split(/\s+/).map((field, index) => valuesOf(field, FIELDS[index]!));
  const [minutes, hours, days, months, weekdays] = fields as [Values, Values, Values, Values, Values];
  const isDay = (date: Date): boolean => {
    if (!months.allowed.has(date.getUTCMonth() + 1)) return false;
    const day = days.allowed.has(date.getUTCDate());
    const weekday = weekdays.allowed.has(date.getUTCDay());
    return days.any || weekdays.any ? day && weekday : day || weekday;
  };
  const [hoursOfDay, minutesOfHour] = [ascending(hours), ascending(minutes)];
  const nextWall = (after: number): number | undefined => {
    const first = Math.floor(after / MINUTE) * MINUTE + MINUTE;
    for (let day = Math.floor(first / DAY) * DAY, count = 0; count < DAYS_AHEAD; day += DAY, count++) {
      if (!isDay(new Date(day))) continue;
      for (const hour of hoursOfDay) {
        for (const minute of minutesOfHour) {
          const time = day + hour * 3_600_000 + minute * MINUTE;
          if (time >= first) return time;
        }
      }
    }
    return undefined;
  };
  const where = own ?? zone;
  return {
    next(after) {
      const wall = nextWall(after + offsetAt(after, where));
      if (wall === undefined) return undefined;
      const guess = wall - offsetAt(wall, where);
      return wall - offsetAt(guess, where);
    },
  };
}
