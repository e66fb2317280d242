/** What a plain scalar means to go-yaml (YAML 1.1 without base 60), and its value; integers beyond 2^53 are bigints. */
export type Resolved =
  | { tag: 'str'; value: string }
  | { tag: 'null'; value: null }
  | { tag: 'bool'; value: boolean }
  | { tag: 'int'; value: number | bigint }
  | { tag: 'float'; value: number }
  | { tag: 'timestamp'; value: string };

/** What YAML 1.1 calls boolean besides true and false; go-yaml 3 reads these as strings. */
const OLD_BOOLEAN = /^(?:y|Y|yes|Yes|YES|on|On|ON|n|N|no|No|NO|off|Off|OFF)$/;
const TRUE = /^(?:y|Y|yes|Yes|YES|true|True|TRUE|on|On|ON)$/;
const FALSE = /^(?:n|N|no|No|NO|false|False|FALSE|off|Off|OFF)$/;
const NULL = /^(?:~|null|Null|NULL|)$/;
const INFINITE = /^([-+]?)\.(?:inf|Inf|INF)$/;
const NOT_A_NUMBER = /^\.(?:nan|NaN|NAN)$/;
const FLOAT = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;
const INTEGER = /^([-+]?)(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO][0-7]+|0[0-7]*|[1-9][0-9]*)$/;
const TIMESTAMP =
  /^[0-9]{4}-([0-9]{1,2})-([0-9]{1,2})(?:(?:[Tt]([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(?:[.,][0-9]+)?(?:Z|[+-][0-9]{2}:[0-9]{2}))|(?: ([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(?:[.,][0-9]+)?))?$/;

const MIN_INT64 = -(2n ** 63n);
const MAX_UINT64 = 2n ** 64n - 1n;

const inRange = (text: string | undefined, low: number, high: number) =>
  text === undefined || (Number(text) >= low && Number(text) <= high);

function isTimestamp(text: string): boolean {
  const parts = TIMESTAMP.exec(text);
  if (!parts || !inRange(parts[1], 1, 12)) return false;
  const lastDay = new Date(Date.UTC(Number(text.slice(0, 4)), Number(parts[1]), 0)).getUTCDate();
  const limits = [23, 59, 59, 23, 59, 59];
  return inRange(parts[2], 1, lastDay) && limits.every((limit, index) => inRange(parts[index + 3], 0, limit));
}

/** strconv.ParseInt and ParseUint with base 0; undefined outside 64 bits. */
function parseInteger(text: string): number | bigint | undefined {
  const parts = INTEGER.exec(text);
  if (!parts) return undefined;
  const digits = parts[2]!;
  const size = BigInt(/^0[0-7]+$/.test(digits) ? `0o${digits}` : digits.toLowerCase());
  const value = parts[1] === '-' ? -size : size;
  if (value < MIN_INT64 || value > MAX_UINT64 || (parts[1] === '+' && value >= 2n ** 63n)) return undefined;
  return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
}

/** What go-yaml makes of the plain scalar `text`: version 2, or 3 with `oldBooleans` false. */
export function resolvePlain(text: string, oldBooleans = true): Resolved {
  const string: Resolved = { tag: 'str', value: text };
  if (!oldBooleans && OLD_BOOLEAN.test(text)) return string;
  if (!/^(?:[-+0-9.yYnNtTfFoO~]|$)/.test(text)) return string;
  if (NULL.test(text)) return { tag: 'null', value: null };
  if (TRUE.test(text)) return { tag: 'bool', value: true };
  if (FALSE.test(text)) return { tag: 'bool', value: false };
  if (NOT_A_NUMBER.test(text)) return { tag: 'float', value: Number.NaN };
  const infinite = INFINITE.exec(text);
  if (infinite) return { tag: 'float', value: infinite[1] === '-' ? -Infinity : Infinity };
  if (!/^[-+0-9.]/.test(text)) return string;
  if (isTimestamp(text)) return { tag: 'timestamp', value: text };
  const plain = text.startsWith('.') ? text : text.replaceAll('_', '');
  const integer = parseInteger(plain);
  if (integer !== undefined) return { tag: 'int', value: integer };
  if (FLOAT.test(plain) && Number.isFinite(Number(plain))) return { tag: 'float', value: Number(plain) };
  return string;
}

/** YAML 1.1's base 60, which go-yaml does not read but quotes for the sake of others. */
export const isBase60 = (text: string): boolean => /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/.test(text);
