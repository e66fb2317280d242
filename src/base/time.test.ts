import { describe, expect, it } from 'vitest';
import { formatDuration, humanDuration, parseDuration, shortHumanDuration } from './duration.ts';
import { formatMicroTime, formatRfc1123, formatTime, parseTime } from './time.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

describe('durations', () => {
  it.each([
    ['1h', '1h0m0s'],
    ['90s', '1m30s'],
    ['1.5s', '1.5s'],
    ['100ms', '100ms'],
    ['1500us', '1.5ms'],
    ['-2m', '-2m0s'],
    ['0', '0s'],
    ['3ns', '3ns'],
  ])('%s prints as %s', (text, printed) => expect(formatDuration(parseDuration(text))).toBe(printed));

  it.each([
    ['', 'time: invalid duration ""'],
    ['5', 'time: missing unit in duration "5"'],
    ['5x', 'time: unknown unit "x" in duration "5x"'],
    ['abc', 'time: invalid duration "abc"'],
  ])('%s is refused', (text, message) => expect(() => parseDuration(text)).toThrow(message));

  it.each([
    [-3 * SECOND, '<invalid>', '<invalid>'],
    [-1 * SECOND, '0s', '0s'],
    [119 * SECOND, '119s', '1m'],
    [5 * MINUTE + 7 * SECOND, '5m7s', '5m'],
    [10 * MINUTE + 7 * SECOND, '10m', '10m'],
    [3 * HOUR + 5 * MINUTE, '3h5m', '3h'],
    [30 * HOUR, '30h', '1d'],
    [3 * DAY + 4 * HOUR, '3d4h', '3d'],
    [100 * DAY, '100d', '100d'],
    [800 * DAY, '2y70d', '2y'],
    [9 * 365 * DAY, '9y', '9y'],
  ])('an age of %d ms', (ms, long, short) => {
    expect(humanDuration(ms)).toBe(long);
    expect(shortHumanDuration(ms)).toBe(short);
  });
});

describe('times', () => {
  it('reads and writes RFC 3339', () => {
    const ms = parseTime('2024-02-29T12:30:45.123456+02:00');
    expect(formatTime(ms)).toBe('2024-02-29T10:30:45Z');
    expect(formatMicroTime(ms)).toBe('2024-02-29T10:30:45.123456Z');
    expect(formatRfc1123(ms)).toBe('Thu, 29 Feb 2024 10:30:45 +0000');
  });

  it.each([
    ['x', 'parsing time "x" as "2006-01-02T15:04:05Z07:00": cannot parse "x" as "2006"'],
    ['2024-01-01', 'parsing time "2024-01-01" as "2006-01-02T15:04:05Z07:00": cannot parse "" as "T"'],
    ['2023-02-29T00:00:00Z', 'parsing time "2023-02-29T00:00:00Z": day out of range'],
    ['2024-01-01T00:00:00Zx', 'parsing time "2024-01-01T00:00:00Zx": extra text: "x"'],
  ])('%s is refused', (text, message) => expect(() => parseTime(text)).toThrow(message));
});
