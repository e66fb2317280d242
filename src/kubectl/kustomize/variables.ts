import { changeField, type FieldSpec, isMap } from './field-specs.ts';
import { gvkText, isSelected, parseApiVersion, sameNamespace } from './identity.ts';
import type { Variable } from './kustomization.ts';
import { fieldValue, splitFieldPath } from './replacements.ts';
import type { ResourceList } from './resource-list.ts';

/** Binds each variable to the resource that it is about, while that still has the name the kustomization knows. */
export function bindVariables(list: ResourceList, variables: Variable[]): void {
  for (const { name, objref } of variables) {
    const { apiVersion, group, version } = objref;
    const gvk = { ...(apiVersion ? parseApiVersion(apiVersion) : { group, version }), kind: objref.kind };
    const found = list.withAnyId(
      (id) =>
        id.name === objref.name &&
        isSelected(id, gvk) &&
        (!objref.namespace || sameNamespace(id, { ...id, namespace: objref.namespace })),
    );
    if (found.length > 1) {
      throw new Error(`found ${found.length} resId matches for var ${name} (unable to disambiguate)`);
    }
    found[0]?.variables.push(name);
  }
}

/** Puts the variables' values in place of `$(NAME)` in the fields that may hold them. */
export function resolveVariables(
  list: ResourceList,
  variables: Variable[],
  specs: FieldSpec[],
  log: (text: string) => void,
): void {
  if (variables.length === 0) return;
  const values = new Map(variables.map((variable) => [variable.name, variableValue(list, variable)]));
  const used = new Set<string>();
  const lookedUp = (name: string): unknown => {
    used.add(name);
    return values.get(name);
  };
  const expand = (text: string): unknown => {
    const whole = /^\$\(([^)]+)\)$/.exec(text)?.[1];
    if (whole !== undefined && values.has(whole)) return lookedUp(whole);
    return text.replace(/\$\$|\$\(([^)]+)\)/g, (found, name?: string) => {
      if (name === undefined) return '$';
      return values.has(name) ? String(lookedUp(name)) : found;
    });
  };
  const change = (value: unknown): unknown => {
    if (typeof value === 'string') return value.includes('$') ? expand(value) : value;
    if (Array.isArray(value)) return value.map((item) => (typeof item === 'string' ? change(item) : item));
    if (!isMap(value)) return value;
    const entries = Object.entries(value).map(([key, item]) => [key, typeof item === 'string' ? change(item) : item]);
    return Object.fromEntries(entries);
  };
  for (const { object } of list.items) for (const spec of specs) changeField(object, spec, change, false);
  const unused = variables.map(({ name }) => name ?? '').filter((name) => !used.has(name));
  if (unused.length > 0) log(`well-defined vars that were never replaced: ${unused.join(',')}`);
}

/** Go's `%v` of a variable as it is written, and with what it leaves out. */
export const variableText = ({ name = '', objref, fieldref }: Variable): string =>
  `{${name} ${gvkText({ group: objref?.group, version: objref?.version, kind: objref?.kind })} {${fieldref?.fieldPath ?? fieldref?.fieldpath ?? ''}}}`;

function variableValue(list: ResourceList, variable: Variable): unknown {
  const { name, fieldref, objref } = variable;
  const path = fieldref?.fieldPath ?? fieldref?.fieldpath ?? 'metadata.name';
  const shown = variableText({
    ...variable,
    objref: { ...objref, ...(objref?.apiVersion && parseApiVersion(objref.apiVersion)) },
    fieldref: { fieldPath: path },
  });
  const resource = list.items.find((each) => each.variables.includes(name));
  if (!resource) throw new Error(`var '${shown}' cannot be mapped to a field in the set of known resources`);
  const value = fieldValue(resource.object, splitFieldPath(path));
  if (value === undefined) throw new Error(`field specified in var '${shown}' not found in corresponding resource`);
  return value;
}
