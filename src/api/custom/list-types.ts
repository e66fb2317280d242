import { goJson } from '../../base/go-json.ts';
import { goSyntax } from '../../base/go-quote.ts';
import { sortKeys } from '../machinery/body.ts';
import { duplicate, type FieldError, invalid } from '../machinery/field-errors.ts';
import { GoSyntax } from '../machinery/invalid.ts';
import { isObject, type JsonObject } from '../machinery/patch/json-value.ts';
import { LIST_MAP_KEYS, LIST_TYPE, propertiesOf, schemaAt } from './schema.ts';

/** Items of lists that are sets or maps must differ (structurallisttype.ValidateListSetsAndMaps). */
export function listTypeErrors(schema: JsonObject, value: unknown, path = ''): FieldError[] {
  if (Array.isArray(value)) {
    const items = schemaAt(schema, 'items');
    return [
      ...itemErrors(schema, value, path),
      ...(items ? value.flatMap((one, index) => listTypeErrors(items, one, `${path}[${index}]`)) : []),
    ];
  }
  if (!isObject(value)) return [];
  const additional = schema.additionalProperties;
  const properties = new Map(propertiesOf(schema));
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([key, one]) => {
      const property = properties.get(key);
      if (property) return listTypeErrors(property, one, path ? `${path}.${key}` : key);
      return isObject(additional) ? listTypeErrors(additional, one, `${path}[${key}]`) : [];
    });
}

/** Where a value stands a second time: the third and later ones are not told. */
function repeated(values: unknown[]): number[] {
  const seen = new Map<string, number>();
  return values.flatMap((value, index) => {
    const key = goJson(sortKeys(value ?? null));
    const times = seen.get(key) ?? 0;
    seen.set(key, times + 1);
    return times === 1 ? [index] : [];
  });
}

function itemErrors(schema: JsonObject, items: unknown[], path: string): FieldError[] {
  const type = schema[LIST_TYPE];
  if (type === 'set') return repeated(items).map((index) => duplicate(`${path}[${index}]`, items[index]));
  if (type !== 'map') return [];
  const odd = items.findIndex((item) => item !== null && !isObject(item));
  if (odd >= 0) return [invalid(`${path}[${odd}]`, items[odd], 'must be an object for an array of list-type map')];
  const names = (schema[LIST_MAP_KEYS] ?? []) as string[];
  const keys = items.map((item) =>
    Object.fromEntries(names.flatMap((name) => (isObject(item) && name in item ? [[name, item[name]]] : []))),
  );
  return repeated(keys).map((index) => duplicate(`${path}[${index}]`, new GoSyntax(goSyntax(keys[index]))));
}
