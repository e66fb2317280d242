const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

/** How servers write a time: what `{nginx}` and its like in a line of an image become. `ms` since the epoch. */
const TIMES: Record<string, (iso: string, date: Date) => string> = {
  nginx: (iso) => `${iso.slice(0, 10).replaceAll('-', '/')} ${iso.slice(11, 19)}`,
  plain: (iso) => `${iso.slice(0, 10)} ${iso.slice(11, 19)}`,
  iso: (iso) => iso,
  seconds: (iso) => `${iso.slice(0, 19)}Z`,
  micros: (iso) => `${iso.slice(0, 23)}000Z`,
  pg: (iso) => `${iso.slice(0, 10)} ${iso.slice(11, 23)} UTC`,
  redis: (iso, date) => `${iso.slice(8, 10)} ${MONTHS[date.getUTCMonth()]} ${iso.slice(0, 4)} ${iso.slice(11, 23)}`,
  klog: (iso) => `${iso.slice(5, 7)}${iso.slice(8, 10)} ${iso.slice(11, 23)}000`,
  apache: (iso, date) =>
    `${DAYS[date.getUTCDay()]} ${MONTHS[date.getUTCMonth()]} ${iso.slice(8, 10)} ${iso.slice(11, 23)}000 ${iso.slice(0, 4)}`,
  clf: (iso, date) => `${iso.slice(8, 10)}/${MONTHS[date.getUTCMonth()]}/${iso.slice(0, 4)}:${iso.slice(11, 19)} +0000`,
  offset: (iso) => `${iso.slice(0, 23)}+00:00`,
  go: (iso) => `${iso.slice(0, 10).replaceAll('-', '/')} ${iso.slice(11, 19)}`,
};

/** Fills `{nginx}`, `{hostname}`, `{env:NAME}` and what `values` has. */
export function fillLine(
  text: string,
  now: number,
  hostname: string,
  environment: Record<string, string>,
  values: Record<string, string> = {},
): string {
  return text.replace(/\{([a-z]+)(?::([A-Za-z0-9_]+))?\}/g, (whole, name: string, argument: string | undefined) => {
    if (name === 'env' && argument) return environment[argument] ?? '';
    if (name === 'hostname') return hostname;
    if (values[name] !== undefined) return values[name];
    const date = new Date(now);
    return TIMES[name]?.(date.toISOString(), date) ?? whole;
  });
}
