import { parseDuration } from '../../../base/duration.ts';

interface Bounds {
  min: number;
  max: number;
  names?: string[];
}

const FIELDS: Bounds[] = [
  { min: 0, max: 59 },
  { min: 0, max: 23 },
  { min: 1, max: 31 },
  { min: 1, max: 12, names: ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'] },
  { min: 0, max: 6, names: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] },
];
const DESCRIPTORS = ['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly'];

class CronError extends Error {}

function parseNumber(text: string): number {
  if (!/^[-+]?[0-9]+$/.test(text))
    throw new CronError(
      `failed to parse int from ${text}: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`,
    );
  const value = Number(text);
  if (value < 0) throw new CronError(`negative number (${value}) not allowed: ${text}`);
  return value;
}

function parseNumberOrName(text: string, { min, names }: Bounds): number {
  const index = names?.indexOf(text.toLowerCase()) ?? -1;
  return index >= 0 ? index + min : parseNumber(text);
}

function checkRange(expression: string, bounds: Bounds): void {
  const [range = '', ...steps] = expression.split('/');
  const ends = range.split('-');
  const [low = '', high] = ends;
  let start = bounds.min;
  let end = bounds.max;
  if (low !== '*' && low !== '?') {
    start = parseNumberOrName(low, bounds);
    if (ends.length > 2) throw new CronError(`too many hyphens: ${expression}`);
    end = high === undefined ? start : parseNumberOrName(high, bounds);
  }
  if (steps.length > 1) throw new CronError(`too many slashes: ${expression}`);
  const step = steps[0] === undefined ? 1 : parseNumber(steps[0]);
  if (steps[0] !== undefined && ends.length === 1) end = bounds.max;
  if (start < bounds.min)
    throw new CronError(`beginning of range (${start}) below minimum (${bounds.min}): ${expression}`);
  if (end > bounds.max) throw new CronError(`end of range (${end}) above maximum (${bounds.max}): ${expression}`);
  if (start > end) throw new CronError(`beginning of range (${start}) beyond end of range (${end}): ${expression}`);
  if (step === 0) throw new CronError(`step of range should be a positive number: ${expression}`);
}

function check(schedule: string): void {
  const spec = schedule.replace(/^(CRON_)?TZ=\S+\s*/, '');
  if (spec.startsWith('@every ')) {
    try {
      parseDuration(spec.slice(7));
    } catch (error) {
      throw new CronError(`failed to parse duration ${spec}: ${(error as Error).message}`);
    }
    return;
  }
  if (spec.startsWith('@')) {
    if (!DESCRIPTORS.includes(spec)) throw new CronError(`unrecognized descriptor: ${spec}`);
    return;
  }
  const fields = spec.split(/\s+/).filter(Boolean);
  if (fields.length !== FIELDS.length)
    throw new CronError(`expected exactly ${FIELDS.length} fields, found ${fields.length}: [${fields.join(' ')}]`);
  for (const [index, field] of fields.entries())
    for (const range of field.split(',').filter(Boolean)) checkRange(range, FIELDS[index]!);
}

/** What is wrong with a schedule, in the words of robfig/cron's ParseStandard; undefined when nothing is. */
export function cronError(schedule: string): string | undefined {
  try {
    check(schedule);
    return undefined;
  } catch (error) {
    if (error instanceof CronError) return error.message;
    throw error;
  }
}
