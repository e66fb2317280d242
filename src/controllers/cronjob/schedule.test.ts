import { expect, test } from 'vitest';
import { parseSchedule } from './schedule.ts';

const at = (text: string) => Date.parse(text);

test.each([
  ['* * * * *', '2026-11-21T04:23:06Z', '2026-11-21T04:24:00Z'],
  ['*/15 * * * *', '2026-11-21T04:45:00Z', '2026-11-21T05:00:00Z'],
  ['30 6-16/4 * * 1-5', '2026-11-20T17:00:00Z', '2026-11-23T06:30:00Z'],
  ['0 0 1,15 * 3', '2026-11-21T00:00:00Z', '2026-11-25T00:00:00Z'],
  ['0 12 29 feb *', '2026-03-01T00:00:00Z', '2028-02-29T12:00:00Z'],
  ['@weekly', '2026-11-21T04:00:00Z', '2026-11-22T00:00:00Z'],
  ['@every 90s', '2026-11-21T04:00:00.5Z', '2026-11-21T04:01:30Z'],
  ['CRON_TZ=Asia/Tokyo 0 9 * * *', '2026-11-21T01:00:00Z', '2026-11-22T00:00:00Z'],
])('%s after %s is due at %s', (text, after, due) => {
  expect(new Date(parseSchedule(text).next(at(after))!).toISOString()).toBe(new Date(at(due)).toISOString());
});

test('a schedule follows the clocks of its zone', () => {
  const schedule = parseSchedule('0 9 * * *', 'Europe/Berlin');
  expect(schedule.next(at('2026-07-01T00:00:00Z'))).toBe(at('2026-07-01T07:00:00Z'));
  expect(schedule.next(at('2026-12-01T00:00:00Z'))).toBe(at('2026-12-01T08:00:00Z'));
});

test('the thirty-first of February never comes', () => {
  expect(parseSchedule('59 23 31 2 *').next(at('2026-01-01T00:00:00Z'))).toBeUndefined();
});
