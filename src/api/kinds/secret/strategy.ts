import { isConfigMapKey } from '../../../base/names.ts';
import type { Secret } from '../../../types/objects.ts';
import { type FieldError, invalid, required, tooLong } from '../../machinery/field-errors.ts';
import { immutable, invalidEach, sortedEntries } from '../shared/checks.ts';
import { MAX_DATA_BYTES, validateImmutableData } from '../shared/immutable-data.ts';
import type { KindRules } from '../shared/strategy.ts';

const ACCOUNT = 'kubernetes.io/service-account.name';

/** Keys that a type asks for: all of them, one of them, or one that holds JSON. */
const TYPES: Record<string, { all?: string[]; any?: string[]; json?: string; notEmpty?: string }> = {
  'kubernetes.io/dockercfg': { json: '.dockercfg' },
  'kubernetes.io/dockerconfigjson': { json: '.dockerconfigjson' },
  'kubernetes.io/basic-auth': { any: ['username', 'password'] },
  'kubernetes.io/ssh-auth': { notEmpty: 'ssh-privatekey' },
  'kubernetes.io/tls': { all: ['tls.crt', 'tls.key'] },
};

function jsonError(text: string): string | undefined {
  if (text === '') return 'unexpected end of JSON input';
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && !Array.isArray(value)) return undefined;
    const kind = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value;
    return `json: cannot unmarshal ${kind} into Go value of type map[string]interface {}`;
  } catch {
    return `invalid character ${quoteFirst(text)} looking for beginning of value`;
  }
}

const quoteFirst = (text: string): string => {
  const first = text.trimStart().charAt(0);
  return first === "'" ? `'\\''` : `'${first}'`;
};

function validateType({ type = '', data = {}, metadata }: Secret): FieldError[] {
  if (type === 'kubernetes.io/service-account-token')
    return metadata.annotations?.[ACCOUNT] ? [] : [required(`metadata.annotations[${ACCOUNT}]`)];
  const { all = [], any = [], json, notEmpty } = TYPES[type] ?? {};
  const missing = (key: string) => data[key] === undefined;
  if (json) {
    if (missing(json)) return [required(`data[${json}]`)];
    const error = jsonError(Buffer.from(data[json] ?? '', 'base64').toString());
    return error ? [invalid(`data[${json}]`, '<secret contents redacted>', error)] : [];
  }
  if (notEmpty) return data[notEmpty] ? [] : [required(`data[${notEmpty}]`)];
  const wanted = any.every(missing) ? any : [];
  return [...all.filter(missing), ...wanted].map((key) => required(`data[${key}]`));
}

function validate(secret: Secret): FieldError[] {
  const entries = sortedEntries(secret.data);
  const errors = entries.flatMap(([key]) => invalidEach(`data[${key}]`, key, isConfigMapKey(key)));
  const bytes = entries.reduce((sum, [, value]) => sum + Buffer.byteLength(value ?? '', 'base64'), 0);
  if (bytes > MAX_DATA_BYTES) errors.push(tooLong('data', '', MAX_DATA_BYTES));
  return [...errors, ...validateType(secret)];
}

export const strategy: KindRules<Secret> = {
  resource: 'secrets',
  setDefaults: (secret) => {
    secret.type ||= 'Opaque';
    for (const [key, text] of Object.entries(secret.stringData ?? {}))
      secret.data = { ...secret.data, [key]: Buffer.from(text).toString('base64') };
    delete secret.stringData;
  },
  validate,
  prepareForUpdate: (secret, old) => {
    secret.type ||= old.type;
  },
  validateUpdate: (secret, old) => [
    ...immutable('type', secret.type, old.type),
    ...validateImmutableData(secret, old, ['data']),
  ],
};
