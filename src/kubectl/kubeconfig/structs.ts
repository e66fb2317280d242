/**
 * The structs of a kubeconfig (clientcmd/api/v1), fields in Go's order: `!` stands even when it is empty, `[]T` a list of T, `{}T` a map to T.
 */
export const STRUCTS = {
  Config: {
    kind: 'string',
    apiVersion: 'string',
    preferences: 'Preferences!',
    clusters: '[]NamedCluster!',
    users: '[]NamedAuthInfo!',
    contexts: '[]NamedContext!',
    'current-context': 'string!',
    extensions: '[]NamedExtension',
  },
  Preferences: { colors: 'bool', extensions: '[]NamedExtension' },
  Cluster: {
    server: 'string!',
    'tls-server-name': 'string',
    'insecure-skip-tls-verify': 'bool',
    'certificate-authority': 'string',
    'certificate-authority-data': 'bytes',
    'proxy-url': 'string',
    'disable-compression': 'bool',
    extensions: '[]NamedExtension',
  },
  AuthInfo: {
    'client-certificate': 'string',
    'client-certificate-data': 'bytes',
    'client-key': 'string',
    'client-key-data': 'bytes',
    token: 'string',
    tokenFile: 'string',
    as: 'string',
    'as-uid': 'string',
    'as-groups': '[]string',
    'as-user-extra': '{}[]string',
    username: 'string',
    password: 'string',
    'auth-provider': 'AuthProviderConfig',
    exec: 'ExecConfig',
    extensions: '[]NamedExtension',
  },
  Context: { cluster: 'string!', user: 'string!', namespace: 'string', extensions: '[]NamedExtension' },
  NamedCluster: { name: 'string!', cluster: 'Cluster!' },
  NamedAuthInfo: { name: 'string!', user: 'AuthInfo!' },
  NamedContext: { name: 'string!', context: 'Context!' },
  NamedExtension: { name: 'string!', extension: 'raw!' },
  AuthProviderConfig: { name: 'string!', config: '{}string!' },
  ExecConfig: {
    command: 'string!',
    args: '[]string!',
    env: '[]ExecEnvVar!',
    apiVersion: 'string',
    installHint: 'string',
    provideClusterInfo: 'bool!',
    interactiveMode: 'string',
  },
  ExecEnvVar: { name: 'string!', value: 'string!' },
} as const satisfies Record<string, Record<string, string>>;

export type StructName = keyof typeof STRUCTS;

export const isStruct = (type: string): type is StructName => Object.hasOwn(STRUCTS, type);

/** A field's type without the mark. */
export const plainType = (type: string): string => type.replace('!', '');

/** How Go writes a type in its messages. */
export function goType(type: string): string {
  const [, wrap = '', of = ''] = /^(\[\]|\{\})?(.*)$/.exec(plainType(type)) ?? [];
  if (wrap) return `${wrap === '{}' ? 'map[string]' : '[]'}${goType(of)}`;
  return isStruct(of) ? `v1.${of}` : of === 'bytes' ? '[]uint8' : of;
}

const ZERO: Record<string, unknown> = { string: '', bytes: '', bool: false };

/** What stands for an empty field that is shown all the same. */
const zeroOf = (type: string): unknown => (isStruct(type) ? ordered({}, type) : (ZERO[type] ?? null));

const isEmpty = (value: unknown): boolean =>
  !value || (typeof value === 'object' && !isFields(value) && (value as unknown[]).length === 0);

const isFields = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A struct as encoding/json writes it: its fields in order, the empty ones left out that are not marked. */
export function ordered(value: object, struct: StructName): Record<string, unknown> {
  const values = value as Record<string, unknown>;
  const shown = Object.entries(STRUCTS[struct]).flatMap(([field, type]): [string, unknown][] => {
    const now = values[field];
    const always = type.endsWith('!');
    if (now === undefined || now === null || (isEmpty(now) && !always))
      return always ? [[field, zeroOf(plainType(type))]] : [];
    return [[field, orderedValue(now, plainType(type))]];
  });
  return Object.fromEntries(shown);
}

function orderedValue(value: unknown, type: string): unknown {
  if (isStruct(type)) return ordered(value as object, type);
  const of = type.slice(2);
  return type.startsWith('[]') && isStruct(of) ? (value as object[]).map((each) => ordered(each, of)) : value;
}
