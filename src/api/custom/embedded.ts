import { isDns1035Label } from '../../base/names.ts';
import type { KubeObject } from '../../types/objects.ts';
import { pathSegmentName, validateObjectMeta } from '../kinds/shared/object-meta.ts';
import { type FieldError, invalid, required } from '../machinery/field-errors.ts';
import { isObject, type JsonObject } from '../machinery/patch/json-value.ts';
import { EMBEDDED, propertiesOf, schemaAt } from './schema.ts';

/** What is wrong with the types and metadata of objects within an object (schemaobjectmeta.Validate). */
export function embeddedErrors(schema: JsonObject | undefined, value: unknown, path = ''): FieldError[] {
  if (!schema) return [];
  if (Array.isArray(value)) {
    const items = schemaAt(schema, 'items');
    return value.flatMap((one, index) => embeddedErrors(items, one, `${path}[${index}]`));
  }
  if (!isObject(value)) return [];
  const properties = new Map(propertiesOf(schema));
  const additional = schema.additionalProperties;
  return [
    ...(schema[EMBEDDED] === true ? resourceErrors(value, path) : []),
    ...Object.entries(value).flatMap(([key, one]) => {
      const property = properties.get(key);
      if (property) return embeddedErrors(property, one, path ? `${path}.${key}` : key);
      return isObject(additional) ? embeddedErrors(additional, one, `${path}[${key}]`) : [];
    }),
  ];
}

function textErrors(object: JsonObject, key: string, path: string, check: (text: string) => string[]): FieldError[] {
  const at = `${path}.${key}`;
  const value = object[key];
  if (value === undefined) return [required(at, 'must not be empty')];
  if (typeof value !== 'string') return [invalid(at, value, 'must be a string')];
  if (value === '') return [invalid(at, value, 'must not be empty')];
  const wrong = check(value);
  return wrong.length > 0 ? [invalid(at, value, wrong.join(','))] : [];
}

const versionErrors = (text: string): string[] =>
  text.split('/').length > 2 ? [`unexpected GroupVersion string: ${text}`] : [];

function kindErrors(kind: string): string[] {
  const wrong = isDns1035Label(kind.toLowerCase());
  return wrong.length > 0 ? [`may have mixed case, but should otherwise match: ${wrong.join(',')}`] : [];
}

function resourceErrors(object: JsonObject, path: string): FieldError[] {
  const { metadata } = object;
  const meta = isObject(metadata) ? ({ name: 'fakename', ...metadata } as KubeObject['metadata']) : undefined;
  return [
    ...textErrors(object, 'apiVersion', path, versionErrors),
    ...textErrors(object, 'kind', path, kindErrors),
    ...(meta
      ? validateObjectMeta(meta, Boolean(meta.namespace), pathSegmentName).map((error) => ({
          ...error,
          field: `${path}.${error.field}`,
        }))
      : []),
  ];
}
