/** A rule for a text: what Kubernetes calls it in errors, its expression, its examples and its greatest length. */
interface Syntax {
  message: string;
  expression: string;
  examples: string[];
  maxLength?: number;
}

const NAME = '[A-Za-z0-9]';
const QUALIFIED = `(${NAME}[-A-Za-z0-9_.]*)?${NAME}`;
const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const SUBDOMAIN = `${LABEL}(\\.${LABEL})*`;

const QUALIFIED_NAME: Syntax = {
  message:
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  expression: QUALIFIED,
  examples: ['MyName', 'my.name', '123-abc'],
};
const LABEL_VALUE: Syntax = {
  message:
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  expression: `(${QUALIFIED})?`,
  examples: ['MyValue', 'my_value', '12345'],
  maxLength: 63,
};
const DNS1123_LABEL: Syntax = {
  message:
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
  expression: LABEL,
  examples: ['my-name', '123-abc'],
  maxLength: 63,
};
const DNS1123_SUBDOMAIN: Syntax = {
  message:
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
  expression: SUBDOMAIN,
  examples: ['example.com'],
  maxLength: 253,
};
const DNS1035_LABEL: Syntax = {
  message:
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
  expression: '[a-z]([-a-z0-9]*[a-z0-9])?',
  examples: ['my-name', 'abc-123'],
  maxLength: 63,
};
const WILDCARD_SUBDOMAIN: Syntax = {
  message:
    "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character",
  expression: `\\*\\.${SUBDOMAIN}`,
  examples: ['*.example.com'],
  maxLength: 253,
};
const HTTP_HEADER: Syntax = {
  message: "a valid HTTP header must consist of alphanumeric characters or '-'",
  expression: '[-A-Za-z0-9]+',
  examples: ['X-Header-Name'],
};
const ENV_VAR: Syntax = {
  message:
    "a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and must not start with a digit",
  expression: '[-._a-zA-Z][-._a-zA-Z0-9]*',
  examples: ['my.env-name', 'MY_ENV.NAME', 'MyEnvName1'],
};
const CONFIG_MAP_KEY: Syntax = {
  message: "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
  expression: '[-._a-zA-Z0-9]+',
  examples: ['key.name', 'KEY_NAME', 'key-name'],
  maxLength: 253,
};

export const maxLengthError = (length: number): string => `must be no more than ${length} characters`;
export const inclusiveRangeError = (low: number, high: number): string =>
  `must be between ${low} and ${high}, inclusive`;
export const EMPTY_ERROR = 'must be non-empty';

/** validation.RegexError: what a text must be, examples and the expression. */
export function regexError(message: string, expression: string, ...examples: string[]): string {
  const regex = `regex used for validation is '${expression}')`;
  if (examples.length === 0) return `${message} (${regex}`;
  return `${message} (e.g. ${examples.map((example) => `'${example}', `).join(' or ')}${regex}`;
}

/** Whole values of a syntax, compiled once. */
const compiled = new Map<Syntax, RegExp>();

function matches(syntax: Syntax, value: string): boolean {
  let whole = compiled.get(syntax);
  if (!whole) {
    whole = new RegExp(`^(?:${syntax.expression})$`);
    compiled.set(syntax, whole);
  }
  return whole.test(value);
}

const syntaxError = ({ message, expression, examples }: Syntax) => regexError(message, expression, ...examples);

/** Lengths count bytes, as Go's len does. */
const tooLong = (value: string, limit: number) => Buffer.byteLength(value) > limit;

function check(syntax: Syntax, value: string): string[] {
  const errors: string[] = [];
  if (syntax.maxLength !== undefined && tooLong(value, syntax.maxLength)) errors.push(maxLengthError(syntax.maxLength));
  if (!matches(syntax, value)) errors.push(syntaxError(syntax));
  return errors;
}

function dotErrors(value: string): string[] {
  if (value === '.' || value === '..') return [`must not be '${value}'`];
  return value.startsWith('..') ? ["must not start with '..'"] : [];
}

// Each of these answers what is wrong with `value`, in apimachinery's words (util/validation); nothing means that it is right.

export const isLabelValue = (value: string): string[] => check(LABEL_VALUE, value);
export const isDns1123Subdomain = (value: string): string[] => check(DNS1123_SUBDOMAIN, value);
const SEARCH_MESSAGE =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character";
const UNDERSCORED_LABEL = '_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?';

/** Search domains as the API takes them since 1.33: a DNS subdomain whose labels may have underscores. Its expression is told as without them. */
export function isRelaxedDnsSearch(value: string): string[] {
  const errors = tooLong(value, 253) ? [maxLengthError(253)] : [];
  const fits = new RegExp(`^${UNDERSCORED_LABEL}(\\.${UNDERSCORED_LABEL})*$`).test(value);
  return fits ? errors : [...errors, syntaxError({ ...DNS1123_SUBDOMAIN, message: SEARCH_MESSAGE })];
}

export const isDns1035Label = (value: string): string[] => check(DNS1035_LABEL, value);
export const isWildcardDns1123Subdomain = (value: string): string[] => check(WILDCARD_SUBDOMAIN, value);
export const isHttpHeaderName = (value: string): string[] => check(HTTP_HEADER, value);
export const isEnvVarName = (value: string): string[] => [...check(ENV_VAR, value), ...dotErrors(value)];
export const isConfigMapKey = (value: string): string[] => [...check(CONFIG_MAP_KEY, value), ...dotErrors(value)];

export function isDns1123Label(value: string): string[] {
  const errors = tooLong(value, 63) ? [maxLengthError(63)] : [];
  if (matches(DNS1123_LABEL, value)) return errors;
  return [...errors, matches(DNS1123_SUBDOMAIN, value) ? 'must not contain dots' : syntaxError(DNS1123_LABEL)];
}

/** Names of labels, annotations, finalizers …: `name` or `prefix/name`. */
export function isQualifiedName(value: string): string[] {
  const parts = value.split('/');
  if (parts.length > 2) {
    const example = " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')";
    return [`a qualified name ${syntaxError(QUALIFIED_NAME)}${example}`];
  }
  const errors: string[] = [];
  const name = parts.pop()!;
  const prefix = parts[0];
  if (prefix === '') errors.push(`prefix part ${EMPTY_ERROR}`);
  else if (prefix !== undefined) errors.push(...isDns1123Subdomain(prefix).map((error) => `prefix part ${error}`));
  if (name === '') errors.push(`name part ${EMPTY_ERROR}`);
  else if (tooLong(name, 63)) errors.push(`name part ${maxLengthError(63)}`);
  if (!matches(QUALIFIED_NAME, name)) errors.push(`name part ${syntaxError(QUALIFIED_NAME)}`);
  return errors;
}

/** Environment variable names as the API takes them since 1.32 (RelaxedEnvironmentVariableValidation); kubectl's own checks are isEnvVarName. */
export function isRelaxedEnvVarName(value: string): string[] {
  const errors = value === '' ? [`environment variable name ${EMPTY_ERROR}`] : [];
  if (/[^\x20-\x7e]|=/.test(value)) {
    errors.push("a valid environment variable name must consist only of printable ASCII characters other than '='");
  }
  return errors;
}

export const isPortNumber = (port: number): string[] =>
  port >= 1 && port <= 65535 ? [] : [inclusiveRangeError(1, 65535)];
export const isInRange = (value: number, low: number, high: number): string[] =>
  value >= low && value <= high ? [] : [inclusiveRangeError(low, high)];
/** User and group ids. */
export const isUnixId = (id: number): string[] => isInRange(id, 0, 2 ** 31 - 1);

/** IANA service names, as ports have them. */
export function isPortName(value: string): string[] {
  const errors = tooLong(value, 15) ? [maxLengthError(15)] : [];
  if (!/^[-a-z0-9]+$/.test(value))
    errors.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)');
  if (!/[a-z]/.test(value)) errors.push('must contain at least one letter (a-z)');
  if (value.includes('--')) errors.push('must not contain consecutive hyphens');
  if (value.startsWith('-') || value.endsWith('-')) errors.push('must not begin or end with a hyphen');
  return errors;
}

/** Percentages as rolling updates take them: `25%`. */
export function isPercent(value: string): string[] {
  if (/^[0-9]+%$/.test(value)) return [];
  return [
    regexError("a valid percent string must be a numeric string followed by an ending '%'", '[0-9]+%', '1%', '93%'),
  ];
}

/** Names that become a segment of a URL's path (RBAC objects and whatever has no stricter rule). */
export function isPathSegmentName(name: string): string[] {
  if (name === '.' || name === '..') return [`may not be '${name}'`];
  return ['/', '%'].filter((illegal) => name.includes(illegal)).map((illegal) => `may not contain '${illegal}'`);
}

/** Whether `prefix` may start a generated name: the same rule as for names, but a hyphen may end it. */
export const maskTrailingDash = (name: string): string =>
  name.length > 1 && name.endsWith('-') ? `${name.slice(0, -2)}a` : name;
