import { CommandError } from '../../errors.ts';
import type { Kubeconfig } from '../../kubeconfig/config.ts';

/** Fields of each kind of stanza and what they hold. */
const FIELDS = {
  clusters: {
    server: 'string',
    'tls-server-name': 'string',
    'insecure-skip-tls-verify': 'bool',
    'certificate-authority': 'string',
    'certificate-authority-data': 'bytes',
    'proxy-url': 'string',
    'disable-compression': 'bool',
  },
  users: {
    'client-certificate': 'string',
    'client-certificate-data': 'bytes',
    'client-key': 'string',
    'client-key-data': 'bytes',
    token: 'string',
    tokenFile: 'string',
    as: 'string',
    'as-uid': 'string',
    username: 'string',
    password: 'string',
  },
  contexts: { cluster: 'string', user: 'string', namespace: 'string' },
} as const;

type Section = keyof typeof FIELDS;

interface Property {
  section: Section;
  /** May hold dots itself. */
  name: string;
  /** Absent when the path names a whole stanza. */
  field?: string;
}

/** `clusters.my.cluster.server`: a section, a name up to a known field, and that field. */
function parseProperty(path: string): Property | 'current-context' | Section {
  if (path === 'current-context') return path;
  const [section, ...rest] = path.split('.');
  if (section === undefined || !(section in FIELDS)) {
    throw new CommandError(`unable to parse ${path} after [] at api.Config`);
  }
  const known = FIELDS[section as Section] as Record<string, string>;
  if (rest.length === 0) return section as Section;
  const at = rest.findIndex((part, index) => index > 0 && part in known);
  if (at < 0) return { section: section as Section, name: rest.join('.') };
  return { section: section as Section, name: rest.slice(0, at).join('.'), field: rest[at]! };
}

function fieldValue(kind: string, text: string, raw: boolean): unknown {
  if (kind === 'bool') {
    if (!/^(true|false|t|f|1|0)$/i.test(text)) {
      throw new CommandError(`strconv.ParseBool: parsing ${JSON.stringify(text)}: invalid syntax`);
    }
    return /^(true|t|1)$/i.test(text);
  }
  if (kind !== 'bytes') return text;
  if (raw) return Buffer.from(text).toString('base64');
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.length % 4 !== 0) {
    throw new CommandError(
      `error decoding base64 value: illegal base64 data at input byte ${text.search(/[^A-Za-z0-9+/]/)}`,
    );
  }
  return text;
}

/** Sets the property that `path` names. */
export function setProperty(config: Kubeconfig, path: string, value: string, raw: boolean): void {
  const property = parseProperty(path);
  if (property === 'current-context') {
    config.currentContext = value;
    return;
  }
  if (typeof property === 'string' || !property.field) {
    throw new CommandError(`can't set a map to a value: ${value}`);
  }
  const { section, name, field } = property;
  const stanzas = config[section] as Map<string, Record<string, unknown>>;
  const kind = (FIELDS[section] as Record<string, string>)[field]!;
  stanzas.set(name, { ...stanzas.get(name), [field]: fieldValue(kind, value, raw) });
}

/** Removes the property, stanza or section that `path` names. */
export function unsetProperty(config: Kubeconfig, path: string): void {
  const property = parseProperty(path);
  if (property === 'current-context') {
    config.currentContext = '';
    return;
  }
  if (typeof property === 'string') {
    config[property].clear();
    return;
  }
  const stanzas = config[property.section] as Map<string, Record<string, unknown>>;
  const stanza = stanzas.get(property.name);
  if (!property.field) {
    stanzas.delete(property.name);
    return;
  }
  if (!stanza) throw new CommandError(`current map key \`${property.name}\` is invalid`);
  const { [property.field]: _removed, ...kept } = stanza;
  stanzas.set(property.name, kept);
}
