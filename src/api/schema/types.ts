import { readJsonAsset } from '../../base/assets.ts';

/** A field of a Go struct, as fixtures/schema/types holds it. */
export interface FieldInfo {
  name: string;
  type: GoType;
  /** Its number in protobuf, and those of the embedded messages around it. */
  number: number;
  inside?: number[];
  /** Written even when empty: its JSON tag has no omitempty. */
  always?: boolean;
  required?: boolean;
  patchStrategy?: string;
  patchMergeKey?: string;
  listType?: 'atomic' | 'set' | 'map';
  listMapKeys?: string[];
  mapType?: string;
  structType?: string;
  default?: unknown;
}

export interface StructInfo {
  /** `core/v1.Pod` */
  name: string;
  atomic?: boolean;
  fields: FieldInfo[];
  byName: Map<string, FieldInfo>;
}

export type ScalarName = 'string' | 'bool' | 'int32' | 'int64' | 'float64' | 'bytes';

/** A Go type; `go` is its name as Go's messages write it: `[]v1.Container`. */
export type GoType =
  | { kind: 'scalar'; scalar: ScalarName; go: string }
  | { kind: 'pointer' | 'slice' | 'map'; elem: GoType; go: string }
  | { kind: 'struct'; struct: StructInfo; go: string }
  /** Types with a JSON form of their own: times, quantities, raw JSON … */
  | { kind: 'special'; special: SpecialName; go: string };

export type SpecialName = 'Time' | 'MicroTime' | 'Duration' | 'Quantity' | 'IntOrString' | 'Raw' | 'SchemaOrRaw';

type FieldRow = [name: string, type: string, number: number, flags?: Omit<FieldInfo, 'name' | 'type' | 'number'>];
type TypesFile = Record<string, string | { atomic?: boolean; fields: FieldRow[] }>;

const SPECIAL: Record<string, SpecialName> = {
  'meta/v1.Time': 'Time',
  'meta/v1.MicroTime': 'MicroTime',
  'meta/v1.Duration': 'Duration',
  'meta/v1.FieldsV1': 'Raw',
  'resource.Quantity': 'Quantity',
  'intstr.IntOrString': 'IntOrString',
  'runtime.RawExtension': 'Raw',
  'apiextensions/v1.JSON': 'Raw',
  'apiextensions/v1.JSONSchemaPropsOrArray': 'SchemaOrRaw',
  'apiextensions/v1.JSONSchemaPropsOrBool': 'SchemaOrRaw',
  'apiextensions/v1.JSONSchemaPropsOrStringArray': 'SchemaOrRaw',
};

const SCALARS: Record<string, ScalarName> = {
  string: 'string',
  bool: 'bool',
  int: 'int64',
  int32: 'int32',
  int64: 'int64',
  uint16: 'int32',
  float64: 'float64',
  '[]byte': 'bytes',
  'types.UID': 'string',
};

const files = new Map<string, TypesFile>();
const types = new Map<string, GoType>();

function fileOf(name: string): TypesFile {
  const key = name.slice(0, name.indexOf('.')).replace('/', '.');
  let file = files.get(key);
  if (!file) {
    file = readJsonAsset<TypesFile>(`fixtures/schema/types/${key}.json`);
    files.set(key, file);
  }
  return file;
}

/** `core/v1.Protocol` → `v1.Protocol` */
const goName = (name: string): string => name.slice(name.indexOf('/') + 1);

/** The type that `text` names, with packages as in fixtures/schema: `[]core/v1.Container`, `map[string]string`, `*int32`. */
export function goType(text: string): GoType {
  const known = types.get(text);
  if (known) return known;
  const made = makeType(text);
  types.set(text, made);
  return made;
}

function makeType(text: string): GoType {
  const scalar = SCALARS[text];
  if (scalar) return { kind: 'scalar', scalar, go: scalar === 'bytes' ? '[]uint8' : text };
  const wrapper = /^(\*|\[\]|map\[string\])/.exec(text)?.[1];
  if (wrapper) {
    const elem = goType(text.slice(wrapper.length));
    const kind = wrapper === '*' ? 'pointer' : wrapper === '[]' ? 'slice' : 'map';
    return { kind, elem, go: wrapper + elem.go };
  }
  const special = SPECIAL[text];
  if (special) return { kind: 'special', special, go: goName(text) };
  const entry = fileOf(text)[text.slice(text.indexOf('.') + 1)];
  if (entry === undefined) throw new Error(`no type ${text} in fixtures/schema`);
  if (typeof entry === 'string') return { ...goType(entry), go: goName(text) };
  const struct = new LazyStruct(text, entry.atomic, entry.fields);
  return { kind: 'struct', struct, go: goName(text) };
}

/** Reads its fields when first asked: a kind's types reach far, and most commands stay near. */
class LazyStruct implements StructInfo {
  private read?: { fields: FieldInfo[]; byName: Map<string, FieldInfo> };

  constructor(
    readonly name: string,
    readonly atomic: boolean | undefined,
    private readonly rows: FieldRow[],
  ) {}

  private load() {
    if (!this.read) {
      const fields = this.rows.map(([name, type, number, flags]) => ({ ...flags, name, type: goType(type), number }));
      this.read = { fields, byName: new Map(fields.map((field) => [field.name, field])) };
    }
    return this.read;
  }

  get fields(): FieldInfo[] {
    return this.load().fields;
  }

  get byName(): Map<string, FieldInfo> {
    return this.load().byName;
  }
}

/** The struct of that name, `core/v1.Pod`; throws if there is none. */
export function structInfo(name: string): StructInfo {
  const type = goType(name);
  if (type.kind !== 'struct') throw new Error(`${name} is no struct`);
  return type.struct;
}

/** Whether a package that is known has a struct of that name. */
export const isStruct = (name: string): boolean => typeof fileOf(name)[name.slice(name.indexOf('.') + 1)] === 'object';

/** The struct behind a kind of a built-in group: (`rbac.authorization.k8s.io`, `v1`, `Role`) → `rbac/v1.Role`. */
export const typeNameOf = (group: string, version: string, kind: string): string =>
  `${group === '' ? 'core' : group.split('.')[0]}/${version}.${kind}`;

/** The same by an object's own words: (`rbac.authorization.k8s.io/v1`, `Role`) → `rbac/v1.Role`. */
export function typeNameOfKind(apiVersion: string, kind: string): string {
  const [group, version] = apiVersion.split('/');
  return version === undefined ? typeNameOf('', group!, kind) : typeNameOf(group!, version, kind);
}
