import { goSyntax } from '../../base/go-quote.ts';
import { type FieldError, invalid } from '../machinery/field-errors.ts';
import { GoSyntax } from '../machinery/invalid.ts';
import { isObject, type JsonObject } from '../machinery/patch/json-value.ts';
import { embeddedErrors } from './embedded.ts';
import { judgeRules } from './rules.ts';
import { propertiesOf, schemaAt } from './schema.ts';
import { prune } from './structural.ts';
import { validateSchema } from './validate-schema.ts';

/** What is wrong with the defaults of a structural schema: they must be what the schema itself allows. */
export function defaultErrors(schema: JsonObject, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const value = schema.default;
  const at = `${path}.default`;
  if (value !== undefined && value !== null) {
    const unknown: string[] = [];
    prune(schema, value, unknown, 'x');
    if (unknown.length > 0) {
      const shown = isObject(value) || Array.isArray(value) ? new GoSyntax(goSyntax(value)) : value;
      errors.push(invalid(at, shown, 'must not have unknown fields'));
    }
    const embedded = embeddedErrors(schema, value, at);
    const wrong = embedded.length > 0 ? embedded : validateSchema(schema, value, '').map((error) => within(error, at));
    errors.push(...wrong);
    if (wrong.length === 0) errors.push(...judgeRules(schema, value).errors.map((error) => within(error, at)));
  }
  const items = schemaAt(schema, 'items');
  if (items) errors.push(...defaultErrors(items, `${path}.items`));
  for (const [name, property] of propertiesOf(schema))
    errors.push(...defaultErrors(property, `${path}.properties[${name}]`));
  return errors;
}

/** An error of a value that stands below `path`. */
const within = (error: FieldError, path: string): FieldError => {
  const { field } = error;
  const below = field === '' || field === '<nil>' ? path : field.startsWith('[') ? path + field : `${path}.${field}`;
  return { ...error, field: below };
};
