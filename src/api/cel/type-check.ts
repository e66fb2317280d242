import type { V1ValidatingAdmissionPolicy } from '@kubernetes/client-node';
import type { Resource } from '../../types/objects.ts';
import { Registry, readRegistry } from '../schema/registry.ts';
import { type GoType, goType, typeNameOf } from '../schema/types.ts';
import { type AdmissionTypes, admissionVariables } from './admission-variables.ts';
import { compileOnce } from './index.ts';
import { CelCompileError } from './issues.ts';
import { BOOL, BYTES, type CelType, DOUBLE, DYN, INT, listOf, mapOf, STRING, struct, TIMESTAMP } from './types.ts';

type Policy = Resource<V1ValidatingAdmissionPolicy>;
type Spec = NonNullable<Policy['spec']>;

interface Kind {
  group: string;
  version: string;
  kind: string;
}

/** At most so many kinds are checked for each rule. */
const MAX_KINDS = 10;

const SCALARS: Record<string, CelType> = {
  string: STRING,
  bool: BOOL,
  int32: INT,
  int64: INT,
  float64: DOUBLE,
  bytes: BYTES,
}; // prettier-ignore
const SPECIAL: Record<string, CelType> = {
  Time: TIMESTAMP,
  MicroTime: TIMESTAMP,
  Duration: STRING,
  Quantity: STRING,
  IntOrString: DYN,
}; // prettier-ignore

/** A Go type as expressions see it; structs are looked into when they are asked for fields. */
function celType(type: GoType): CelType {
  if (type.kind === 'scalar') return SCALARS[type.scalar] ?? DYN;
  if (type.kind === 'special') return SPECIAL[type.special] ?? struct(type.go, {});
  if (type.kind !== 'struct') {
    const inner = celType(type.elem);
    if (type.kind === 'pointer') return inner;
    return type.kind === 'slice' ? listOf(inner) : mapOf(STRING, inner);
  }
  const { struct: info } = type;
  const made = struct(info.name);
  return Object.defineProperty(made, 'fields', {
    get: () => Object.fromEntries(info.fields.map(({ name, type: inner }) => [name, celType(inner)])),
  });
}

/** The type of a kind's objects; undefined for kinds that are not built in. */
function typeOfKind({ group, version, kind }: Kind): CelType | undefined {
  try {
    return celType(goType(typeNameOf(group, version, kind)));
  } catch {
    return undefined;
  }
}

const shownKind = ({ group, version, kind }: Kind): string => `${group}/${version}, Kind=${kind}`;

/** The kinds that a policy's rules name outright. */
function kindsOf({ matchConstraints }: Spec, registry: Registry): Kind[] {
  const kinds = new Map<string, Kind>();
  for (const { apiGroups = [], apiVersions = [], resources = [] } of matchConstraints?.resourceRules ?? []) {
    if ([...apiGroups, ...apiVersions].some((text) => text.includes('*'))) continue;
    const plain = resources.filter((text) => !/[*/]/.test(text));
    for (const group of apiGroups)
      for (const version of apiVersions)
        for (const plural of plain) {
          const kind = registry.find(group, version, plural)?.kind;
          if (kind && kinds.size < MAX_KINDS) kinds.set(`${group} ${version} ${kind}`, { group, version, kind });
        }
  }
  return [...kinds].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, kind]) => kind);
}

const errorOf = (compile: () => unknown): string | undefined => {
  try {
    compile();
    return undefined;
  } catch (error) {
    if (error instanceof CelCompileError) return error.message.replace(/^compilation failed: /, '');
    throw error;
  }
};

/** What the types of the kinds that a policy is for say of its expressions: `status.typeChecking`. */
export function typeWarnings({ spec }: Policy): { fieldRef: string; warning: string }[] {
  if (!spec) return [];
  const registry = new Registry(readRegistry());
  const [version = '', group = ''] = (spec.paramKind?.apiVersion ?? '').split('/').toReversed();
  const params = spec.paramKind && typeOfKind({ group, version, kind: spec.paramKind.kind ?? '' });
  const checked = kindsOf(spec, registry).flatMap((kind) => {
    const object = typeOfKind(kind);
    return object ? [{ kind, types: { object, ...(params && { params }) } satisfies AdmissionTypes }] : [];
  });
  const check = (expression: string, fieldRef: string) => {
    const told = checked.flatMap(({ kind, types }) => {
      const variables: Record<string, CelType> = {};
      const compile = (text: string) =>
        compileOnce(text, JSON.stringify([kind, spec.paramKind, Object.keys(variables), spec.variables]), () =>
          admissionVariables({ params: params !== undefined, variables: { ...variables }, types }),
        );
      for (const { name, expression: text } of spec.variables ?? [])
        errorOf(() => {
          variables[name] = DYN;
          variables[name] = compile(text).type;
        });
      const wrong = errorOf(() => compile(expression));
      return wrong === undefined ? [] : [`${shownKind(kind)}: ${wrong}\n`];
    });
    return told.length > 0 ? [{ fieldRef, warning: told.join('\n') }] : [];
  };
  return (spec.validations ?? []).flatMap(({ expression, messageExpression }, index) => [
    ...check(expression, `spec.validations[${index}].expression`),
    ...(messageExpression ? check(messageExpression, `spec.validations[${index}].messageExpression`) : []),
  ]);
}
