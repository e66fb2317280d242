import { corruptBase64 } from '../../../api/machinery/decode.ts';
import { CommandError } from '../../errors.ts';
import type { Kubeconfig } from '../../kubeconfig/config.ts';
import { goType, isStruct, plainType, STRUCTS } from '../../kubeconfig/structs.ts';

/** What a part of a path leads to: a field of a struct, or an entry of a map. */
interface Step {
  name: string;
  type: string;
}

type Values = Record<string, unknown>;

/** The sections of a configuration are maps to their stanzas. */
const SECTIONS: Record<string, string> = { clusters: '{}Cluster', users: '{}AuthInfo', contexts: '{}Context' };
/** Pointers: nothing below them can be named. */
const POINTERS = ['AuthProviderConfig', 'ExecConfig'];
const TRUE = /^(1|t|T|true|TRUE|True)$/;
const FALSE = /^(|0|f|F|false|FALSE|False)$/;

/** The fields of a struct as clientcmd's inner types name them: `as` is `act-as` there. */
function fieldsOf(struct: string): Record<string, string> {
  const fields = Object.entries(STRUCTS[struct as keyof typeof STRUCTS] as Record<string, string>);
  if (struct === 'Config')
    return Object.fromEntries(fields.map(([name, type]) => [name, SECTIONS[name] ?? plainType(type)]));
  return Object.fromEntries(fields.map(([name, type]) => [name.replace(/^as(?=$|-)/, 'act-as'), plainType(type)]));
}

/** `clusters.my.cluster.server`: a section, a name up to a known field, and that field. */
function stepsOf(path: string): Step[] {
  const parts = path.split('.');
  const steps: Step[] = [];
  let type = 'Config';
  for (let at = 0; at < parts.length; ) {
    const isMap = type.startsWith('{}');
    if (isMap && !isStruct(type.slice(2))) throw new CommandError(`${type.slice(4)} is not of type struct`);
    if (!isMap && (!isStruct(type) || POINTERS.includes(type))) {
      throw new CommandError(`unable to parse one or more field values of ${path}`);
    }
    const fields = fieldsOf(isMap ? type.slice(2) : type);
    const found = isMap ? parts.slice(at + 1).findIndex((part) => Object.hasOwn(fields, part)) : 0;
    const end = found < 0 ? parts.length : at + found + 1;
    const name = parts.slice(at, end).join('.');
    if (!isMap && !Object.hasOwn(fields, name)) {
      throw new CommandError(`unable to parse ${path} after [] at api.Config`);
    }
    type = isMap ? type.slice(2) : fields[name]!;
    if (type === '[]NamedExtension') type = '{}extension';
    steps.push({ name, type });
    at = end;
  }
  return steps;
}

function scalar(type: string, text: string, raw: boolean): unknown {
  if (type === 'bool') {
    if (!TRUE.test(text) && !FALSE.test(text)) {
      throw new CommandError(`strconv.ParseBool: parsing ${JSON.stringify(text)}: invalid syntax`);
    }
    return TRUE.test(text);
  }
  if (type === 'string') return text;
  if (isStruct(type)) throw new CommandError(`unrecognized type: ${goType(type)}`);
  if (type !== 'bytes') throw new CommandError('unrecognized slice type. string');
  if (raw) return Buffer.from(text).toString('base64');
  const at = corruptBase64(text);
  if (at !== undefined) throw new CommandError(`error decoding input value: illegal base64 data at input byte ${at}`);
  return text;
}

/** Go prints the entries of a map as pointers. */
const shownMap = (map: Map<string, unknown>): string =>
  `map[${[...map.keys()]
    .sort()
    .map((name, index) => `${name}:0xc${(0x345b00 + index * 0x100).toString(16).padStart(9, '0')}`)
    .join(' ')}]`;

/** The name that a field has in a file. */
const inFile = (field: string): string => field.replace(/^act-/, '');

/** Sets the property that `path` names. */
export function setProperty(config: Kubeconfig, path: string, value: string, raw: boolean): void {
  const [top, entry, field, ...deeper] = stepsOf(path) as [Step, ...Step[]];
  const { name } = top;
  if (name === 'current-context') config.currentContext = value;
  else if (name === 'preferences') {
    if (!entry) {
      const under = `{${config.preferences.colors === true} map[]}`;
      throw new CommandError(
        `unable to locate path config.navigationStep{stepValue:"", stepType:reflect.Type(nil)} under ${under}`,
      );
    }
    config.preferences = { ...config.preferences, [entry.name]: scalar(entry.type, value, raw) };
  } else if (name in SECTIONS) {
    const stanzas = config[name as 'clusters'] as Map<string, Values>;
    if (!entry || !field) throw new CommandError(`can't set a map to a value: ${shownMap(stanzas)}`);
    if (field.type.startsWith('{}') || deeper.length > 0) throw new CommandError("can't set a map to a value: map[]");
    stanzas.set(entry.name, { ...stanzas.get(entry.name), [inFile(field.name)]: scalar(field.type, value, raw) });
  } else if (name === 'extensions') throw new CommandError("can't set a map to a value: map[]");
}

/** Removes the property, stanza or section that `path` names. */
export function unsetProperty(config: Kubeconfig, path: string): void {
  const [{ name }, entry, field] = stepsOf(path) as [Step, ...Step[]];
  if (name === 'current-context') config.currentContext = '';
  else if (name === 'preferences') {
    config.preferences = entry ? { ...config.preferences, [entry.name]: undefined } : {};
  } else if (name in SECTIONS) {
    const stanzas = config[name as 'clusters'] as Map<string, Values>;
    if (!entry) stanzas.clear();
    else if (!field) stanzas.delete(entry.name);
    else {
      const stanza = stanzas.get(entry.name);
      if (!stanza) throw new CommandError(`current map key \`${entry.name}\` is invalid`);
      stanzas.set(entry.name, { ...stanza, [inFile(field.name)]: undefined });
    }
  }
}
