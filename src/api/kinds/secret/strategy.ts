import { parseGoJson } from '../../../base/go-json-parse.ts';
import { keyPairProblem } from '../../../base/key-pair.ts';
import { isConfigMapKey } from '../../../base/names.ts';
import type { Secret } from '../../../types/objects.ts';
import { type FieldError, invalid, required, tooLong } from '../../machinery/field-errors.ts';
import { immutable, invalidEach, sortedEntries } from '../shared/checks.ts';
import { MAX_DATA_BYTES, validateImmutableData } from '../shared/immutable-data.ts';
import type { KindRules } from '../shared/strategy.ts';

const ACCOUNT = 'kubernetes.io/service-account.name';
const TLS = 'kubernetes.io/tls';

/** Keys that a type asks for: all of them, one of them, or one that holds JSON. */
const TYPES: Record<string, { all?: string[]; any?: string[]; json?: string; notEmpty?: string }> = {
  'kubernetes.io/dockercfg': { json: '.dockercfg' },
  'kubernetes.io/dockerconfigjson': { json: '.dockerconfigjson' },
  'kubernetes.io/basic-auth': { any: ['username', 'password'] },
  'kubernetes.io/ssh-auth': { notEmpty: 'ssh-privatekey' },
  [TLS]: { all: ['tls.crt', 'tls.key'] },
};

const text = ({ data }: Secret, key: string): string => Buffer.from(data?.[key] ?? '', 'base64').toString();

/** What encoding/json says of a text that is no object. */
function jsonError(json: string): string | undefined {
  try {
    const value = parseGoJson(json);
    if (typeof value === 'object' && !Array.isArray(value)) return undefined;
    const kind = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value;
    return `json: cannot unmarshal ${kind} into Go value of type map[string]interface {}`;
  } catch (error) {
    return (error as Error).message;
  }
}

function validateType(secret: Secret): FieldError[] {
  const { type = '', data = {}, metadata } = secret;
  if (type === 'kubernetes.io/service-account-token')
    return metadata.annotations?.[ACCOUNT] ? [] : [required(`metadata.annotations[${ACCOUNT}]`)];
  const { all = [], any = [], json, notEmpty } = TYPES[type] ?? {};
  const missing = (key: string) => data[key] === undefined;
  if (json) {
    if (missing(json)) return [required(`data[${json}]`)];
    const error = jsonError(text(secret, json));
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
  updateChecks: ['metadata', 'changes', 'object'],
  setDefaults: (secret) => {
    secret.type ||= 'Opaque';
    for (const [key, value] of Object.entries(secret.stringData ?? {}))
      secret.data = { ...secret.data, [key]: Buffer.from(value).toString('base64') };
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
  warnings: (secret) => {
    const problem = secret.type === TLS ? keyPairProblem(text(secret, 'tls.crt'), text(secret, 'tls.key')) : undefined;
    return problem ? [problem] : [];
  },
};
