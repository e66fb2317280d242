const RFC3339 =
  /^([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:[.,]([0-9]+))?(Z|[+-][0-9]{2}:[0-9]{2})$/;

/** Go's layout for RFC 3339, piece by piece: what its parse error says it stopped at. */
const LAYOUT: [RegExp, string][] = [
  [/^[0-9]{4}/, '2006'],
  [/^-/, '-'],
  [/^[0-9]{2}/, '01'],
  [/^-/, '-'],
  [/^[0-9]{2}/, '02'],
  [/^T/, 'T'],
  [/^[0-9]{1,2}/, '15'],
  [/^:/, ':'],
  [/^[0-9]{2}/, '04'],
  [/^:/, ':'],
  [/^[0-9]{2}(?:[.,][0-9]+)?/, '05'],
  [/^(?:Z|[+-][0-9]{2}:[0-9]{2})/, 'Z07:00'],
];

/** The same for metav1.RFC3339Micro, whose fraction has six digits. */
const MICRO_LAYOUT = LAYOUT.flatMap(([piece, name]): [RegExp, string][] =>
  name === '05'
    ? [
        [/^[0-9]{2}/, name],
        [/^[.,][0-9]{6}/, '.000000'],
      ]
    : [[piece, name]],
);

const quote = (text: string) => JSON.stringify(text);

/** The error of Go's time.Parse(layout, text). */
function parseError(text: string, layout = LAYOUT): Error {
  const start = `parsing time ${quote(text)}`;
  let rest = text;
  for (const [piece, name] of layout) {
    const found = piece.exec(rest);
    if (!found) {
      const whole = layout.map(([, part]) => part).join('');
      return new Error(`${start} as ${quote(whole)}: cannot parse ${quote(rest)} as ${quote(name)}`);
    }
    rest = rest.slice(found[0].length);
  }
  return new Error(rest ? `${start}: extra text: ${quote(rest)}` : `${start}: day out of range`);
}

/** An RFC 3339 time in milliseconds since the epoch, with microseconds as a fraction; throws an Error with Go's message. */
export function parseTime(text: string): number {
  const parts = RFC3339.exec(text);
  if (!parts) throw parseError(text);
  const [year, month, day, hour, minute, second] = parts.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const seconds = Date.UTC(year, month - 1, day, hour, minute, second);
  const outOfRange = (part: string) => new Error(`parsing time ${quote(text)}: ${part} out of range`);
  if (month < 1 || month > 12) throw outOfRange('month');
  if (hour > 23) throw outOfRange('hour');
  if (minute > 59) throw outOfRange('minute');
  if (second > 59) throw outOfRange('second');
  if (day < 1 || new Date(Date.UTC(year, month - 1, day)).getUTCDate() !== day) throw outOfRange('day');
  const zone = parts[8]!;
  const offset = zone === 'Z' ? 0 : Number(`${zone[0]}1`) * (Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4)));
  return seconds - offset * 60_000 + Number(`0.${parts[7] ?? 0}`) * 1000;
}

/** The same for a text with exactly six digits of a second's fraction, as metav1.MicroTime reads it. */
export function parseMicroTime(text: string): number {
  if (!/[.,][0-9]{6}(?:Z|[+-][0-9]{2}:[0-9]{2})$/.test(text)) throw parseError(text, MICRO_LAYOUT);
  return parseTime(text);
}

/** metav1.Time: `2006-01-02T15:04:05Z`, its fraction cut. `ms` since the epoch. */
export const formatTime = (ms: number): string => `${seconds(ms)}Z`;

/** The second that was written last: most times that are written are now. */
const last = { second: Number.NaN, text: '' };

function seconds(ms: number): string {
  const second = Math.floor(ms / 1000);
  if (second !== last.second) {
    last.text = new Date(second * 1000).toISOString().slice(0, 19);
    last.second = second;
  }
  return last.text;
}

/** metav1.MicroTime: `2006-01-02T15:04:05.000000Z`. */
export function formatMicroTime(ms: number): string {
  const micros = Math.floor(ms * 1000 + 1e-3) - Math.floor(ms / 1000) * 1_000_000;
  return `${seconds(ms)}.${String(micros).padStart(6, '0')}Z`;
}

/** RFC 1123 with a numeric zone, in UTC, as describe prints times: `Mon, 02 Jan 2006 15:04:05 +0000`. */
export const formatRfc1123 = (ms: number): string => new Date(Math.floor(ms)).toUTCString().replace('GMT', '+0000');
